#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# IPoIB children come and go: with their namespace while they are used, and 200 of them.
# Fabric: --hosts 2 --rings 16
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
trap topology_down EXIT

qps() { rdma resource show qp | grep -c 'comm \[ib_ipoib\]'; }
namespace_gone() { [[ -z $(lsns -n -t net -o PID | grep -w "$1") ]] && ! kill -0 "$1" 2>/dev/null; }

topology_container peer ib1
topology_ready
topology_address peer ib1.peer 10.0.0.9/24
before=$(qps)

for round in 1 2 3; do
	ip netns add doomed
	ip link add link ib0 name ib0.doomed type ipoib pkey 0xffff
	ip link set ib0.doomed netns doomed
	ip -n doomed link set ib0.doomed up
	ip -n doomed addr add 10.0.0.5/24 dev ib0.doomed
	tap_within 10 "$round: a child works" ip netns exec doomed ping -c 1 -W 1 10.0.0.9
	pids=()
	ip netns exec doomed ping -f -s 2000 10.0.0.9 >/dev/null 2>&1 &
	pids+=($!)
	ip netns exec doomed rping -s -a 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	ip netns exec peer ping -f -s 2000 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	sleep 1
	ip netns exec peer rping -c -a 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	sleep 1
	ip netns del doomed
	for pid in "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	# Where it goes is the kernel's affair, as long as it can be got rid of.
	for ((i = 0; i < 50; i++)); do
		! ip link del ib0.doomed 2>/dev/null || break
		(($(qps) != before)) || break
		sleep 0.1
	done
	tap_equal "$round: deleted in use with its namespace, no QP is left" "$before" "$(qps)"
done

for i in {1..200}; do
	echo "link add link ib0 name many$i type ipoib pkey 0xffff"
done >/tmp/add
sed 's/^link add link ib0 name \([^ ]*\) .*/link set \1 up/' /tmp/add >/tmp/up
sed 's/^link add link ib0 name \([^ ]*\) .*/link del \1/' /tmp/add >/tmp/del
tap_run "200 children are created" ip -batch /tmp/add
tap_run "and brought up" ip -batch /tmp/up
carriers() { (($(ip -o link show type ipoib | grep -c 'many.*LOWER_UP') == 200)); }
tap_within 30 "all have a carrier" carriers
tap_equal "with a QP each" $((before + 200)) "$(qps)"
tap_equal "and QPNs that differ" 200 "$(ip -o link show type ipoib | sed -n 's/.*many.*infiniband ..:\(..:..:..\):.*/\1/p' | sort -u | wc -l)"
tap_run "200 children are deleted" ip -batch /tmp/del
tap_equal "and their QPs" "$before" "$(qps)"
tap_run "the fabric still works" ip netns exec peer ping -c 1 -W 5 -I ib1.peer 10.0.0.9
tap_end
