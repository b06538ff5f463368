#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Two namespaces have children of one IPoIB net_dev and the same address, by mistake or intent. A
# request gets to the one whose QPN the client's neighbour entry has. If it has no QPN, policy
# decides.
. "$(dirname "$0")/lib.sh"

need ip sysctl modprobe rdma rping timeout
need_settings
need_netdevs
find_ports
before=$(sysctl -n net.rdma_cm.policy)
send_qpn=$(sysctl -n net.rdma_cm.send_qpn)
heed_qpn=$(sysctl -n net.rdma_cm.heed_qpn)
scratch=$(mktemp -d)
trap 'clean_up; rm -r "$scratch"
	sysctl -qw net.rdma_cm.{policy=$before,send_qpn=$send_qpn,heed_qpn=$heed_qpn}' EXIT
sysctl -qw net.rdma_cm.policy=0 net.rdma_cm.send_qpn=1 net.rdma_cm.heed_qpn=1
namespace cm_one "$server_port" 192.0.2.1/24
namespace cm_two "$server_port" 192.0.2.1/24
namespace cm_client "$client_port" 192.0.2.9/24
for name in cm_one cm_two cm_client; do
	wait_for 60 has_carrier "$name" || skip_all "$name has no carrier"
done

lladdr() # NAMESPACE
{
	ip -n "$1" -o link show dev "$1" | sed -n 's#.*link/infiniband \([0-9a-f:]*\).*#\1#p'
}

aim_at() # NAMESPACE; no answer of the other one changes the entry
{
	ip -n cm_client neigh replace 192.0.2.1 lladdr "$(lladdr "$1")" dev cm_client nud permanent
}

serve() # NAMESPACE
{
	ip netns exec "$1" rping -s -a 192.0.2.1 -C 1 -v >"$scratch/$1" 2>&1 &
}

served() # NAMESPACE
{
	grep -q 'ping data' "$scratch/$1"
}

# Both serve when both listen.
start_servers()
{
	serve cm_one
	serve cm_two
	wait_for 60 both_listen
}

both_listen()
{
	(($(ip netns exec cm_one rdma resource show cm_id | grep -c 'LISTEN.*comm rping') >= 2))
}

end_servers()
{
	{ ip netns pids cm_one; ip netns pids cm_two; } | xargs -r kill
	wait
}

gets_to() # NAMESPACE OTHER
{
	aim_at "$1"
	start_servers
	timeout 60 ip netns exec cm_client rping -c -a 192.0.2.1 -C 1 >/dev/null 2>&1
	wait_for 10 served "$1"
	end_servers
	served "$1" && ! served "$2"
}

connects()
{
	local status=0
	start_servers
	timeout 60 ip netns exec cm_client rping -c -a 192.0.2.1 -C 1 >/dev/null 2>&1 || status=$?
	end_servers
	return "$status"
}

is_refused()
{
	! connects && ! served cm_one && ! served cm_two
}

# The QPN is in the second to fourth byte of the hardware address.
lists_itself() # NAMESPACE
{
	local device=(/sys/class/net/"$server_port"/device/infiniband/*) address
	address=$(lladdr "$1")
	address=${address//:/}
	[[ $(ip netns exec "$1" "$netdevs" "$(device_index "${device##*/}")" \
		$(($(<"/sys/class/net/$server_port/dev_port") + 1))) == \
		"$(ip netns exec "$1" cat "/sys/class/net/$1/ifindex") $1 ${address:2:6} ffff" ]]
}

plan 10
check "of a port's net_devs, a namespace is told of its own" lists_itself cm_one
check "and so is the other one" lists_itself cm_two
check "a request gets to the namespace that it aims at" gets_to cm_one cm_two
check "and to the other one likewise" gets_to cm_two cm_one
ip netns exec cm_client sysctl -qw net.rdma_cm.send_qpn=0
check "without a QPN, policy 0 lets it through" connects
sysctl -qw net.rdma_cm.policy=1
check "and policy 1 refuses it" is_refused
ip netns exec cm_client sysctl -qw net.rdma_cm.send_qpn=1
check "but not with a QPN" connects
sysctl -qw net.rdma_cm.heed_qpn=0
check "unless the receiver ignores QPNs" is_refused
sysctl -qw net.rdma_cm.heed_qpn=1
sysctl -qw net.rdma_cm.send_qpn=0
check "nor if the sender's host sends none" is_refused
sysctl -qw net.rdma_cm.send_qpn=1
check "and otherwise it gets through again" connects
finish
