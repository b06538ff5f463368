#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: tests/violation/facts.sh [FACT]...
#
# What the kernel does with RDMA CM connections to an IP address that more than one IPoIB netdev of a port
# has, or that none has: each variant of the containment violation as an executable fact about the stock
# rdma_cm, and about the extended one if that is loaded. To be run as root in a guest after "vm/fabric up
# --hosts 2". Prints "ok - FACT: ..." or "not ok - FACT: ..."; without FACT, all of them; --list names them.
#
# Exit status: 0 all as expected, 1 not, 2 usage.
set -euo pipefail
directory=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
facts=(sane theft permanent_neighbour arp_race no_listener slash_32 interface_down sidr ipv6_global
	red_older host_parent bound_across_pkeys nobodys_address ipv6_link_local)

usage_error()
{
	echo "facts.sh: $*; see --help" >&2
	exit 2
}

for argument; do
	case $argument in
	-h | --help) sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"; exit 0 ;;
	--list) printf '%s\n' "${facts[@]}"; exit 0 ;;
	-*) usage_error "unknown option '$argument'" ;;
	*) [[ " ${facts[*]} " == *" $argument "* ]] || usage_error "there is no fact '$argument' (--list names them)" ;;
	esac
done
[[ -e /sys/class/infiniband/sib1 ]] || {
	echo "facts.sh: there is no device sib1: 'vm/fabric up --hosts 2' first, in a guest (vm/run)" >&2
	exit 1
}
. "$directory/../lib/tap.sh"
. "$directory/../lib/topology.sh"
. "$directory/../lib/theft.sh"
trap topology_down EXIT

times=3
built=
# The refusal of rdma_cm_ns_wire.h as cmwho prints it: RDMA_USER_CM_NS_REASON_NOT_DELIVERED.
not_delivered='REJECTED status 28 by \xceSR\xca\x01\x0b'
other=()
extended=0
[[ ! -e /sys/module/rdma_cm/parameters/policy && -z ${RDMA_NS_SERIES-} ]] || extended=1

# connect [OPTION]... ADDRESS: how $times attempts ended, as "30 answered by red".
connect()
{
	{ topology_exec client "$CMWHO" connect --repeat "$times" "$@" 2>&1 || true; } |
		sed '/^summary/d; s/^[^ ]*: //' | sort | uniq -c | sed 's/^ *//' | paste -sd ,
}

# What the extended rdma_cm does instead of what the next expect says of the stock one.
instead() # EXPECTED NAME
{
	((!extended)) || other=("$@")
}

