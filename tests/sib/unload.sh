#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# sib unloaded while all kinds of traffic run, and while others lag, and loaded again; parameters that it refuses.
# It needs tests/hold_in (vm/module tests/hold_in).
# Fabric: none
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

begin() # COMMAND...
{
	"$@" >"$scratch/${#pids[@]}" 2>&1 &
	started+=("$*")
	pids+=($!)
}

wait_all() # until those processes have gone
{
	local pid
	for pid; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# A client does not try to reach its server twice.
await_servers()
{
	local i port
	for ((i = 0; i < topology_patience; i++)); do
		for port in 18601 18602 18603; do
			grep -qs "$(printf ':%04X [0-9A-F]*:0000 0A' "$port")" /proc/net/tcp /proc/net/tcp6 || { topology_nap; continue 2; }
		done
		return
	done
	tap_note "not all servers listen"
}

gone() { [[ ! -e /sys/class/infiniband/sib0 && ! -d /sys/module/sib && ! -e /sys/class/net/ib0 ]]; }

# They wait for events instead of polling, or stand back: what is timed here is not how processors are shared.
programs=("nice -n 19 ib_write_bw -F -D 60 -s 65536 -p 18601" "ib_send_bw -F -e -n 10000000 -s 4096 -p 18602"
	"ibv_ud_pingpong -e -n 10000000 -s 2048 -p 18603")
times=()
for round in 1 2 3; do
	tap_run "$round: the fabric comes up" vm/fabric up --hosts 2
	topology_container left ib0
	topology_container right ib1
	topology_ready
	topology_address left ib0.left 10.0.0.5/24
	topology_address right ib1.right 10.0.0.9/24
	tap_run "$round: ping" ip netns exec right ping -c 2 -W "$(tap_slow 5)" 10.0.0.5
	started=()
	pids=()
	for program in "${programs[@]}"; do
		# shellcheck disable=SC2086
		begin $program -d sib0
	done
	begin ip netns exec left rping -s -a 10.0.0.5
	await_servers
	sleep 1
	for program in "${programs[@]}"; do
		# shellcheck disable=SC2086
		begin $program -d sib1 127.0.0.1
	done
	# One connection, not one after the other: rdma_cm itself has a race between the removal of a device and
	# the end of an id whose route is being resolved, and reads the device of an id that has none any more.
	begin ip netns exec right rping -c -a 10.0.0.5
	begin ip netns exec right ping -f -s 3000 10.0.0.5
	sleep 2
	idle=
	for i in "${!pids[@]}"; do
		kill -0 "${pids[i]}" 2>/dev/null || idle+="${started[i]}: $(tail -n 3 "$scratch/$i"); "
	done
	tap_equal "$round: all programs are in traffic" "" "$idle"
	# The time that unloading takes, not that for rmmod to come from the disk or to get its turn.
	rmmod --version >/dev/null
	status=0
	began=${EPOCHREALTIME/./}
	nice -n -20 rmmod sib || status=$?
	took=$(((${EPOCHREALTIME/./} - began) / 1000))
	tap_equal "$round: rmmod sib" 0 "$status"
	times+=("$took")
	tap_run "$round: nothing is left of it" gone
	wait_all "${pids[@]}"
	tap_run "$round: OpenSM ends" vm/fabric down
	ip netns del left
	ip netns del right
	topology_netnses=()
	topology_new=()
	((took >= $(tap_slow 10000))) || break
done

# What it takes at all is a fraction of a second; somebody that is waited for in vain holds it up for 15.
fastest=$(printf '%s\n' "${times[@]}" | sort -n | head -n 1)
tap_note "unloading took ${times[*]} ms"
tap_result $((fastest >= $(tap_slow 10000))) "unloading in traffic waits for nobody"

# Others lag: RCU, without which rdmavt does not let go of a region of memory, and rdmavt's own work for a CQ, which must
# not be the one that queues the work of ib_core when the CQ has gone. What then comes is in the kernel's log, which
# the runner looks at; a CQ that is used after its end is seen by a debug kernel only.
hold=/sys/module/hold_in/parameters

# The next call of FUNCTION takes so long; sib is removed meanwhile, or that is what calls it.
hold() # MODULE:FUNCTION MILLISECONDS
{
	modprobe hold_in function="$1"
	echo "$2" >$hold/milliseconds
}

await_held()
{
	local try
	for ((try = 0; try < $(tap_slow 50); try++)); do
		[[ $(<$hold/held) != 1 ]] || return 0
		sleep 0.1
	done
	return 1
}

# RCU is held up from before the first PD goes until rdmavt has waited for longer than it is ready to.
unload_holding_rcu()
{
	local status=0 removal
	hold ib_core:ib_dealloc_pd_user 1000
	rmmod sib &
	removal=$!
	tap_run "a PD is about to go" await_held
	echo 9000 >$hold/rcu_milliseconds
	wait "$removal" || status=$?
	tap_equal "RCU lags: rmmod sib" 0 "$status"
}

# The CQs of management datagrams are ib_core's.
unload_holding_completion()
{
	hold rdmavt:send_complete 3000
	smpquery -C sib1 -D nodeinfo 0,1 >/dev/null 2>&1 &
	tap_run "a completion is held" await_held
	tap_run "a completion lags: rmmod sib" rmmod sib
	wait
}

unloads=(unload_holding_rcu unload_holding_completion)
if ! modinfo hold_in >/dev/null 2>&1; then
	tap_skip "sib unloaded while others lag" "tests/hold_in is not built for this kernel: vm/module tests/hold_in"
	unloads=()
fi
for unload in "${unloads[@]}"; do
	tap_run "the fabric comes up once more" vm/fabric up --hosts 2
	"$unload"
	tap_run "nothing is left of it" gone
	tap_run "OpenSM ends" vm/fabric down
	rmmod hold_in
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
