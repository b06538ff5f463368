#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Another fabric: four hosts of two ports, MTU 2048.
# Fabric: --hosts 4 --ports 2 --mtu 2048
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh
trap topology_down EXIT
bin=${RDMA_NS_BUILD:-build}/bin

active=$(grep -l ACTIVE /sys/class/infiniband/sib*/ports/*/state | wc -l)
tap_equal "ports that are ACTIVE" 8 "$active"
lids=$(cat /sys/class/infiniband/sib*/ports/*/lid | sort -u | wc -l)
tap_equal "LIDs that differ" 8 "$lids"
tap_match "ibnetdiscover finds a switch of 8 ports" 'Switch.8 ' "$(ibnetdiscover)"
tap_equal "and eight links from it" 8 "$(iblinkinfo -S "$(smpquery -D nodeinfo 0,1 | sed -n 's/^Guid:\.*//p')" | grep -c 'Active/ *LinkUp')"
tap_match "the MTU is 2048" 'active_mtu:[[:space:]]*2048' "$(ibv_devinfo -d sib3 -i 2)"

# The whole table between ports of several kinds.
verbs() # FROM TO
{
	local results
	results=$("$bin/verbs-transfer" --from "$1" --to "$2" 'RC (send|write|read), (MTU|64)|UC send, MTU|atomics$') || true
	tap_result "$(grep -c '^not ok' <<<"$results")" "verbs from $1 to $2 ($(grep -c '^ok' <<<"$results") cases)"
	! grep -q '^not ok' <<<"$results" || tap_note "$results"
}

verbs sib0:1 sib3:2
verbs sib3:2 sib1:1
verbs sib0:1 sib0:2
verbs sib2:2 sib2:1
tap_run "UD from sib3:2 to sib0:2" "$bin/verbs-datagram" --from sib3:2 --to sib0:2 'MTU|GRH|Q_Key'

i=1
for netdev in ib0 ib3 ib4 ib7; do
	topology_container "n$i" "$netdev"
	i=$((i + 1))
done
topology_ready
for i in 1 2 3 4; do
	netdev=$(topology_ip "n$i" -o link show type ipoib | sed 's/^[0-9]*: \([^:@]*\).*/\1/')
	topology_address "n$i" "$netdev" "10.0.0.$i/24"
done
tap_equal "IPoIB's MTU" 2044 "$(ip netns exec n1 cat /sys/class/net/ib0.n1/mtu)"
for i in 2 3 4; do
	tap_run "ping from the first to namespace $i" ip netns exec n1 ping -c 2 -i 0.2 -W 5 -M "do" -s 2016 "10.0.0.$i"
done
programs_pair "rping from the last to the first" n1 "rping -s -a 10.0.0.1 -C 5 -V" n4 "rping -c -a 10.0.0.1 -C 5 -V"
programs_pair "rping between two ports of a host" n2 "rping -s -a 10.0.0.2 -C 5 -V" n3 "rping -c -a 10.0.0.2 -C 5 -V"
tap_end
