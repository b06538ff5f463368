#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The library's benchmark works and prints JSON; of its figures only what could not be by chance.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

if ! unshare --net true 2>/dev/null || ! unshare --user --map-root-user --net true 2>/dev/null; then
	tap_skip "tests/bench/native" "no network namespaces here"
	exit 0
fi
lines=$(tests/bench/native --quick 10 20000) || tap_note "tests/bench/native ended with status $?"
tap_note "$lines"
once="list netdevs, generated,lookup by QPN,lookup by address,resolve"
tap_equal "each line is a figure" "$once,$once,first use" \
	"$(jq -r 'select((.value | type) == "number" and .netdevs >= 10) | .bench' <<<"$lines" | paste -sd ,)"
tap_equal "the resolution is one" "delivered delivered" "$(jq -r '.route // empty' <<<"$lines" | paste -sd ' ')"
# A search of all of them would take longer by three orders of magnitude.
tap_equal "a lookup among 20,000 netdevs is not a search" "yes yes" \
	"$(jq -r 'select(.bench | startswith("lookup")) | select(.netdevs == 20000) | if .value < 20000 then "yes" else .value end' <<<"$lines" | paste -sd ' ')"
tap_end
