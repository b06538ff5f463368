#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# iWARP beside sib: rping over siw, between two namespaces.
# Fabric: none
# Kernels: 6.1 6.12 (7.2)
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

cleanup()
{
	rdma link del siw_a 2>/dev/null || true
	rdma link del siw_b 2>/dev/null || true
	ip netns del a 2>/dev/null || true
	ip netns del b 2>/dev/null || true
}
trap cleanup EXIT

modprobe -a siw rdma_ucm
ip netns add a
ip netns add b
# siw binds a wildcard listener to each device's ifindex, in the listener's namespace: they must differ.
ip -n a link add va index 100 type veth peer name vb index 200 netns b
ip -n a addr add 10.2.0.1/24 dev va
ip -n b addr add 10.2.0.2/24 dev vb
for netns in a b; do
	ip -n $netns link set lo up
	ip -n $netns link set v$netns up
	tap_run "siw in namespace $netns" ip netns exec $netns rdma link add siw_$netns type siw netdev v$netns
done
programs_pair "rping" a "rping -s -a 10.2.0.1 -C 10 -V" b "rping -c -a 10.2.0.1 -C 10 -V"
programs_pair "rping, wildcard listener" a "rping -s -a 0.0.0.0 -p 7175 -C 10 -V" b "rping -c -a 10.2.0.1 -p 7175 -C 10 -V"
tap_fail "nobody listens: rping fails" timeout 30 ip netns exec b rping -c -a 10.2.0.1 -C 1
tap_end
