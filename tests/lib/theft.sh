# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after topology.sh by tests in which one container takes another one's address.
#
#   theft_topology      the containers red, which has $red and $red6, blue, whose netdev is the older one and which is
#                       silent to ARP for what it takes, and client, on the other host
#   theft_partitions    a second P_Key for red and client; and the host's netdev is up
#   theft_pin CLIENT-NETDEV NETNS NETDEV ADDRESS...   the client's neighbour entries for these name that netdev
#   theft_down          and remove it all

red=10.0.0.5
red6=fd00::5

theft_topology()
{
	topology_container blue ib0
	topology_container red ib0
	topology_container client ib1
	topology_ready
	topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
	topology_batch red "addr add $red/24 dev ib0.red" "addr add $red6/64 dev ib0.red nodad"
	topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad"
}

theft_partitions()
{
	topology_child red ib0 ib0.8001 0x8001
	topology_child client ib1 ib1.8001 0x8001
	ip link set ib0 up
	topology_ready
	# New namespaces would inherit it.
	sysctl -qw net.ipv4.conf.all.arp_ignore=8
	topology_batch red "addr add 10.0.1.5/24 dev ib0.8001" "addr add fd01::5/64 dev ib0.8001 nodad"
	topology_batch client "addr add 10.0.1.9/24 dev ib1.8001" "addr add fd01::9/64 dev ib1.8001 nodad"
}

theft_pin() # CLIENT-NETDEV NETNS NETDEV ADDRESS...
{
	local lladdr address lines=()
	lladdr=$(topology_lladdr "$2" "$3")
	for address in "${@:4}"; do
		lines+=("neigh replace $address lladdr $lladdr dev $1 nud permanent")
	done
	topology_batch client "${lines[@]}"
}

theft_down()
{
	topology_down
	ip addr flush dev ib0 scope global
	sysctl -qw net.ipv4.conf.all.arp_ignore=0
}
