# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after topology.sh by tests of rdma-ns monitor:
#
#   monitor FILE OPTION...   start one that writes JSON to FILE, wait until it tells changes; its process is $monitor
#   end_monitors             end all of them; 1 if one does not end with status 0

RDMA_NS=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/rdma-ns
monitors=()

monitor()
{
	: >"$1"
	"$RDMA_NS" monitor -A -j "${@:2}" >"$1" 2>&1 &
	monitor=$!
	monitors+=("$monitor")
	until [[ $(<"$1") == *'"monitoring"'* ]]; do topology_nap; done
}

end_monitors()
{
	local pid
	for pid in "${monitors[@]}"; do
		kill "$pid" 2>/dev/null || continue
		wait "$pid" || return 1
	done
	monitors=()
}
