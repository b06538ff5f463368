# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# An unmodified program with the preload library and without, in turn.

bench_preload()
{
	local preload=${RDMA_NS_BUILD:-$PWD/build}/lib/rdma-ns/librdma-ns-preload.so
	local count=$((quick ? 20 : 200)) rounds=$((quick ? 1 : 7)) round way
	local -A best=([without]=0 [with]=0)
	[[ -r $preload ]] || die "$preload is missing: cmake -B build && cmake --build build"
	fabric
	topology_container red ib0
	topology_container client ib1
	topology_ready
	topology_address red ib0.red 10.3.0.5/24
	topology_address client ib1.client 10.3.0.9/24
	topology_exec client busybox ping -c 1 -w 5 10.3.0.5 >/dev/null || die "10.3.0.5 does not answer a ping"
	for ((round = 0; round < rounds; round++)); do
		for way in without with; do
			cmtime_under=()
			[[ $way == without ]] || cmtime_under=(env LD_PRELOAD="$preload")
			cmtime_run red 10.3.0.5 client 10.3.0.9 "$count"
			is_figure "connections $way preload" "$cmtime_rate" || break 2
			best[$way]=$(larger "$cmtime_rate" "${best[$way]}")
		done
	done
	cmtime_under=()
	topology_down
	! is_figure "connections with preload, and without" "${best[@]}" ||
		jq -cn --argjson with "${best[with]}" --argjson without "${best[without]}" \
			'{bench: "RDMA CM connections with preload", unit: "1/s", preload: $with, without: $without,
			  ratio: ($with / $without * 1000 | round / 1000)}'
}
