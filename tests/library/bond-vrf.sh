#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns with a bond and a VRF over IPoIB: the bond is the ingress netdev, with its port beside it; a
# listener bound to the bond, to the VRF or to a netdev in it gets what arrived there, and no other.
# Fabric: --hosts 2
# Timeout: 200
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
tap_end
