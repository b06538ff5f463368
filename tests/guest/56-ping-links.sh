#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns ping and listen over siw (iWARP) and rxe (RoCE).
# Fabric: none
# Timeout: 180
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns

cleanup()
{
	local name
	topology_down
	for name in rxe0 rxe1 siw_a siw_b; do
		rdma link del $name 2>/dev/null || true
	done
	ip link del veth0 2>/dev/null || true
	ip netns del a 2>/dev/null || true
	ip netns del b 2>/dev/null || true
}
trap cleanup EXIT

# Not with --netns, since siw opens its sockets in the namespace of whoever listens.
listener_start() # NETNS OPTION...
{
	topology_silence
	topology_start "$1" listener "$RDMA_NS" listen "${@:2}"
}

pings() # NAME INGRESS NETNS OPTION...
{
	local output status=0
	output=$(topology_exec "$3" "$RDMA_NS" ping -c 3 -i 0 -W 45 "${@:4}" 2>&1) || status=$?
	tap_match "$1" "^0: .*listener's side: accept under [a-z]+; ingress $2; .*3 sent, 3 answered, 0 lost, 0 corrupted" \
		"$status: $output"
}

modprobe -a siw rdma_rxe rdma_ucm ib_uverbs
ip netns add a
ip netns add b
# siw finds wildcard listeners by ifindex, in the listener's namespace: they must differ.
ip -n a link add va index 100 type veth peer name vb index 200 netns b
ip -n a addr add 10.2.0.1/24 dev va
ip -n b addr add 10.2.0.2/24 dev vb
for netns in a b; do
	topology_batch $netns "link set lo up" "link set v$netns up"
	topology_exec $netns rdma link add siw_$netns type siw netdev v$netns
done
topology_exec b ping -c 1 -W 5 10.2.0.1 >/dev/null
listener_start a --policy strict 10.2.0.1
pings "siw, strict" "va on siw_a port 1 by tcp" b --policy strict -s 64K 10.2.0.1
topology_silence
tap_match "siw: the listener's sums" "1 requests, 0 refused by policy, 0 rejected; 3 messages, 0 corrupted" "$(<"$(topology_log listener)")"
status=0
output=$(ip netns exec b "$RDMA_NS" ping --udp -W 5 10.2.0.1 2>&1) || status=$?
tap_match "siw has no datagrams" "^1: rdma-ns: ping: 10.2.0.1:7471: " "$status: $output"

ip link add veth0 type veth peer name veth1
for i in 0 1; do
	# Both ends are this host's: packets from an own address must be accepted.
	sysctl -qw "net.ipv4.conf.veth$i.accept_local=1" "net.ipv4.conf.veth$i.rp_filter=0"
	topology_batch host "link set veth$i up" "addr add 10.1.0.$((i + 1))/24 dev veth$i"
	rdma link add rxe$i type rxe netdev veth$i
done
sysctl -qw net.ipv4.conf.all.accept_local=1
listener_start host 10.1.0.1
pings "rxe" "veth0 on rxe0 port 1 by gid" host -s 1M 10.1.0.1
listener_start host --udp 10.1.0.1
pings "rxe, datagrams" "veth0 on rxe0 port 1 by gid" host --udp 10.1.0.1
tap_end
