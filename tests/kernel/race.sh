#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Races held open for seconds (tests/race/build). A listener that is destroyed while a request for it is being
# handled: whoever destroys it waits for the request. ib_cm, whose listening id blue's listener shares, does not.
# And an id that asks for a path and is destroyed while its device goes. With RACE_WITHOUT_REFERENCE=1 and
# RACE_CANCEL_LATE=1 (vm/run -e) it is as in the stock rdma_cm, and this fails.
# Fabric: none
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
parameters=/sys/module/rdma_cm/parameters
cleanup()
{
	topology_down
	vm/fabric down
	kernel/load stock
}
trap cleanup EXIT

vm/fabric up --hosts 2 >/dev/null
kernel/load extended "$(. /run/vm/settings && echo "$cache/extended-race")"
topology_container red ib0
topology_container blue ib0
topology_container client ib1
topology_ready
topology_address red ib0.red 10.0.0.5/24
topology_address blue ib0.blue 10.0.0.6/24
topology_address client ib1.client 10.0.0.9/24
ip netns exec client ping -c 1 -W "$(tap_slow 5)" 10.0.0.5 >/dev/null
[[ -z ${RACE_WITHOUT_REFERENCE-} ]] || echo Y >$parameters/without_reference
[[ -z ${RACE_CANCEL_LATE-} ]] || echo Y >$parameters/cancel_late

# How long a listener's end takes, in ms, and what the client whose request it gets is told.
race() # KIND
{
	local begin answer
	session_begin
	session create red "$1" red >/dev/null
	session bind red 10.0.0.5 7400 >/dev/null
	session listen red >/dev/null
	session create blue "$1" blue >/dev/null
	session bind blue 10.0.0.6 7400 >/dev/null
	tap_equal "$1: two listeners with one port" ok "$(session listen blue)"
	echo "$(tap_slow 3000)" >$parameters/hold_open
	"$CM_SCRIPT" <<<"connect $1 client 10.0.0.5 7400" >"$topology_scratch.answer" 2>&1 &
	local client=$!
	sleep "$(tap_slow 1)"
	begin=${EPOCHREALTIME/./}
	tap_equal "$1: the listener is destroyed" ok "$(session close red)"
	took=$(((${EPOCHREALTIME/./} - begin) / 1000))
	echo 0 >$parameters/hold_open
	wait "$client" || true
	answer=$(<"$topology_scratch.answer")
	rm -f "$topology_scratch.answer"
	tap_equal "$1: which waits for the request (it took $took ms)" 1 "$((took > $(tap_slow 500)))"
	tap_match "$1: whose sender is refused" 'REJECTED|UNREACHABLE' "$answer"
	tap_match "$1: blue's listener is still there" ok "$(session close blue)"
	session_end
}

race rdma
race rdma-udp

# rdma_ucm destroys what it was told of at once.
asks_for_path() { [[ $(rdma resource show cm_id) == *"state ROUTE_QUERY"* ]]; }
echo "3 1000000" >/sys/kernel/debug/sib/sib1/1/mad_drop
"$CM_SCRIPT" <<<"connect rdma client 10.0.0.5 7400" >/dev/null 2>&1 &
client=$!
tap_within 5 "an id asks for a path" asks_for_path
echo 2000 >$parameters/hold_removal
begin=${EPOCHREALTIME/./}
tap_run "its device goes" rmmod sib
took=$(((${EPOCHREALTIME/./} - begin) / 1000))
echo 0 >$parameters/hold_removal
tap_equal "with time for the id to go as well (it took $took ms)" 1 "$((took > 2000))"
wait "$client" || true
tap_equal "which it has" "" "$(rdma resource show cm_id)"
tap_end
