#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns over iWARP (siw): the port's netdev is what RDMA netlink tells this namespace.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns

cleanup()
{
	rdma link del siw_a 2>/dev/null || true
	ip netns del a 2>/dev/null || true
}
trap cleanup EXIT

in_a() { ip netns exec a "$@"; }
resolved() { in_a "$RDMA_NS" --json resolve "$@" | jq -r '.resolve[0] | [.netdev, .decided_by, .candidates, .route, .verdict] | join(" ")'; }

modprobe -a siw rdma_ucm 8021q
ip netns add a
ip -n a link add va type veth peer name vb
ip -n a addr add 10.2.0.1/24 dev va
ip -n a link set lo up
ip -n a link set vb up
ip -n a link set va up
ip -n a link add link va name va.8 type vlan id 8
ip -n a link set va.8 up
ip -n a addr add 10.2.8.1/24 dev va.8
in_a rdma link add siw_a type siw netdev va

tap_equal "netdevs: the port's netdev and its VLAN" "iwarp va ,iwarp va.8 8" \
	"$(in_a "$RDMA_NS" --json netdevs siw_a | jq -r '.netdevs[] | [.transport, .netdev, .vlan] | join(" ")' | sort | paste -sd,)"
tap_fail "netdevs: none of them in another namespace" "$RDMA_NS" netdevs siw_a
tap_equal "resolve: by the TCP endpoint" "va tcp 1 delivered accept" "$(resolved 10.2.0.1 from 10.2.0.2 dev siw_a policy strict)"
tap_equal "resolve: VLAN" "va.8 tcp 1 delivered accept" "$(resolved 10.2.8.1 from 10.2.8.2 dev siw_a policy strict)"
ip -n a addr add 10.2.0.1/32 dev va.8
tap_match "resolve: an address of both is ambiguous" "ambiguous 2 .*flagged" "$(resolved 10.2.0.1 from 10.2.0.2 dev siw_a)"
tap_equal "resolve: unless the VLAN is known" "va.8 tcp 1" "$(resolved 10.2.0.1 from 10.2.0.2 dev siw_a vlan 8 | cut -d' ' -f1-3)"
tap_equal "resolve: unresolved in another namespace" "unresolved" \
	"$("$RDMA_NS" --json resolve 10.2.0.1 from 10.2.0.2 dev siw_a | jq -r '.resolve[0].decided_by')"
tap_end
