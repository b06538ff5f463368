# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after topology.sh by tests over RDMA devices that are no InfiniBand.
#
#   links_siw     the namespaces a (10.2.0.1) and b (10.2.0.2), between them software iWARP: siw_a on va, siw_b on vb
#   links_rxe     the host's v0 (10.1.0.1) and v1 (10.1.0.2) with software RoCE: rxe0 and rxe1
#   links_rxe_vlan  the host's v0 (192.168.0.1) and its VLAN 7, v0.7 (192.168.7.1), with software RoCE: rxe0
#   links_down    and remove what there is of it

links_siw()
{
	local netns
	modprobe -a siw rdma_ucm ib_uverbs
	ip netns add a
	ip netns add b
	# siw finds wildcard listeners by ifindex, in the listener's namespace: they must differ.
	ip -n a link add va index 100 type veth peer name vb index 200 netns b
	topology_batch a "addr add 10.2.0.1/24 dev va" "link set lo up" "link set va up"
	topology_batch b "addr add 10.2.0.2/24 dev vb" "link set lo up" "link set vb up"
	for netns in a b; do
		topology_exec $netns rdma link add siw_$netns type siw netdev v$netns
	done
	topology_exec b ping -c 1 -W "$(tap_slow 5)" 10.2.0.1 >/dev/null
}

links_rxe()
{
	local i
	modprobe -a rdma_rxe rdma_ucm ib_uverbs
	ip link add v0 type veth peer name v1
	sysctl -qw net.ipv4.conf.all.accept_local=1
	for i in 0 1; do
		topology_batch host "link set v$i up" "addr add 10.1.0.$((i + 1))/24 dev v$i"
		links_loose v$i
		rdma link add rxe$i type rxe netdev v$i
	done
}

links_rxe_vlan()
{
	modprobe -a rdma_rxe 8021q
	topology_batch host "link add v0 type veth peer name v1" "link set v0 up" "link set v1 up" \
		"addr add 192.168.0.1/24 dev v0" "link add link v0 name v0.7 type vlan id 7" "link set v0.7 up" \
		"addr add 192.168.7.1/24 dev v0.7"
	rdma link add rxe0 type rxe netdev v0
}

# Both ends are this host's: packets from an own address must be accepted.
links_loose() # NETDEV
{
	sysctl -qw "net.ipv4.conf.${1/./\/}.accept_local=1" "net.ipv4.conf.${1/./\/}.rp_filter=0"
}

links_down()
{
	local name
	for name in rxe0 rxe1 rxe_a rxe_b siw0 siw_a siw_b; do
		rdma link del $name 2>/dev/null || true
	done
	ip link del v0 2>/dev/null || true
	sysctl -qw net.ipv4.conf.all.accept_local=0
	for name in a b; do
		ip netns del $name 2>/dev/null || true
	done
}
