#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Unmodified verbs programs between two ports of sib: libibverbs' examples and perftest.
# Fabric: --hosts 2
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

both() # PROGRAM AND OPTIONS
{
	local name=$*
	programs_pair "$name" host "${1} -d sib0 ${*:2}" host "${1} -d sib1 ${*:2} 127.0.0.1"
}

perf() { both "$1" -F "${@:2}"; }

both ibv_rc_pingpong -n 200 -s 4096
both ibv_rc_pingpong -n 200 -s 100 -e
both ibv_uc_pingpong -n 200
both ibv_ud_pingpong -n 200 -s 1024
both ibv_srq_pingpong -n 200 -q 8

perf ib_send_bw -n 200 -s 65536
perf ib_send_bw -n 200 -b -s 4096
perf ib_send_bw -c UC -n 200 -s 4096
perf ib_send_bw -c UD -n 200 -s 2048
perf ib_send_bw -q 4 -n 100 -s 4096
perf ib_send_bw -r 64 --use-srq -n 100 -s 4096
perf ib_send_lat -n 200 -s 64
perf ib_send_lat -c UD -n 200 -s 64
perf ib_write_bw -n 200 -s 65536
perf ib_write_bw -c UC -n 200 -s 65536
perf ib_write_lat -n 200 -s 64
perf ib_read_bw -n 200 -s 65536
perf ib_read_lat -n 200 -s 64
perf ib_atomic_bw -A FETCH_AND_ADD -n 200
perf ib_atomic_bw -A CMP_AND_SWAP -n 200
perf ib_atomic_lat -A FETCH_AND_ADD -n 200
tap_end
