#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What may go, or come, in the middle of something: the id whose refused request waits to be sent again, the path to
# where its peer is now, the memory to ask for it, the neighbour's answer; the listener whose request is being handled;
# the netdev on which a request came. Moments are held open by tests/hold_in.
# It needs tests/hold_in and tests/fail_in (vm/module tests/hold_in, vm/module tests/fail_in).
# Fabric: --hosts 2 --extended
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
. tests/lib/links.sh
bin=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin
parameters=/sys/module/rdma_cm/parameters
hold=/sys/module/hold_in/parameters
failing=/sys/module/fail_in/parameters
drop=/sys/kernel/debug/sib/sib1/1/mad_drop
pod=10.0.0.5
declare -A address=([red]=$pod [blue]=10.0.0.6)
answer=$topology_scratch.answer
refused="^RDMA_CM_EVENT_REJECTED "
for module in hold_in fail_in; do
	modinfo $module >/dev/null 2>&1 || {
		tap_skip "what goes in the middle of something" "tests/$module is not built for this kernel: vm/module tests/$module"
		exit
	}
done
cleanup()
{
	echo "3 0" >$drop
	session_end 2>/dev/null
	links_down
	topology_down
	rmmod hold_in 2>/dev/null || true
	rmmod fail_in 2>/dev/null || true
	rm -f -- "$answer"
}
trap cleanup EXIT

topology_container red ib0
topology_container blue ib0
topology_container client ib1
topology_ready
topology_address client ib1.client 10.0.0.9/24
topology_address blue ib0.blue 10.0.0.6/24
session_begin
# Without a listener, ib_cm would refuse the requests.
topology_listen red red --bind 0.0.0.0 --port 7480
lladdr=$(topology_lladdr red ib0.red)
# The same QPN at a port that does not exist.
elsewhere=${lladdr%:*:*}:0e:0e

retries() { sed -n "s/^$1 //p" $parameters/retries; } # COUNTER
count() { awk -v name="$1" '$2 == name { print $3 }' $parameters/requests; } # WHAT
counted() { (($(count "$what") == before + $1)); } # MORE
neighbour() { topology_ip client neigh replace $pod lladdr "$2" dev ib1.client nud "$1"; } # STATE LLADDR
asking() { rdma resource show cm_id | grep "state CONNECT " || true; }
milliseconds() { echo $(((${EPOCHREALTIME/./} - $1) / 1000)); } # SINCE
is_held() { (($(<$hold/held) > 0)); }
more_waits() { (($(retries refused) > before)); }

# A request to an address that nobody has, which is refused and waits to be sent again.
ask() # NAME
{
	neighbour stale "$lladdr"
	before=$(retries refused)
	"$CM_SCRIPT" <<<"connect rdma client $pod 7480" >"$answer" 2>&1 &
	client=$!
	tap_within "$(tap_slow 10)" "$1: a request waits to be sent again" more_waits
}

hold_next() # FUNCTION MILLISECONDS [OPTION]
{
	modprobe hold_in function="rdma_cm:$1" "${@:3}"
	echo "$2" >$hold/milliseconds
}

hold_end()
{
	rmmod hold_in
}

# Nothing else than a path leads the request to where the peer is said to be.
ask "no path"
again=$(retries sent_again)
neighbour reachable "$elsewhere"
wait "$client" || true
tap_match "no path: the refusal is delivered" "$refused" "$(<"$answer")"
modprobe fail_in function=rdma_cm:cma_ns_query_path
echo Y >$failing/on
# On a machine that lags a request may have waited long enough before it has to ask.
for ((i = 1; i <= 6 && $(<$failing/failed) < 2; i++)); do
	ask "no memory, $i"
	neighbour reachable "$elsewhere"
	wait "$client" || true
	tap_match "no memory, $i: the refusal is delivered" "$refused" "$(<"$answer")"
done
tap_equal "no memory: twice there was none" 2 "$(<$failing/failed)"
rmmod fail_in
tap_equal "nothing was sent again" "$again" "$(retries sent_again)"

# Otherwise the query would last as long as a refused request waits, about 1800 ms.
fastest=10000
for i in 1 2 3; do
	modprobe hold_in function=rdma_cm:cma_ns_query_path at_return=1
	ask "no answer about the path, $i"
	echo "3 1000000" >$drop
	echo 1 >$hold/milliseconds
	neighbour reachable "$elsewhere"
	tap_within "$(tap_slow 5)" "no answer about the path, $i: it is asked for" is_held
	begin=${EPOCHREALTIME/./}
	ended=0
	kill -KILL "$client" 2>/dev/null || true
	wait "$client" 2>/dev/null || ended=$?
	took=$(milliseconds "$begin")
	# One that had ended by itself was not waiting any more.
	((ended == 137)) || took=10000
	((took > fastest)) || fastest=$took
	echo "3 0" >$drop
	hold_end
	((fastest > 800)) || break
done
tap_run "no answer about the path: its asker can go at once (in $fastest ms)" test "$fastest" -le 800
tap_equal "and no id is left" "" "$(asking)"

