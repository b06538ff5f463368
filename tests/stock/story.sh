#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What ./demo.sh tells, and that it can tell when it is not so.
# Fabric: --hosts 2
# Kernels: all
set -euo pipefail
. tests/lib/tap.sh

status=0
output=$(tests/violation/story.sh 2>&1) || status=$?
tap_equal "the story goes as told" 0 "$status"
((!status)) || tap_note "$output"
tap_equal "and fits into 100 columns" "" "$(awk 'length > 100' <<<"$output")"
tap_equal "it leaves no namespace behind" "" "$(ip netns)"
tap_equal "nor the extended rdma_cm" no "$([[ -e /sys/module/rdma_cm/parameters/send_qpn ]] && echo yes || echo no)"

# With red's child the older one there is no theft.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/violation"
ln -s "$PWD/tests/lib" "$scratch/lib"
sed 's/^\ttopology_container blue ib0$/\ttopology_container red ib0/; t; s/^\ttopology_container red ib0$/\ttopology_container blue ib0/' \
	tests/violation/story.sh >"$scratch/violation/story.sh"
status=0
output=$(RDMA_NS_BUILD=${RDMA_NS_BUILD:-$PWD/build} bash "$scratch/violation/story.sh" 2>&1) || status=$?
tap_equal "a story that differs ends with status 1" 1 "$status"
tap_match "and says what differed" "answered by: expected '10 blue', saw '10 red'" "$output"
tap_end
