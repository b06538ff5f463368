#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns audit -A against a tenant who does what its own namespace allows: an address on a bond's port, on a VRF
# or beside another GUID still takes red's requests and is still a collision.
# Fabric: --hosts 2
# Timeout: 240
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
trap 'topology_down; rmmod bonding 2>/dev/null || true' EXIT

# The status, and who has 10.0.0.5, on which netdev, below which, with what harm: "1: NETNS NETDEV UPPER HARM,..."
found()
{
	local status=0 report
	report=$("$RDMA_NS" --json audit -A 2>/dev/null) || status=$?
	echo "$status: $(jq -r '.audit[] | select(.address == "10.0.0.5") | [.netns, .netdev, .upper // "-", .harm] | join(" ")' \
		<<<"$report" | sort | paste -sd,)"
}

# The netdev loses its addresses when it comes or goes, hence at once before each step.
blue_alone() # NETDEV: without it
{
	topology_batch blue "link del $1" "link set ib0.blue up"
	topology_ip blue addr flush dev ib0.blue scope global
}

# blue's netdev is the older one.
topology_container blue ib0
topology_container red ib0
topology_ready
topology_address red ib0.red 10.0.0.5/24
tap_equal "red alone has the address" "0: " "$(found)"

topology_bond blue ib0.blue
topology_address blue ib0.blue 10.0.0.5/24
tap_equal "on a bond's port" "1: blue ib0.blue - collision,red ib0.red - collision" "$(found)"
topology_ip blue addr del 10.0.0.5/24 dev ib0.blue
tap_equal "the bond and its port without it" "0: " "$(found)"
topology_address blue bd 10.0.0.5/24
tap_equal "on the bond: the row shows the port that the kernel finds" \
	"1: blue ib0.blue bd collision,red ib0.red - collision" "$(found)"
topology_ip blue addr del 10.0.0.5/24 dev bd
topology_vrf blue bd
topology_address blue vr 10.0.0.5/24
tap_equal "on a VRF above the bond" "1: blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
topology_ip blue link del vr
blue_alone bd

topology_vrf blue ib0.blue
topology_address blue vr 10.0.0.5/24
tap_equal "on a VRF" "1: blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
tap_equal "OpenMetrics has the VRF's name" 'netdev="ib0.blue",upper="vr"' \
	"$({ "$RDMA_NS" audit -A --openmetrics || true; } | grep -o 'netdev="ib0.blue",upper="[^"]*"')"
topology_address blue ib0.blue 10.0.0.5/32
tap_equal "on both" "1: blue ib0.blue - collision,blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
blue_alone vr
tap_equal "both are gone" "0: " "$(found)"

own=$(topology_lladdr blue ib0.blue)
topology_take_guid blue ib0.blue "${own:0:48}be:ef:be:ef"
topology_address blue ib0.blue 10.0.0.5/24
tap_equal "beside the GUID of no port: datagram requests carry none" \
	"1: blue ib0.blue - collision,red ib0.red - collision" "$(found)"
topology_address host ib1 10.0.0.5/24
tap_equal "it may be on any port" \
	"1: blue ib0.blue - collision,pid:1 ib1 - collision,red ib0.red - collision" "$(found)"
topology_ip host addr del 10.0.0.5/24 dev ib1
topology_take_guid blue ib0.blue "$own"
topology_ip blue addr flush dev ib0.blue scope global
tap_equal "with its own GUID again, and without the address" "0: " "$(found)"
tap_end
