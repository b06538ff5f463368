#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# pyverbs-tests: unittests of the library, through its Python module and pyverbs, over software
# InfiniBand, RoCE and iWARP.
# Fabric: --hosts 2
# Timeout: 900
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
trap 'topology_down; links_down' EXIT

modprobe 8021q
links_rxe
links_siw
status=0
pyverbs-tests/run || status=$?
ip netns exec a pyverbs-tests/run --dev siw_a || status=$?
tap_equal "pyverbs-tests/run ends with status 0" 0 "$status"
tap_equal "it leaves no namespace behind" "a b" \
	"$(ip -o netns list | sed 's/ .*//' | sort | paste -sd' ')"
tap_equal "and no netdev" "" "$(ip -o link show | grep -o 'rns[^ ]*' || true)"
tap_end
