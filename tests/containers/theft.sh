#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What the hook cannot prevent: an OCI container takes another one's address after its start. On the stock kernel it gets
# the other one's connections, on the extended one none.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/oci.sh
trap 'set +e; down; kernel/load stock' EXIT

down()
{
	oci_down
	topology_down
}

# IPoIB looks at children in the order of their creation: the thief's is the older one.
up()
{
	oci_up
	topology_container client ib1
	topology_ready
	topology_address client ib1.client 10.0.0.9/24
	oci_bundle blue '{ "org.rdma-ns.network.red": "10.0.0.6" }' sleep 600
	oci_bundle red '{ "org.rdma-ns.network.red": "10.0.0.5" }' "$CMWHO" listen --name red --bind 10.0.0.5
	oci_run blue
	oci_run red
	until_listening 1
}

listening() { rdma resource show cm_id | grep -c "state LISTEN.* src-addr 10.0.0.5:"; }
until_listening() # COUNT
{
	local i
	for ((i = 0; i < topology_patience && $(listening) != $1; i++)); do
		topology_nap
	done
}

answered() { ip netns exec client "$CMWHO" connect --repeat 3 10.0.0.5 | sed -n 's/^summary: //p' | paste -sd,; }

tenant() { oci_call exec blue "$@" >/dev/null 2>&1 </dev/null; } # COMMAND...
steal()
{
	oci_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
	oci_exec blue ip addr add 10.0.0.5/24 dev ib0
	tenant sh -c "exec $CMWHO listen --name blue --bind 10.0.0.5 &"
	until_listening 2
}

up
tap_within 20 "the client reaches red" ip netns exec client "$CMWHO" connect 10.0.0.5
steal
tap_equal "stock kernel: blue takes red's address after its start, and gets red's connections" "3 of 3 answered by blue" "$(answered)"
# IPoIB's netdevs go with its module.
down
kernel/load extended
up
tap_within 20 "extended kernel: the client reaches red" ip netns exec client "$CMWHO" connect 10.0.0.5
steal
tap_equal "whatever blue takes, red has its connections" "3 of 3 answered by red" "$(answered)"
oci_end blue
oci_end red
tap_equal "when they have ended, nothing is left" "" "$(oci_left)"
tap_end
