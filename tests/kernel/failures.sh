#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Allocations fail, one at a time, on each path through the kernel's half: in system calls (cm-failures) and, for what
# runs in workers, in the functions that handle requests (tests/fail_in). Errors are the right ones and change nothing,
# a request that could not be handled is asked again, and no failure gives one to somebody else's listener.
#
#     vm/run --kernel 6.1-debug -e FAILURES=10000 ... tests/run tests/kernel/failures.sh
#
# lets so many fail on each path, of loading the module no more than 100; FAILURES_ONLY=PATTERN leaves out paths with
# other names. tests/debug runs this. Without FAILURES each allocation of a path fails once, and netdevs, of which each
# failure needs another one, only go down.
# It needs tests/fail_in (vm/module tests/fail_in), and no fault injection in the kernel itself is needed.
# Fabric: none
# Processors: 2
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/flood.sh
failures=${FAILURES:-1}
# So many requests meet each failure where they are handled, and some meet none.
requests=$((failures < 12 ? 12 : failures))
# Loading a module takes seconds on a debug kernel, and has few allocations.
loads=$((failures < 100 ? failures : 100))
# And so many in a flood: each that is dropped is sent again after seconds.
width=$((failures < 64 ? 16 : 64))
only_host=${FAILURES_ONLY-${FAILURES+.}}
failslab=/sys/kernel/debug/failslab
parameters=/sys/module/rdma_cm/parameters
fail_in=/sys/module/fail_in/parameters
CM_FAILURES=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cm-failures

if ! modinfo fail_in >/dev/null 2>&1; then
	# Whoever says how many are to fail wants no skip.
	if [[ -n ${FAILURES-} ]]; then
		tap_result 1 "tests/fail_in is built for this kernel: vm/module tests/fail_in"
		exit 1
	fi
	tap_skip "failing allocations" "tests/fail_in is not built for this kernel: vm/module tests/fail_in"
	exit
fi
modprobe fail_in
cleanup()
{
	rmmod fail_in 2>/dev/null || true
	topology_down
	vm/fabric down
	kernel/load stock --uverbs
	kernel/load stock
}
trap cleanup EXIT
# Memory that may be waited for fails as well, and nothing is said of each failure.
if [[ -d $failslab ]]; then
	echo N >$failslab/ignore-gfp-wait
	echo 0 >$failslab/verbose
fi

kernel/load extended --uverbs
vm/fabric up --hosts 2 --rings 16 --extended >/dev/null
# Blue, whose netdev is the older one, takes red's addresses.
topology_container blue ib0
topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container client ib1
ip link set ib0 up
topology_ready
topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
for netns in red blue; do
	topology_batch $netns "addr add $flood_address/24 dev ib0.$netns" "addr add fd00::5/64 dev ib0.$netns nodad"
done
topology_address red ib0.8001 10.0.1.5/24
topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad" \
	"neigh replace fd00::5 lladdr $(topology_lladdr red ib0.red) dev ib1.client nud permanent"
flood_aim

# The checks of one part, which are cm-failures' own.
part() # NAME
{
	local line failing=0
	while read -r line; do
		case $line in
		"ok - "*)
			tap_result 0 "${line#ok - }"
			failing=1
			;;
		"not ok - "*) tap_result 1 "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <("$CM_FAILURES" "$failures" "$@" 2>&1 || echo "not ok - $1: cm-failures ended with status $?")
	((failing)) || [[ -n ${FAILURES_ONLY-} ]] || tap_result 1 "$1: allocations failed in system calls"
}

fail_in() # FUNCTION
{
	modprobe fail_in function="$1"
	echo Y >$fail_in/on
}

# So many allocations have failed there.
fail_end()
{
	failed=$(<$fail_in/failed)
	rmmod fail_in
}

# What the counters of requests have grown by since the last call: "accepted 12 not_taken 5".
declare -A counts
counted()
{
	local what name number new=
	while read -r what name number; do
		[[ $what == refused ]] || name=accepted-$name
		[[ $number == "${counts[$name]-0}" ]] || new+="$name $((number - ${counts[$name]-0})) "
		counts[$name]=$number
	done <$parameters/requests
	words=${new% }
}

