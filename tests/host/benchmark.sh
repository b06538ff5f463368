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
once="list netdevs, generated,lookup by QPN,lookup by address,resolve,connection client,connection server"
once+=",connection, instructions client,connection, instructions server,connection, system calls"
tap_equal "each line is a figure" "$once,$once,first use" \
	"$(jq -r 'select((.value | type) == "number" and .netdevs >= 10) | .bench + (if .side then " " + .side else "" end)' <<<"$lines" | paste -sd ,)"
tap_equal "the resolution is one" "delivered delivered" "$(jq -r '.route // empty' <<<"$lines" | paste -sd ' ')"
# A search of all of them would take longer by three orders of magnitude.
tap_equal "a lookup among 20,000 netdevs is not a search" "yes yes" \
	"$(jq -r 'select(.bench | startswith("lookup")) | select(.netdevs == 20000) | if .value < 20000 then "yes" else .value end' <<<"$lines" | paste -sd ' ')"
# Counted, not timed: what is measured may not depend on what else this machine does.
tap_equal "a connection takes no more instructions among 20,000 netdevs" "client yes,server yes" \
	"$(jq -rs 'map(select(.bench == "connection, instructions")) | group_by(.side)[] | sort_by(.netdevs) |
		"\(.[0].side) \(if .[1].value < .[0].value * 1.1 then "yes" else map(.value) end)"' <<<"$lines" | paste -sd ,)"
# The client asks for the route and the neighbour at once, the server for the route. docs/design.md has the reason for the stat().
tap_equal "a connection is one netlink exchange on each side, and one stat()" "8 calls, 2 exchanges, 1 stat;8 calls, 2 exchanges, 1 stat" \
	"$(jq -r 'select(.bench == "connection, system calls") | "\(.value) calls, \(.netlink_exchanges) exchanges, \(.stat) stat"' <<<"$lines" |
		paste -sd ';')"
tap_end
