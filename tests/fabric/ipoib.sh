#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# IPoIB in datagram and connected mode, between two namespaces: carrier, ARP, ping, TCP, multicast.
# Kernels: all
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
scratch=$(mktemp -d)
trap 'topology_down; rm -rf -- "$scratch"' EXIT

data=$scratch/data
head -c 3000001 /dev/urandom >"$data"
sum=$(sha256sum <"$data")

# TCP with data that the receiver sums up.
transfer() # FROM TO ADDRESS
{
	local pid answer
	ip netns exec "$2" timeout 60 busybox nc -l -p 5001 -e sha256sum &
	pid=$!
	until grep -q ':1389 .* 0A ' "/proc/$pid/net/tcp" "/proc/$pid/net/tcp6"; do
		kill -0 "$pid" || return 1
		sleep 0.05
	done
	answer=$(ip netns exec "$1" timeout 60 busybox nc "$3" 5001 <"$data") || return 1
	wait "$pid" || return 1
	[[ $answer == "$sum" ]] || {
		echo "the sum was $answer, not $sum"
		return 1
	}
}

mode() # MODE MTU
{
	ip link set ib0 type ipoib mode "$1"
	echo "$1" >/sys/class/net/ib1/mode
	ip -n left link set ib0.left type ipoib mode "$1"
	ip -n right link set ib1.right type ipoib mode "$1"
	ip -n left link set ib0.left mtu "$2"
	ip -n right link set ib1.right mtu "$2"
}

mtu() { topology_exec "$1" cat "/sys/class/net/$2/mtu"; }

topology_container left ib0
topology_container right ib1
topology_ready
topology_address left ib0.left 10.0.0.5/24
topology_address right ib1.right 10.0.0.9/24
topology_address left ib0.left fd00::5/64
topology_address right ib1.right fd00::9/64

tap_equal "datagram: MTU" 4092 "$(mtu left ib0.left)"
tap_run "datagram: ping" topology_exec left ping -c 3 -i 0.2 -W 5 10.0.0.9
tap_equal "datagram: the neighbour entry has the peer's QPN" "$(topology_qpn right ib1.right)" \
	"$(topology_neighbour_qpn left 10.0.0.9)"
tap_run "datagram: ping, a whole MTU, not fragmented" topology_exec left ping -c 3 -i 0.2 -W 5 -M "do" -s 4064 10.0.0.9
tap_run "datagram: ping, fragmented" topology_exec left ping -c 3 -i 0.2 -W 5 -s 30000 10.0.0.9
tap_run "datagram: ping, IPv6" topology_exec left ping -c 3 -i 0.2 -W 5 fd00::9
tap_run "datagram: IPv4 broadcast arrives" bash -c \
	'ip netns exec right sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0 &&
	ip netns exec left ping -b -c 2 -W 5 10.0.0.255'
tap_run "datagram: TCP, 3 MB" transfer left right 10.0.0.9
tap_run "datagram: TCP, the other way" transfer right left 10.0.0.5

mode connected 65520
tap_equal "connected: the parent says so" connected "$(</sys/class/net/ib0/mode)"
tap_equal "connected: MTU" 65520 "$(mtu right ib1.right)"
tap_run "connected: ping" topology_exec left ping -c 3 -i 0.2 -W 5 10.0.0.9
tap_run "connected: ping, 60000 bytes, not fragmented" topology_exec left ping -c 3 -i 0.2 -W 5 -M "do" -s 60000 10.0.0.9
tap_run "connected: TCP, 3 MB" transfer left right 10.0.0.9
tap_run "connected: TCP, the other way" transfer right left 10.0.0.5
mode datagram 4092
tap_run "datagram again: ping" topology_exec left ping -c 3 -i 0.2 -W 5 10.0.0.9

topology_child left ib0 ib0.8001 0x8001
topology_child right ib1 ib1.8001 0x8001
topology_ready
topology_address left ib0.8001 10.0.1.5/24
topology_address right ib1.8001 10.0.1.9/24
tap_run "another P_Key: ping" topology_exec left ping -c 3 -i 0.2 -W 5 10.0.1.9
# The peer is there, on the other P_Key: only its partition keeps it from answering.
topology_ip right addr add 10.0.2.9/24 dev ib1.right
topology_ip left addr add 10.0.2.5/24 dev ib0.8001
tap_fail "from one P_Key to another: no answer" topology_exec left ping -c 1 -W 2 -I ib0.8001 10.0.2.9
tap_end
