#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The netdevs of a port as the extended ib_uverbs tells them, against rtnetlink's answer field by field, in
# several namespaces; what it says to bad requests; and that the stock one is done without.
# Kernels: (all)
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
bin=${RDMA_NS_BUILD:-$PWD/build}/bin
cleanup()
{
	topology_down
	rdma link del rxe0 2>/dev/null || true
	ip link del v0 2>/dev/null || true
	vm/fabric down
	modprobe -r rdma_rxe siw
	rmmod bonding 2>/dev/null || true
	kernel/load stock --uverbs
	kernel/load stock
}
trap cleanup EXIT

uverbs() # NETNS DEVICE
{
	topology_exec "$1" "$bin/ns-uverbs" "$2" | sort
}

# ip's own words, of the netdevs on this port of sib: with its GUID.
expected() # NETNS DEVICE
{
	local guid
	guid=$(<"/sys/class/infiniband/$2/ports/1/gids/0")
	topology_exec "$1" ip -j -d link show | jq -r --arg device "$2" --arg guid "${guid//:/}" '
		.[] | select(.link_type == "infiniband") | (.address | split(":")) as $bytes |
		select($bytes[4:] | join("") == $guid) |
		"\($device) 1 \(.ifindex) 0x\($bytes[1:4] | join("")) 0x\(.broadcast | split(":")[8:10] | join("")) 0"' | sort
}

# The library's, which reads rtnetlink.
library() # NETNS DEVICE
{
	topology_exec "$1" "$bin/rdma-ns" --json netdevs | jq -r --arg device "$2" '
		.netdevs[] | select(.device == $device) |
		"\(.device) \(.port) \(.ifindex) \(.qpn // "0x000000") \(.p_key // "0x0000") \(.vlan // 0)"' | sort
}

same() # NAME NETNS DEVICE
{
	local answer
	answer=$(uverbs "$2" "$3")
	tap_equal "$1: rtnetlink's" "$(library "$2" "$3")" "$answer"
	[[ $3 != sib* ]] || tap_equal "$1: ip's" "$(expected "$2" "$3")" "$answer"
}

# Stock first: what it answers, and what the library says without it.
vm/fabric up --hosts 2 >/dev/null
tap_match "the stock ib_uverbs has no such method" "Protocol not supported" "$("$bin/ns-uverbs" sib0 2>&1 || true)"
tap_match "the library tells the netdevs without it" "^sib0 1 [0-9]+ 0x[0-9a-f]{6} 0xffff 0$" "$(library host sib0)"
vm/fabric down
kernel/load extended --uverbs
vm/fabric up --hosts 2 >/dev/null
tap_match "the extended one does not guess what the stock ib_ipoib does not tell" "Operation not supported" \
	"$("$bin/ns-uverbs" sib0 2>&1 || true)"
tap_match "and the library does without" "^sib0 1 [0-9]+ 0x[0-9a-f]{6} 0xffff 0$" "$(library host sib0)"
vm/fabric down
vm/fabric up --hosts 2 --extended >/dev/null

topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container blue ib0
topology_container client ib1
topology_container bonded ib0
topology_bond bonded ib0.bonded miimon 100
topology_ready
same "the host's netdev" host sib0
same "two P_Keys in a namespace" red sib0
same "another namespace" blue sib0
tap_equal "the namespace's own alone: 2 in red" 2 "$(uverbs red sib0 | wc -l)"
tap_equal "the namespace's own alone: none of sib1 in red" "" "$(uverbs red sib1)"
same "another device" client sib1
ip -n red link set ib0.8001 netns blue
same "a netdev that has moved" blue sib0
tap_equal "a netdev that has moved is gone from red" 1 "$(uverbs red sib0 | wc -l)"
active() { [[ $(topology_ip bonded -d link show dev bd) == *"active_slave ib0.bonded"* ]]; }
tap_within 10 "the bond has its port" active
same "a bond and its port" bonded sib0
tap_equal "a bond and its port: 2" 2 "$(uverbs bonded sib0 | wc -l)"
for ((i = 0; i < 16; i++)); do
	echo "link add link ib0 name ib0.more$i netns blue type ipoib pkey 0xffff"
done | ip -batch -
same "more of them than usual" blue sib0
topology_exec blue "$bin/ns-uverbs" sib0 --errors || tap_result 1 "ns-uverbs --errors ends with status 0"

ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip link add link v0 name v0.7 type vlan id 7
ip link set v0.7 up
ip addr add 10.3.0.1/24 dev v0
ip addr add 10.4.0.1/24 dev v0.7
modprobe rdma_rxe
rdma link add rxe0 type rxe netdev v0
# The kernel adds the VLAN's GIDs a little after the device.
vlan() { uverbs host rxe0 | grep ' 7$'; }
tap_within 20 "the VLAN's id" vlan
same "RoCE and its VLAN" host rxe0
modprobe siw
ifindex() { cat "/sys/class/net/$1/ifindex"; } # NETDEV
rdma link add siw0 type siw netdev v0
tap_equal "iWARP beside RoCE: the netdev and its VLAN" \
	"$(printf '%s\n' "siw0 1 $(ifindex v0) 0x000000 0x0000 0" "siw0 1 $(ifindex v0.7) 0x000000 0x0000 7" | sort)" \
	"$(uverbs host siw0)"
same "RoCE beside iWARP" host rxe0
rdma link del siw0
rdma link del rxe0
tap_end
