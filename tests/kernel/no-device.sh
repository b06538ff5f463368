#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# An id has a device while it is being bound, and loses it again if its port is taken. Threads that use the id for what
# needs a device come in between: their calls fail, and the kernel has nothing to report.
# Kernels: (all)
# Fabric: --extended
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
. tests/lib/settings.sh
trap 'settings_reset; topology_down; links_down' EXIT
program=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cm-no-device

use() { topology_exec "$1" timeout "$(tap_slow 30)" "$program" "$2" 7600 "$(tap_slow 3)" 2>&1 || true; } # NETNS ADDRESS

all='bind failed [1-9][0-9]* times, connect [1-9][0-9]*, accept [1-9][0-9]*, init_qp_attr [1-9][0-9]*, set_path [1-9]'
topology_container red ib0
topology_ready
topology_address red ib0.red 10.0.0.5/24
links_siw
chmod 666 /dev/infiniband/*
tap_match "InfiniBand: no use of the device comes through" "^$all" "$(use red 10.0.0.5)"
tap_match "iWARP: no use of the device comes through" "^$all" "$(use a 10.2.0.1)"
# An id that keeps its device is given a path, as ibacm gives it. Nobody listens, and the peer says so.
settings_own_qp N
tap_equal "InfiniBand: a path that was found before is taken, and leads to the peer" "REJECTED 8" \
	"$(topology_exec red timeout "$(tap_slow 30)" "${program%/*}/cm-path" 10.0.0.5 7601 2>&1 || true)"
tap_end