# Whoever sends again finds the id being destroyed, which waits for them.
again=$(retries sent_again)
modprobe hold_in function=rdma_cm:cma_ns_cancel_retry
ask "id"
# Not before, because a client has other ids while it begins.
tap_slow 1500 >$hold/milliseconds
kill -KILL "$client" 2>/dev/null || true
tap_within 5 "id: it is being destroyed" is_held
neighbour reachable "$lladdr"
wait "$client" 2>/dev/null || true
tap_equal "id: its request is not sent again" "$again" "$(retries sent_again)"
tap_equal "id: it has gone" "" "$(asking)"
hold_end

# Nothing wakes a request whose neighbour answers before it waits.
fastest=10000
for i in 1 2 3; do
	hold_next cma_ns_ask "$(tap_slow 500)" at_return=1
	neighbour stale "$lladdr"
	topology_exec client "$CMWHO" connect --port 7480 $pod >"$answer" 2>&1 &
	client=$!
	tap_within "$(tap_slow 10)" "neighbour, $i: it has been asked" is_held
	begin=${EPOCHREALTIME/./}
	topology_address red ib0.red $pod/24
	neighbour reachable "$lladdr"
	wait "$client" || true
	took=$(milliseconds "$begin")
	tap_match "neighbour, $i: the request is sent again" red "$(<"$answer")"
	((took > fastest)) || fastest=$took
	hold_end
	topology_ip red addr del $pod/24 dev ib0.red
	((fastest > $(tap_slow 500) + 1500)) || break
done
tap_run "neighbour: and does not wait for another answer (it took $fastest ms, $(tap_slow 500) of which were held)" \
	test "$fastest" -le $(($(tap_slow 500) + 1500))
topology_silence

# The last reference on the listener is a request's, which it has no room for. ib_cm, whose listening id blue's shares,
# does not wait for the request.
topology_address red ib0.red $pod/24
neighbour permanent "$lladdr"
for netns in red blue; do
	session create $netns rdma-udp $netns >/dev/null
	session bind $netns "${address[$netns]}" 7480 >/dev/null
	session listen $netns >/dev/null
done
one_more()
{
	"$bin/cm-mad" ud sib1 "$(</sys/class/infiniband/sib0/ports/1/lid)" "$(</sys/class/infiniband/sib0/ports/1/gids/0)" \
		"$(</sys/class/infiniband/sib1/ports/1/gids/0)" 0xffff 10.0.0.9 $pod 7480 "$(topology_qpn red ib0.red)"
}
what=qpn
before=$(count qpn)
for ((i = 0; i < 8; i++)); do
	one_more
done
tap_within "$(tap_slow 10)" "listener: it is full" counted 8
hold_next cma_ns_put_listener "$(tap_slow 1500)"
what=not_taken
before=$(count not_taken)
one_more
tap_within "$(tap_slow 10)" "listener: a request has found it" is_held
begin=${EPOCHREALTIME/./}
tap_equal "listener: it is destroyed" ok "$(session close red)"
took=$(milliseconds "$begin")
tap_run "listener: which waits for the request (it took $took ms)" test "$took" -ge 500
tap_within 5 "listener: which is refused" counted 1
hold_end

# iWARP: the netdev goes with its device, which waits for the request.
links_siw
topology_listen a iwarp --bind 0.0.0.0 --port 7481
what=unresolved
before=$(count unresolved)
hold_next cma_ns_accept_iwarp "$(tap_slow 1500)"
ip netns exec b "$CMWHO" connect --port 7481 10.2.0.1 >"$answer" 2>&1 &
client=$!
tap_within "$(tap_slow 10)" "iWARP: a request is being handled" is_held
ip -n a link del va
tap_within 5 "iWARP: its netdev has gone: refused" counted 1
kill -KILL "$client" 2>/dev/null || true
wait "$client" 2>/dev/null || true
hold_end
topology_silence
links_down

# RoCE: likewise a VLAN above the port.
links_rxe
modprobe 8021q
for i in 0 1; do
	topology_batch host "link add link v$i name v$i.7 type vlan id 7" "link set v$i.7 up" \
		"addr add 10.1.7.$((i + 1))/24 dev v$i.7"
	links_loose v$i.7
done
ping -c 1 -W "$(tap_slow 5)" -I v1.7 10.1.7.1 >/dev/null
session create roce rdma host >/dev/null
session bind roce 0.0.0.0 7482 >/dev/null
session listen roce >/dev/null
what=unresolved
before=$(count unresolved)
hold_next cma_ib_req_handler "$(tap_slow 1500)"
"$CM_SCRIPT" <<<"connect rdma host 10.1.7.1 7482 v1.7" >"$answer" 2>&1 &
client=$!
tap_within "$(tap_slow 10)" "RoCE: a request is being handled" is_held
ip link del v0.7
tap_within 5 "RoCE: its netdev has gone: refused" counted 1
kill -KILL "$client" 2>/dev/null || true
wait "$client" 2>/dev/null || true
hold_end
session_end
tap_end
