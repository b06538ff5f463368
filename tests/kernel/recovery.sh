#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Honest change must not look like theft. A pod comes back with its address and another QPN, or an address moves to
# another container, and nobody says so: the client's neighbour entry is stale, and what is aimed at it is refused. The
# extended rdma_cm asks by broadcast and connects; it is compared with the stock one, which sends no QPN, and with TCP.
#
#     vm/run -e RECOVERY_RESTARTS=100 --timeout 3000 tests/run --timeout 2900 tests/kernel/recovery.sh
#
# has so many restarts in a row (10).
# Kernels: (all)
# Fabric: none
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/script.sh
. tests/lib/recovery.sh
bin=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin
restarts=${RECOVERY_RESTARTS:-10}
kills=4
before=0
declare -A took=()
names=()
cleanup()
{
	topology_down
	vm/fabric down
}
trap cleanup EXIT

# The stock rdma_cm has nothing to recover from, unless the address is at another port.
measure() # WHAT COMMAND...
{
	[[ $which == extended ]] || names+=("$1")
	took[$which $1]=$(recovery_time "${@:2}")
}

scenarios()
{
	local state
	for state in stale reachable; do
		recovery_age $state
		recovery_restart
		measure "restarted, $state" "$CMWHO" connect "$pod"
	done
	recovery_age stale
	recovery_restart
	measure "restarted, datagrams" "$CMWHO" connect --port-space udp "$pod"
	recovery_age stale
	recovery_restart6
	measure "restarted, IPv6" "$CMWHO" connect "$pod6"
	recovery_age stale
	recovery_restart6
	measure "restarted, IPv6 datagrams" "$CMWHO" connect --port-space udp "$pod6"
	recovery_age stale
	recovery_move green ib0.green
	measure "moved" "$CMWHO" connect "$pod"
	recovery_age stale
	recovery_move red ib0.red
	measure "moved, IPv6 datagrams" "$CMWHO" connect --port-space udp "$pod6"
	recovery_age stale
	recovery_move far ib2.far
	measure "moved to another host" "$CMWHO" connect "$pod"
	recovery_age stale
	recovery_move red ib0.red
	measure "moved to another host, IPv6 datagrams" "$CMWHO" connect --port-space udp "$pod6"
}

up()
{
	vm/fabric up --hosts 3 "$@" >/dev/null
	recovery_topology
	topology_container green ib0
	topology_container far ib2
	topology_ready
	session_begin
	recovery_listen red
	recovery_listen green
	recovery_listen far
}

more_waited() { (($(settings_waiting) > before)); }

which=stock
recovery_limit=10
up
scenarios
session_end
topology_down
vm/fabric down

which=extended
recovery_limit=90
up --extended
recovery_age stale
recovery_restart
tcp=$(recovery_tcp)
scenarios
for name in "${names[@]}"; do
	extended=${took[extended $name]}
	stock=${took[stock $name]}
	tap_run "$name: $extended ms, no slower than TCP ($tcp ms)" test "$extended" -le "$tcp"
	[[ $stock != never ]] || continue
	tap_run "$name: hardly slower than the stock rdma_cm ($stock ms)" test "$extended" -le $((stock + 2000))
done
tap_counted tap_match "refused requests were sent again" '^[1-9]' "$(settings_counter retries sent_again)"

# One attempt each, and nothing in between.
worst=0
failed=0
for ((i = 0; i < restarts; i++)); do
	recovery_restart
	begin=${EPOCHREALTIME/./}
	topology_exec client "$CMWHO" connect "$pod" >/dev/null 2>&1 || failed=$((failed + 1))
	elapsed=$(((${EPOCHREALTIME/./} - begin) / 1000))
	((elapsed <= worst)) || worst=$elapsed
done
tap_equal "$restarts restarts in a row: connected at the first attempt, the slowest after $worst ms" 0 "$failed"

# An entry that has just been confirmed is the old one all the same; it is asked for when it is no longer that new.
session create pod rdma red >/dev/null
session bind pod 0.0.0.0 7481 >/dev/null
session listen pod >/dev/null
lladdr=$(topology_lladdr red ib0.red)
recovery_restart
topology_batch client "neigh replace $pod lladdr $lladdr dev ib1.client nud reachable"
tap_equal "an entry confirmed a moment ago: connected at the first attempt" pod "$(session connect rdma client $pod 7481)"

# With IPv6, what librdma-ns puts into the request is the only QPN there, and is the new one when it is sent again.
renewed()
{
	local i
	for ((i = 0; i < 3; i++)); do
		recovery_age stale
		recovery_restart6
		! topology_exec client "$bin/rdma-ns" exec -- "$CMWHO" connect "$pod6" || return 0
	done
	return 1
}
if settings_series; then
	tap_skip "restarted, IPv6, with librdma-ns" "librdma-ns takes that of kernel/series for a stock one, which renews no QPN of its"
else
	tap_run "restarted, IPv6, with librdma-ns: connected at the first attempt" renewed
fi

# Nobody there: the refusal comes, and soon. And an entry that the administrator has written is the administrator's.
recovery_age stale
topology_ip red addr del $pod/24 dev ib0.red
begin=${EPOCHREALTIME/./}
tap_match "an address that nobody has: refused" 'REJECTED status 28' \
	"$(topology_exec client "$CMWHO" connect "$pod" 2>&1 || true)"
elapsed=$(((${EPOCHREALTIME/./} - begin) / 1000))
tap_run "and within TCP's time ($elapsed ms)" test "$elapsed" -le "$tcp"
# While the neighbour is asked for, which takes 1800 ms.
fastest=10000
for i in 1 2 3; do
	recovery_age stale
	begin=${EPOCHREALTIME/./}
	tap_equal "given up while it waits, $i: the refusal is delivered" "RDMA_CM_EVENT_REJECTED reason 11" \
		"$(session give-up rdma client $pod 7481)"
	elapsed=$(((${EPOCHREALTIME/./} - begin) / 1000))
	((elapsed > fastest)) || fastest=$elapsed
done
tap_run "and at once (after $fastest ms)" test "$fastest" -lt 1800
session close pod >/dev/null
topology_ip red addr add $pod/24 dev ib0.red
recovery_age permanent
recovery_restart
tap_match "a permanent entry is believed" 'REJECTED status 28' \
	"$(topology_exec client "$CMWHO" connect "$pod" 2>&1 || true)"

settings_watch
# Programs that are killed, and a device that goes, while a request waits for an answer.
recovery_age stale
topology_ip red addr del $pod/24 dev ib0.red
before=$(settings_waiting)
for ((i = 1; i <= kills; i++)); do
	recovery_age stale
	ip netns exec client "$CMWHO" connect "$pod" >/dev/null 2>&1 &
	tap_within 10 "kill $i: a request waits" more_waited
	sleep 0.$((i % 2 * 9))
	before=$(settings_waiting)
	# It may have been refused by now.
	kill -KILL $! 2>/dev/null || true
	wait $! 2>/dev/null || true
done
recovery_age stale
ip netns exec client "$CMWHO" connect "$pod" >"$topology_scratch/gone" 2>&1 &
tap_within 10 "a request waits" more_waited
client=$!
tap_run "its device goes" rmmod sib
wait "$client" || true
session_end
topology_down
tap_equal "no id is left" "" "$(rdma resource show cm_id)"
tap_run "the modules can be unloaded" rmmod rdma_ucm rdma_cm
tap_end
