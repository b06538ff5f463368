#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The benchmark works and prints JSON. Its figures are not judged here.
# Fabric: none
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh

lines=$(tests/bench/run --quick --size 4096 write cm preload) || tap_note "tests/bench/run ended with status $?"
tap_note "$lines"
tap_equal "each line is an object with a ratio of the two figures" \
	"write latency,write bandwidth,RDMA CM connections,RDMA CM connections with preload" \
	"$(jq -r 'select((.sib > 0 and .rxe > 0 or .preload > 0 and .without > 0) and .ratio > 0 and (.unit | type) == "string") | .bench' <<<"$lines" | paste -sd ,)"
lines=$(tests/bench/run --quick refusals) || tap_note "tests/bench/run ended with status $?"
tap_note "$lines"
tap_equal "the times of refusals: each two kinds are compared" "5 medians, 10 pairs" \
	"$(jq -r 'select(.bench == "refusal times") | "\(.medians | map(select(. > 0)) | length) medians, \([.longer[] |
		select([.one, .means, .medians] | all(. >= 0 and . <= 1))] | length) pairs"' <<<"$lines")"
tap_end
