#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What programs look for at an HCA besides verbs: its parent device, its GUIDs, its statistics.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
debugfs=/sys/kernel/debug/sib
trap 'topology_down' EXIT

parent() { realpath "/sys/class/$1/device"; }
statistic() # NAME
{
	rdma -j statistic show link sib0/1 | jq ".[0].$1"
}

for unit in 0 1; do
	tap_equal "sib$unit has a parent of its own" "/sys/devices/platform/sib.$unit" "$(parent infiniband/sib$unit)"
	tap_equal "and so has ib$unit" "/sys/devices/platform/sib.$unit" "$(parent net/ib$unit)"
	tap_run "where pyverbs looks for it" test -d "/sys/class/infiniband/sib$unit/device/net/ib$unit"
	tap_match "ethtool tells its driver" "bus-info: sib.$unit" "$(ethtool -i ib$unit)"
done

# ib_cm keeps the service IDs that begin with 0x02 to itself, and ib_srpt listens on a GUID.
tap_match "a GUID is locally administered and no service ID of ib_cm's own" '^06' "$(<"/sys/class/infiniband/sib0/node_guid")"
tap_run "ib_srpt loads on its defaults" modprobe ib_srpt
modprobe -r ib_srpt

before=$(statistic sent_pkts)
tap_match "rdma statistic answers" '^[0-9]+$' "$before"
ip addr add 10.0.0.5/24 dev ib0
ip link set ib0 up
topology_container other ib1
topology_ready
topology_address other ib1.other 10.0.0.9/24
tap_within 20 "ping" topology_exec other ping -c 3 -W 1 10.0.0.5
tap_result $(($(statistic sent_pkts) < before + 3)) "what was sent has been counted"
tap_equal "hw_counters says the same" "$(statistic link_downed)" "$(<"/sys/class/infiniband/sib0/ports/1/hw_counters/link_downed")"
echo down >$debugfs/sib0/1/link
echo up >$debugfs/sib0/1/link
sleep 0.1
tap_equal "a link that goes down is counted" 1 "$(statistic link_downed)"
ip addr del 10.0.0.5/24 dev ib0
tap_end
