# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after tap.sh and topology.sh by tests that make many connection requests with cm-flood.
#
#   flood_serve NETNS NAME     answer requests there with NAME, at all addresses; its process is $flood_server
#   flood_topology             the containers red (10.0.0.5) and client
#   flood_aim                  client's neighbour entry for 10.0.0.5 is red's netdev, whatever ARP says
#   flood COUNT [WIDTH]        COUNT requests from client to 10.0.0.5, WIDTH at a time: "9 answered by red"

FLOOD=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cm-flood
flood_address=10.0.0.5
flood_port=7500
flood_server=

flood_serve() # NETNS NAME
{
	topology_start "$1" "flood-$2-$1" "$FLOOD" serve "$2" "$flood_port"
	flood_server=$topology_started
}

flood_aim()
{
	topology_ip client neigh replace "$flood_address" lladdr "$(topology_lladdr red ib0.red)" dev ib1.client nud permanent
}

flood_topology()
{
	topology_container red ib0
	topology_container client ib1
	topology_ready
	topology_address red ib0.red "$flood_address/24"
	topology_address client ib1.client 10.0.0.9/24
	flood_aim
}

flood() # COUNT [WIDTH]
{
	local output
	output=$(ip netns exec client "$FLOOD" connect "$1" "${2:-16}" "$flood_address" "$flood_port" 2>&1) || true
	sort -rn <<<"$output" | paste -sd ,
}

[[ -x $FLOOD ]] || topology_die "$FLOOD is missing: cmake -B build && cmake --build build"