# As many floods as it takes, each of which ends without failures, and what comes of their requests, in all.
flood_failing() # FUNCTION COMMAND...
{
	local number what before client
	outcomes=()
	fail_in "$1"
	while (($(<$fail_in/failed) < failures)); do
		"${@:2}"
		before=$(<$fail_in/failed)
		echo Y >$fail_in/on
		ip netns exec client "$FLOOD" connect $width $width "$flood_address" "$flood_port" >"$topology_scratch.flood" 2>&1 &
		client=$!
		while (($(<$fail_in/failed) < before + width)) && kill -0 "$client" 2>/dev/null; do
			topology_nap
		done
		echo N >$fail_in/on
		wait "$client" || true
		while read -r number what; do
			outcomes[$what]=$((${outcomes[$what]-0} + number))
		done <"$topology_scratch.flood"
	done
	rm -f -- "$topology_scratch.flood"
	fail_end
	sum=$(for what in "${!outcomes[@]}"; do echo "${outcomes[$what]} $what"; done | sort -k 2 | paste -sd ,)
}
declare -A outcomes

# Loads rdma_cm, and unloads it, as often as it takes.
load_failing() # FUNCTION
{
	local output folder
	folder=$(. /run/vm/settings && echo "$cache/extended")
	wrong=
	errors=0
	fail_in "$1"
	while (($(<$fail_in/failed) < loads)); do
		if output=$(insmod "$folder/rdma_cm.ko" 2>&1); then
			rmmod rdma_cm
		else
			errors=$((errors + 1))
			[[ $output == *"Cannot allocate memory"* ]] || wrong+="$output "
		fi
	done
	fail_end
}

part ids "${FAILURES_ONLY-}"
part connections "${FAILURES_ONLY-}"
part host "${only_host:-list|policy|counters|down}"
rmmod fail_in

fail_in rdma_cm:cma_ib_req_handler
output=$("$CM_FAILURES" "$requests" requests 2>&1) || true
fail_end
tap_note "$output"
tap_match "blue gets none of red's requests while allocations fail where they are handled ($failed did)" \
	'blue got nothing' "$output"
tap_match "IPv4: red gets some, the others are dropped, to be sent again" 'IPv4: red [1-9][0-9]*, refused 0, dropped [1-9]' \
	"$output"
# The stock search for the way back does not say whether there is none or no memory for it.
tap_match "IPv6: likewise, or refused" 'IPv6: red [1-9][0-9]*, refused [0-9]+, dropped [1-9]' "$output"
tap_match "datagrams: red gets some; ib_cm refuses the others" 'datagrams: red [1-9][0-9]*, refused [1-9][0-9]*, dropped 0' \
	"$output"

flood_serve blue blue
flood_serve red red
counted
flood_failing rdma_cm:cma_ib_req_handler :
counted
tap_match "red answers each request in the end ($failed allocations failed, $sum)" '^[0-9]+ answered by red$' "$sum"
tap_match "and what was dropped counts as not taken" \
	"^accepted-qpn ${outcomes[answered by red]-0} not_taken [1-9][0-9]*$" "$words"

# Red's QPN in client's neighbour entry is wrong.
lladdr=$(topology_lladdr red ib0.red)
mislead()
{
	topology_ip client neigh replace "$flood_address" dev ib1.client nud reachable \
		lladdr "${lladdr/[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]/00:0f:ff}"
}
flood_failing rdma_cm:cma_ns_retry_work mislead
tap_match "a request is sent again, or its refusal is delivered ($failed allocations failed, $sum)" \
	'^([0-9]+ answered by red(,[0-9]+ refused, reason 11)?|[0-9]+ refused, reason 11)$' "$sum"

topology_silence
tap_equal "no id is left" "" "$(rdma resource show cm_id)"
tap_run "rdma_cm can be unloaded" rmmod rdma_ucm rdma_cm
for function in alloc_workqueue ib_core:ib_register_client; do
	load_failing $function
	tap_equal "rdma_cm is loaded, or there is no memory for it ($failed allocations failed in $function, $errors errors)" \
		"" "$wrong"
done
tap_run "and loaded again" kernel/load extended
tap_end
