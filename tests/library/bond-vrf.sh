#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns with a bond and a VRF over IPoIB: the bond is the ingress netdev, with its port beside it; what aims at a
# backup port is not delivered, as in IP; a listener bound to the bond, to the VRF or to a netdev in it gets what
# arrived there, and no other; an id bound to the VRF connects from an address of a netdev in it.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/peers.sh
trap 'topology_down; rmmod bonding 2>/dev/null || true' EXIT

declare -A index
indexes() # NETNS NETDEV...
{
	local number name
	while IFS=': @' read -r number name _; do
		index[$name]=$number
	done < <(topology_ip "$1" -o link show)
}

outcome() # OPTION... ADDRESS
{
	ask "$@" | fields event refusal
}

topology_container bonded ib0
topology_container routed ib0
topology_container client ib1
topology_vrf routed ib0.routed
topology_batch routed "addr add 10.0.0.6/24 dev ib0.routed" "addr add fd00::6/64 dev ib0.routed nodad"
topology_ready
topology_bond bonded ib0.bonded miimon 100
topology_batch bonded "addr add 10.0.0.5/24 dev bd" "addr add fd00::5/64 dev bd nodad"
topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad"
for address in 10.0.0.5 10.0.0.6 fd00::5 fd00::6; do
	topology_exec client busybox ping -c 1 -w 10 $address >/dev/null || topology_die "$address does not answer"
done
indexes bonded
indexes routed

serve bonded bond -p strict ::
for address in 10.0.0.5 fd00::5; do
	tap_equal "bond, strict, $address: the ingress is the bond, beside its port" \
		"ESTABLISHED | as aimed | bd | ${index[bd]} | ${index[ib0.bonded]} | bd | qpn | 1 | delivered | accept" \
		"$(ask -p strict $address | fields event who) | $(last bond |
			fields netdev ifindex aggregated handling by candidates route verdict)"
done
tap_equal "bond, strict: a stock client is refused" "failed | 28" \
	"$(topology_exec client "$CMWHO" connect -j 10.0.0.5 | fields event status)"
topology_silence
# Nor does TCP with SO_BINDTODEVICE give a bond's port what arrived on the bond.
for netdev in bd ib0.bonded; do
	serve bonded bond -I "${index[$netdev]}" ::
	expected="ESTABLISHED | none"
	[[ $netdev == bd ]] || expected="REJECTED | the listener is bound to another netdev"
	tap_equal "bond: a listener bound to $netdev: ${expected%% *}" "$expected" "$(outcome 10.0.0.5)"
	topology_silence
done

# A client whose neighbour entry names one of the bond's ports, the active one or not. The stock kernel accepts both.
topology_child bonded ib0 ib0.backup 0xffff
topology_batch bonded "link set ib0.backup down" "link set ib0.backup master bd"
topology_ready
indexes bonded
declare -A lladdr
for netdev in ib0.bonded ib0.backup; do
	lladdr[$netdev]=$(topology_lladdr bonded $netdev)
done
aim() # NETDEV
{
	topology_batch client "neigh replace 10.0.0.5 lladdr ${lladdr[$1]} dev ib1.client nud permanent"
	aimed=${index[$1]}
}
activate() { topology_batch bonded "link set bd type bond active_slave $1"; } # NETDEV
answers() { topology_exec client busybox ping -c 1 -w 3 10.0.0.5 >/dev/null 2>&1; }
refused() # NAME
{
	tap_fail "$1: IP drops" answers
	serve bonded bond -p verify 10.0.0.5
	tap_equal "$1: verify refuses" "REJECTED | a packet would not be delivered" "$(outcome 10.0.0.5)"
	topology_silence
	tap_equal "$1: the program does not see the request" "0 | 0 | 1" "$(statistics bond)"
	serve bonded bond 10.0.0.5
	tap_equal "$1: report flags" "ESTABLISHED | none | bd | $aimed | qpn | 1 | backup port of a bond | accept, flagged" \
		"$(outcome 10.0.0.5) | $(last bond | fields netdev aggregated by candidates route verdict)"
	topology_silence
}
accepted() # NAME
{
	tap_run "$1: IP delivers" answers
	serve bonded bond -p strict 10.0.0.5
	tap_equal "$1: strict accepts" "ESTABLISHED | none | bd | $aimed | qpn | 1 | delivered | accept" \
		"$(outcome 10.0.0.5) | $(last bond | fields netdev aggregated by candidates route verdict)"
	topology_silence
}
activate ib0.bonded
aim ib0.backup
refused "a backup port"
# A listener on the address would be told that the bond has another port now.
serve bonded bond -p verify ::
activate ib0.backup
tap_equal "a backup port that becomes active while a listener is there" "ESTABLISHED | none | bd | delivered | accept" \
	"$(outcome 10.0.0.5) | $(last bond | fields netdev route verdict)"
topology_silence
accepted "the same port, active now"
aim ib0.bonded
refused "the one that was active"
topology_batch bonded "link set bd type bond all_slaves_active 1"
accepted "a backup port, with all_slaves_active"

serve routed vrf -p strict ::
for address in 10.0.0.6 fd00::6; do
	tap_equal "VRF, strict, $address: the ingress is the netdev, its VRF named" \
		"ESTABLISHED | as aimed | ib0.routed | ${index[ib0.routed]} | ${index[vr]} | ib0.routed | qpn | 1 | delivered | accept" \
		"$(ask -p strict $address | fields event who) | $(last vrf |
			fields netdev ifindex vrf handling by candidates route verdict)"
done
topology_silence
for netdev in vr ib0.routed lo; do
	serve routed vrf -I "${index[$netdev]}" ::
	expected="ESTABLISHED | none"
	[[ $netdev != lo ]] || expected="REJECTED | the listener is bound to another netdev"
	tap_equal "VRF: a listener bound to $netdev: ${expected%% *}" "$expected" "$(outcome fd00::6)"
	topology_silence
done

serve client client -p strict ::
peers_client=routed
link_local=$(topology_ip client -6 -o addr show dev ib1.client scope link | sed -E 's/.* inet6 ([^/]*).*/\1/')
for address in 10.0.0.9 fd00::9 "$link_local%ib0.routed"; do
	tap_equal "VRF: a client bound to it, to ${address#"$link_local"}" "ESTABLISHED | as aimed | accept" \
		"$(ask -I vr -p strict "$address" | fields event who) | $(last client | fields verdict)"
done
for source in 10.0.0.6 fd00::6; do
	tap_equal "VRF: a client bound to it, from $source" "ESTABLISHED | as aimed | accept" \
		"$(ask -I vr -S $source -p strict ${source/6/9} | fields event who) | $(last client | fields verdict)"
done
tap_equal "VRF: a client bound to it, as an endpoint" "ESTABLISHED | as aimed" \
	"$(ask -I vr -e -p strict 10.0.0.9 | fields event who)"
tap_equal "VRF: a client bound to it, from an address of nobody's" "rdma_ns_resolve_addr | -99" \
	"$(ask -I vr -S 10.0.0.7 10.0.0.9 | fields event status)"
tap_equal "VRF: a client bound to another netdev, from an address of the VRF's" "rdma_ns_resolve_addr | -99" \
	"$(ask -I lo -S 10.0.0.6 10.0.0.9 | fields event status)"
tap_end