expect() # EXPECTED NAME [CONNECT-ARGUMENT]...
{
	local wanted=("${@:1:2}")
	((!${#other[@]})) || wanted=("${other[@]}")
	other=()
	tap_equal "$fact: ${wanted[1]}" "$times ${wanted[0]}" "$(connect "${@:3}")"
}

# The client resolves the address by asking, as any program would.
resolve() # ADDRESS
{
	topology_ip client neigh flush dev ib1.client
	topology_exec client busybox ping -c 1 -w 5 "$1" >/dev/null ||
		topology_die "$1 does not answer a ping from the client"
}

expect_neighbour() # NAME ADDRESS NETNS NETDEV
{
	tap_equal "$fact: $1" "$(topology_qpn "$3" "$4")" "$(topology_neighbour_qpn client "$2")"
}

silence_arp() { topology_exec "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=8; }

# As after boot: the netdev up with its own addresses and no neighbours.
reset() # NETNS NETDEV [ADDRESS/N]...
{
	local lines=("link set $2 up" "addr flush dev $2 scope global" "neigh flush nud all dev $2") address
	for address in "${@:3}"; do
		lines+=("addr add $address dev $2$([[ $address != *:* ]] || echo ' nodad')")
	done
	topology_batch "$1" "${lines[@]}"
}

# CONTAINER... in the order of their children's creation, then the client. What stands already is
# used again: IPoIB children take seconds to come and go.
containers()
{
	local netns
	topology_silence
	if [[ $built != "$*" ]]; then
		topology_down
		for netns; do
			topology_container "$netns" ib0
		done
		topology_container client ib1
		topology_ready
		built=$*
	fi
	reset client ib1.client 10.0.0.9/24 fd00::9/64
	reset red ib0.red $red/24 $red6/64
	if [[ " $* " == *" blue "* ]]; then
		reset blue ib0.blue
		topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=0
	fi
}

# Blue has silenced ARP and taken red's address; both listen on it.
rivals() # OLDER YOUNGER PREFIX [OPTION]...
{
	containers "$1" "$2"
	silence_arp blue
	topology_address blue ib0.blue "$red/$3"
	topology_listen red red --bind $red "${@:4}"
	topology_listen blue blue --bind $red "${@:4}"
	resolve $red
}

both() { rivals blue red 24 "$@"; }

fact_sane()
{
	containers blue red
	topology_address blue ib0.blue 10.0.0.6/24
	topology_listen red red --bind $red
	topology_listen blue blue --bind 10.0.0.6
	resolve $red
	expect "answered by red" "red answers for an address that it alone has" $red
	expect "answered by blue" "blue answers for its own" 10.0.0.6
}

fact_theft()
{
	local times=30
	both
	dmesg --clear
	expect_neighbour "the client's neighbour entry holds red's QPN" $red red ib0.red
	instead "answered by red" "red gets every connection, the older intruder none"
	expect "answered by blue" "the older intruder gets every connection" $red
	expect_neighbour "the neighbour entry still holds red's QPN" $red red ib0.red
	if ((extended)); then
		tap_equal "$fact: the kernel has nothing to say" "" "$(dmesg)"
	else
		tap_match "$fact: the kernel says 'duplicate IP address detected'" 'duplicate IP address detected' "$(dmesg)"
	fi
}

fact_permanent_neighbour()
{
	both
	theft_pin ib1.client red ib0.red $red
	instead "answered by red" "a permanent neighbour entry for red: red gets them"
	expect "answered by blue" "a permanent neighbour entry for red does not help" $red
	expect_neighbour "it holds red's QPN" $red red ib0.red
}

fact_arp_race()
{
	local i winner won=0
	both
	topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=0
	for i in 1 2; do
		resolve $red
		winner=blue
		if [[ $(topology_neighbour_qpn client $red) == "$(topology_qpn red ib0.red)" ]]; then
			winner=red
			won=$((won + 1))
		fi
		# A late answer might change the entry between connections.
		theft_pin ib1.client $winner ib0.$winner $red
		instead "answered by $winner" "with ARP answered by both, who won the race gets them (round $i)"
		expect "answered by blue" "with ARP answered by both, blue gets the connections (round $i)" $red
		topology_ip client neigh del $red dev ib1.client
	done
	tap_note "red won the ARP race in $won of 2 rounds"
}

fact_no_listener()
{
	containers blue red
	silence_arp blue
	topology_address blue ib0.blue $red/24
	topology_listen red red --bind $red
	resolve $red
	instead "answered by red" "blue has the address and no listener: red gets them"
	expect "REJECTED status 28" "blue has the address and no listener: red is cut off" $red
}

fact_slash_32()
{
	rivals blue red 32
	instead "answered by red" "blue has it as /32: red gets them"
	expect "REJECTED status 28" "blue has it as /32, so without a route back: rejected" $red
}

fact_interface_down()
{
	both
	topology_ip blue link set ib0.blue down
	instead "answered by red" "blue's interface is down: red gets them"
	expect "REJECTED status 28" "blue's interface is down and still first: rejected" $red
}

fact_red_older()
{
	rivals red blue 24
	expect "answered by red" "red's child is the older: red answers" $red
}

fact_host_parent()
{
	local arp_ignore flags
	containers red
	arp_ignore=$(sysctl -n net.ipv4.conf.all.arp_ignore)
	flags=$(</sys/class/net/ib0/flags)
	silence_arp host
	ip link set ib0 up
	topology_address host ib0 $red/24
	topology_listen red red --bind $red
	topology_listen host host --bind $red
	resolve $red
	instead "answered by red" "the address on the parent, in the host's namespace: red gets them"
	expect "answered by host" "the address on the parent, in the host's namespace: the host gets them" $red
	expect_neighbour "the client's neighbour entry holds red's QPN" $red red ib0.red
	ip addr del $red/24 dev ib0
	((flags & 1)) || ip link set ib0 down
	sysctl -qw net.ipv4.conf.all.arp_ignore="$arp_ignore"
}

fact_sidr()
{
	both --port-space udp
	instead "answered by red" "SIDR (UDP port space): red gets them"
	expect "answered by blue" "SIDR (UDP port space) likewise" --port-space udp $red
	expect_neighbour "the client's neighbour entry holds red's QPN" $red red ib0.red
}

fact_ipv6_global()
{
	containers blue red
	theft_pin ib1.client red ib0.red $red6
	topology_listen red red --bind $red6
	expect "answered by red" "red answers for an IPv6 address that it alone has" $red6
	topology_address blue ib0.blue $red6/64
	topology_listen blue blue --bind $red6
	instead "answered by red" "red gets every connection to an IPv6 address"
	expect "answered by blue" "the older intruder gets every connection to an IPv6 address" $red6
	expect_neighbour "the client's neighbour entry holds red's QPN" $red6 red ib0.red
}

# Red and the client have a second child each, with a P_Key that no one else on the port has.
second_pkey()
{
	if [[ $built != "red 0x8001" ]]; then
		containers red
		topology_child red ib0 ib0.8001 0x8001
		topology_child client ib1 ib1.8001 0x8001
		topology_ready
		built="red 0x8001"
	fi
	topology_silence
	reset red ib0.8001 10.0.1.5/24
	reset client ib1.8001 10.0.1.9/24
}

fact_bound_across_pkeys()
{
	second_pkey
	topology_listen red red --bind $red
	topology_ip client route replace $red/32 dev ib1.8001 src 10.0.1.9
	theft_pin ib1.8001 red ib0.8001 $red
	expect "answered by red" "a listener bound to an address of P_Key 0xffff accepts what came through 0x8001" $red
	tap_match "$fact: it did come through P_Key 0x8001" ' P_Key 0x8001: accepted' \
		"$(tail -n 1 "$(topology_log red)")"
}

fact_nobodys_address()
{
	second_pkey
	topology_listen red red --bind 0.0.0.0
	topology_ip client route replace 10.77.0.1/32 dev ib1.8001 src 10.0.1.9
	theft_pin ib1.8001 red ib0.8001 10.77.0.1
	tap_equal "$fact: no netdev of red's has 10.77.0.1" "" "$(topology_ip red -o addr show to 10.77.0.1)"
	instead "$not_delivered" "an address that nobody there has is refused: not delivered"
	expect "answered by red" "a wildcard listener accepts an address that nobody there has" 10.77.0.1
}

# Siblings share their EUI-64, hence the link-local address: only the two of red's may have it here.
fact_ipv6_link_local()
{
	local address parents
	second_pkey
	parents=$(ip -6 -o addr show dev ib0 scope link | sed 's/.* inet6 \([^ ]*\).*/\1/')
	ip -6 addr flush dev ib0 scope link
	address=$(topology_ip red -6 -o addr show dev ib0.red scope link | sed 's/.* inet6 \([^/]*\).*/\1/')
	tap_match "$fact: red's two netdevs have the same link-local address" "$address/" \
		"$(topology_ip red -6 -o addr show dev ib0.8001 scope link)"
	theft_pin ib1.client red ib0.red "$address"
	theft_pin ib1.8001 red ib0.8001 "$address"
	topology_listen red red --bind "$address%ib0.red"
	expect "answered by red" "a link-local listener accepts what came through its netdev" "$address%ib1.client"
	instead "REJECTED status 8" "and refuses what came through another: nobody listens"
	expect "REJECTED status 28" "and, alone of all, refuses what came through another" "$address%ib1.8001"
	[[ -z $parents ]] || topology_address host ib0 "$parents"
}

(($#)) || set -- "${facts[@]}"
for fact; do
	"fact_$fact"
done
tap_end
