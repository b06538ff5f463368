#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns: many threads connect, accept, reject and destroy while netdevs and addresses come and go.
# Fabric: --hosts 2
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
BUILD=${RDMA_NS_BUILD:-$PWD/build}
trap topology_down EXIT

topology_container red ib0
topology_container blue ib0
topology_container client ib1
topology_ready
topology_address red ib0.red 10.0.0.5/24
topology_address client ib1.client 10.0.0.9/24
topology_exec client busybox ping -c 1 -w 5 10.0.0.5 >/dev/null

(
	while :; do
		topology_batch red "link add dummy0 type veth peer name dummy1" "addr add 10.9.0.1/24 dev dummy0" \
			"link set dummy0 name dummy2" "link set dummy2 up" "link del dummy2"
	done
) >/dev/null 2>&1 &
changes=$!
tap_match "8 threads, 200 connections, while netdevs come and go" '^established 1[0-9]+ rejected [0-9]+ failed 0$' \
	"$("$BUILD/bin/ns-churn" red client 10.0.0.5 50 2>&1)"
sanitized() # NAME FOLDER [VARIABLE=VALUE]...
{
	if [[ ! -x $BUILD/$2/bin/ns-churn ]]; then
		tap_skip "the same under $1" "no $BUILD/$2/bin/ns-churn"
		return
	fi
	tap_match "the same under $1" '^established [0-9]+ rejected [0-9]+ failed 0$' \
		"$(env "${@:3}" "$BUILD/$2/bin/ns-churn" red client 10.0.0.5 10 2>&1)"
}
sanitized AddressSanitizer sanitize ASAN_OPTIONS=detect_leaks=0
sanitized ThreadSanitizer threads TSAN_OPTIONS=suppressions=tests/lib/threads.supp
kill "$changes"
wait "$changes" 2>/dev/null || true
tap_end
