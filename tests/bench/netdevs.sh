# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# rdma-ns netdevs -A with many namespaces.

bench_netdevs()
{
	local count=$((quick ? 20 : 1000)) i began milliseconds listed
	fabric --rings 16
	for ((i = 1; i <= count; i++)); do echo "netns add many$i"; done >"$scratch/batch"
	ip -batch "$scratch/batch"
	for ((i = 1; i <= count; i++)); do echo "link add link ib0 name many$i netns many$i type ipoib pkey 0xffff"; done >"$scratch/batch"
	ip -batch "$scratch/batch"
	began=${EPOCHREALTIME/./}
	listed=$("${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns" --json netdevs -A | jq '.netdevs | map(select(.netdev | startswith("many"))) | length')
	milliseconds=$(((${EPOCHREALTIME/./} - began) / 1000))
	if ((listed == count)); then
		jq -cn --argjson count "$count" --argjson ms "$milliseconds" \
			'{bench: "rdma-ns netdevs -A", namespaces: $count, unit: "s", seconds: ($ms / 1000)}'
	else
		echo "tests/bench/run: rdma-ns netdevs -A lists $listed netdevs of $count" >&2
		failed=1
	fi
}
