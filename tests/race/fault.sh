#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: tests/race/fault.sh DIR FAULT...
#
# For tests/faults, in a guest: makes happen what fixes of kernel/series.d/a-fixes are for, with the modules in DIR,
# which have tests/race/hold. FAULT is the name of the step without its number. Says what it has seen, each line behind
# the name of the fault, and "right" or "wrong" at the end.
#
# Exit status: 0 all were tried, 1 failed, 2 usage.
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
(($# >= 2)) || { echo "tests/race/fault.sh: DIR and FAULT are missing" >&2; exit 2; }
parameters=/sys/module/rdma_cm/parameters

fabric()
{
	vm/fabric up --hosts 2 --modules "$1" >/dev/null
	topology_container red ib0
	topology_container blue ib0
	topology_container client ib1
	topology_ready
	topology_address red ib0.red 10.0.0.5/24
	topology_address blue ib0.blue 10.0.0.6/24
	topology_address client ib1.client 10.0.0.9/24
	ip netns exec client ping -c 1 -W "$(tap_slow 5)" 10.0.0.5 >/dev/null
}

# A listener is destroyed while a request for it is handled. Blue's shares its ib_cm id.
listener()
{
	local begin took client
	session_begin
	session create red rdma red >/dev/null
	session bind red 10.0.0.5 7400 >/dev/null
	session listen red >/dev/null
	session create blue rdma blue >/dev/null
	session bind blue 10.0.0.6 7400 >/dev/null
	session listen blue >/dev/null
	tap_slow 3000 >$parameters/hold_open
	"$CM_SCRIPT" <<<"connect rdma client 10.0.0.5 7400" >/dev/null 2>&1 &
	client=$!
	sleep "$(tap_slow 1)"
	begin=${EPOCHREALTIME/./}
	session close red
	took=$(((${EPOCHREALTIME/./} - begin) / 1000))
	echo 0 >$parameters/hold_open
	echo "the listener was destroyed in $took ms, its request being handled for about $(tap_slow 2000) ms more"
	# Who knows what the request's handler has found in the place of the listener.
	((took > $(tap_slow 500))) || return
	wait "$client" || true
	session close blue
	session_end
}

# A device goes while an id asks for a path there.
path-query()
{
	local i
	echo "3 1000000" >/sys/kernel/debug/sib/sib1/1/mad_drop
	"$CM_SCRIPT" <<<"connect rdma client 10.0.0.5 7400" >/dev/null 2>&1 &
	for ((i = 0; i < 200; i++)); do
		[[ $(rdma resource show cm_id) != *"state ROUTE_QUERY"* ]] || break
		topology_nap
	done
	tap_slow 2000 >$parameters/hold_removal
	timeout "$(tap_slow 60)" rmmod sib || return
	echo "the device has gone"
}

# One allocation after the other fails where a request is handled.
new-id()
{
	local i failed
	session_begin
	session create red rdma red >/dev/null
	session bind red 10.0.0.5 7400 >/dev/null
	session listen red >/dev/null
	modprobe fail_in function=rdma_cm:cma_ib_req_handler
	echo Y >/sys/module/fail_in/parameters/on
	# A request that meets no memory is sent again, and one allocation later fails.
	for ((i = 0; i < 6 && $(</sys/module/fail_in/parameters/failed) < 20; i++)); do
		timeout "$(tap_slow 5)" "$CM_SCRIPT" <<<"connect rdma client 10.0.0.5 7400" >/dev/null 2>&1 || true
		[[ -z $(waiting) ]] || break
	done
	failed=$(</sys/module/fail_in/parameters/failed)
	echo N >/sys/module/fail_in/parameters/on
	sleep "$(tap_slow 2)"
	if [[ -n $(waiting) ]]; then
		echo "after $failed failures, a worker waits in"
		cat -- "$(waiting)"
		return 1
	fi
	echo "after $failed failures, nobody waits"
	rmmod fail_in
	session close red
	session_end
	((failed >= 3))
}

# A process rejects its own request, and closes the id.
reject()
{
	local begin took said
	# It does not answer.
	session_begin
	session create red rdma red >/dev/null
	session bind red 10.0.0.5 7400 >/dev/null
	session listen red >/dev/null
	begin=$EPOCHSECONDS
	said=$("$CM_SCRIPT" <<<"refuse-own rdma client 10.0.0.5 7400")
	took=$((EPOCHSECONDS - begin))
	echo "the request was rejected ($said), and its id closed in $took s"
	session close red >/dev/null
	session_end
	[[ $said == ok ]] && ((took < $(tap_slow 8)))
}

# QPs get numbers of QPs that are being deleted.
track()
{
	local said
	ip link add fault type dummy
	ip address add 192.0.2.1/24 dev fault
	ip link set fault up
	modprobe siw
	rdma link add fault type siw netdev fault
	said=$(build/bin/qp-untracked fault "$(tap_slow 20)")
	echo "$said"
	rdma link delete fault
	[[ $said == "0 of "[1-9]* ]]
}

# An id is used while a bind that fails gives it a device and takes it away.
device()
{
	local used i
	ip netns exec red build/bin/cm-no-device 10.0.0.5 7600 "$(tap_slow 3)" &
	used=$!
	# Whoever then waits for what the broken thread holds waits for ever.
	for ((i = 0; i < $(tap_slow 60); i++)); do
		kill -0 "$used" 2>/dev/null || break
		! dmesg | grep -q 'Oops: ' || return 1
		sleep 1
	done
	wait "$used"
}

# The stack of a worker that waits for a mutex on behalf of a request.
waiting()
{
	local stack
	for stack in /proc/[0-9]*/stack; do
		[[ $(cat -- "$stack" 2>/dev/null) != *rdma_destroy_id*cma_ib_req_handler* ]] || { echo "$stack"; return; }
	done
}

# What hangs is left behind.
try() # FAULT
{
	local tried i verdict=wrong
	(set -e; "$1") >"/tmp/fault.$1" 2>&1 &
	tried=$!
	for ((i = 0; i < $(tap_slow 200); i++)); do
		kill -0 "$tried" 2>/dev/null || break
		sleep 1
	done
	if kill -0 "$tried" 2>/dev/null; then
		echo "it does not end" >>"/tmp/fault.$1"
	elif wait "$tried"; then
		verdict=right
	fi
	sed "s/^/$1: /" "/tmp/fault.$1"
	dmesg --color=never | grep -E 'BUG: |general protection|RIP: 0010' | sed "s/^/$1: kernel: /" || true
	echo "$1: $verdict"
}

fabric "$1"
for fault in "${@:2}"; do
	dmesg --clear
	try "$fault"
done
# What was broken is not cleaned up.
trap - EXIT
