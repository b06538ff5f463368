#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Each variant of the containment violation (tests/violation/facts.sh) on a stock kernel, with the library at
# the listeners, under verify: what becomes of a stock client's request (level 0) and of one with QPNs
# (level 1).
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/theft.sh
. tests/lib/peers.sh
trap theft_down EXIT
misdelivered="the QPN names no netdev of this namespace"

# Who answered, by the length of its private data.
answered() # DATA
{
	case $1 in
	0102030400*) echo host ;;
	01020300*) echo red ;;
	010200*) echo blue ;;
	*) echo "unknown ($1)" ;;
	esac
}

# How a connection ended: "red, accept, qpn, as aimed" or "REJECTED 28, why".
level_0() # ADDRESS [OPTION...]
{
	local line what status data who options=()
	[[ ${2-} != -u ]] || options=(--port-space udp)
	line=$(topology_exec client "$CMWHO" connect -j "${options[@]}" "$1" 2>&1 | fields what status private_data)
	read -r what status data <<<"${line//|/}"
	if [[ $what != ESTABLISHED ]]; then
		echo "$what $status"
		return
	fi
	who=$(answered "$data")
	echo "$who, $(last "$who${2-}" | fields verdict by)"
}

level_1() # ADDRESS [OPTION...]
{
	local line event status data who
	line=$(ask "${@:2}" "$1")
	read -r event status data <<<"$(fields event status data <<<"$line" | tr -d '|')"
	if [[ $event != ESTABLISHED ]]; then
		echo "$event $status, $(fields refusal <<<"$line")"
		return
	fi
	who=$(answered "$data")
	echo "$who, $(last "$who${2-}" | fields verdict by), $(fields who <<<"$line")"
}

variant() # NAME LEVEL-0 LEVEL-1 ADDRESS [OPTION...]
{
	tap_equal "$1: level 0: $2" "$2" "$(level_0 "${@:4}")"
	tap_equal "$1: level 1: $3" "$3" "$(level_1 "${@:4}")"
}

both() # NETNS LENGTH OPTION...: listeners for connections and datagrams, on every address
{
	serve "$1" "$1" -L "$2" "${@:3}" ::
	serve "$1" "$1-u" -u -L "$2" "${@:3}" ::
}

theft_topology
theft_partitions
ip -6 addr flush dev ib0 scope link
link_local=$(topology_ip red -6 -o addr show dev ib0.red scope link | sed 's/.* inet6 \([^/]*\).*/\1/')

both red 3 -p verify
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null
variant "red alone" "red, accept | address" "red, accept | qpn, as aimed" $red
variant "red alone, SIDR" "red, accept | address" "red, accept | qpn, as aimed" $red -u

topology_address blue ib0.blue $red/24
variant "blue has no listener" "REJECTED 28" "REJECTED 28, none" $red
both blue 2 -p verify
variant "theft" "blue, accept | address" "REJECTED 28, $misdelivered" $red
tap_equal "theft: the client aimed at red" "$(topology_qpn red ib0.red)" "$(topology_neighbour_qpn client $red)"
variant "theft, SIDR" "blue, accept | address" "UNREACHABLE 2, $misdelivered" $red -u
theft_pin ib1.client red ib0.red $red
variant "theft, a permanent neighbour entry" "blue, accept | address" "REJECTED 28, $misdelivered" $red
theft_pin ib1.client blue ib0.blue $red
variant "blue wins the ARP race" "blue, accept | address" "blue, accept | qpn, as aimed" $red
theft_pin ib1.client red ib0.red $red
topology_ip blue link set ib0.blue down
variant "blue's interface is down" "REJECTED 28" "REJECTED 28, none" $red
topology_batch blue "link set ib0.blue up" "addr del $red/24 dev ib0.blue" "addr add $red/32 dev ib0.blue"
variant "blue has it as /32" "REJECTED 28" "REJECTED 28, none" $red
topology_ip blue addr del $red/32 dev ib0.blue
variant "blue is gone" "red, accept | address" "red, accept | qpn, as aimed" $red

theft_pin ib1.client red ib0.red $red6
variant "IPv6, red alone" "red, accept | address" "red, accept | qpn, as aimed" $red6
topology_address blue ib0.blue $red6/64
variant "IPv6" "blue, accept | address" "REJECTED 28, $misdelivered" $red6
variant "IPv6, SIDR" "blue, accept | address" "UNREACHABLE 2, $misdelivered" $red6 -u
topology_ip blue addr del $red6/64 dev ib0.blue
# Siblings share their EUI-64, so blue has red's link-local address without any ill will.
theft_pin ib1.client red ib0.red "$link_local"
variant "link-local" "blue, accept | address" "REJECTED 28, $misdelivered" "$link_local%ib1.client"
topology_ip blue -6 addr flush dev ib0.blue scope link
variant "link-local, blue has none" "red, accept | address" "red, accept | qpn, as aimed" "$link_local%ib1.client"
tap_equal "link-local: by its scope" "ib0.red | ib0.red" "$(last red | fields netdev handling)"

both host 4 -p verify
topology_address host ib0 $red/24
variant "the host has it on the parent" "host, accept | address" "REJECTED 28, $misdelivered" $red
topology_ip host addr del $red/24 dev ib0
variant "the host no longer has it" "red, accept | address" "red, accept | qpn, as aimed" $red

topology_ip client route add $red/32 dev ib1.8001 src 10.0.1.9
topology_ip client route add 10.77.0.1/32 dev ib1.8001 src 10.0.1.9
theft_pin ib1.8001 red ib0.8001 $red
theft_pin ib1.8001 red ib0.8001 10.77.0.1
variant "through another P_Key" "red, accept | gid" "red, accept | qpn, as aimed" $red
tap_equal "through another P_Key: the ingress is told from the handling netdev" "ib0.8001 | ib0.red" \
	"$(last red | fields netdev handling)"
variant "an address that nobody has" "REJECTED 28" "REJECTED 28, a packet would not be delivered" 10.77.0.1
topology_silence
serve red red -p strict ::
tap_equal "through another P_Key, strict: level 1: refused" "REJECTED 28, the address is on another netdev" "$(level_1 $red)"
topology_silence
topology_ip client route del $red/32 dev ib1.8001
tap_end
