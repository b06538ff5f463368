#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# sib unloaded while all kinds of traffic run, and loaded again; parameters that it refuses.
# Fabric: none
# Timeout: 240
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

wait_all() # until those processes have gone
{
	local pid
	for pid; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

gone() { [[ ! -e /sys/class/infiniband/sib0 && ! -d /sys/module/sib && ! -e /sys/class/net/ib0 ]]; }

for round in 1 2 3; do
	tap_run "$round: the fabric comes up" vm/fabric up --hosts 2
	topology_container left ib0
	topology_container right ib1
	topology_ready
	topology_address left ib0.left 10.0.0.5/24
	topology_address right ib1.right 10.0.0.9/24
	tap_run "$round: ping" ip netns exec right ping -c 2 -W 5 10.0.0.5
	pids=()
	for program in "ib_write_bw -s 65536 -p 18601" "ib_send_bw -s 4096 -p 18602" "ib_send_bw -c UD -s 2048 -p 18603"; do
		# shellcheck disable=SC2086
		$program -d sib0 -F -D 60 >/dev/null 2>&1 &
		pids+=($!)
	done
	ip netns exec left rping -s -a 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	ip netns exec left "$CMWHO" listen -b 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	sleep 1
	for program in "ib_write_bw -s 65536 -p 18601" "ib_send_bw -s 4096 -p 18602" "ib_send_bw -c UD -s 2048 -p 18603"; do
		# shellcheck disable=SC2086
		$program -d sib1 -F -D 60 127.0.0.1 >/dev/null 2>&1 &
		pids+=($!)
	done
	ip netns exec right rping -c -a 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	ip netns exec right "$CMWHO" connect -R 10000 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	ip netns exec right ping -f -s 3000 10.0.0.5 >/dev/null 2>&1 &
	pids+=($!)
	sleep 1.5
	running=0
	for pid in "${pids[@]}"; do
		! kill -0 "$pid" 2>/dev/null || running=$((running + 1))
	done
	tap_equal "$round: programs in traffic" "${#pids[@]}" "$running"
	began=${EPOCHREALTIME/./}
	tap_run "$round: rmmod sib" timeout 30 rmmod sib
	took=$(((${EPOCHREALTIME/./} - began) / 1000))
	tap_result $((took >= 2000)) "$round: it takes less than 2 s ($took ms)"
	tap_run "$round: nothing is left of it" gone
	wait_all "${pids[@]}"
	tap_run "$round: OpenSM ends" vm/fabric down
	ip netns del left
	ip netns del right
	topology_netnses=()
	topology_new=()
done

refused() # PARAMETERS PATTERN
{
	local status=0
	modprobe sib $1 2>/dev/null || status=$?
	tap_result $((status == 0)) "sib $1 is refused"
	tap_match "and says why" "$2" "$(dmesg | tail -n 1)"
}

refused hosts=0 'sib: hosts=0: must be 1 to [0-9]+'
refused hosts=1000 'sib: hosts=1000: must be 1 to [0-9]+'
refused ports=0 'sib: ports=0: must be 1 or 2'
refused ports=3 'sib: ports=3: must be 1 or 2'
refused mtu=100 'sib: mtu=100: must be 256, 512, 1024, 2048 or 4096'
refused mtu=8192 'sib: mtu=8192: must be 256'
tap_end
