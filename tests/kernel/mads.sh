#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Hostile management datagrams by root of another host: the CM's messages, forged, cut, of wrong versions, sent again,
# faster than anybody accepts; SMPs that would set what the subnet manager has set; answers of the SA that nobody asked
# for; and the rest, also with wrong keys and of wrong lengths. Meanwhile a connection carries data that both sides
# check, and honest clients reach whom they mean. Nobody gets what was meant for another one, nothing is left of it all
# and no attribute has been changed. After that the sender knows the M_Key, as any sender does in a fabric that has
# none: then it changes what it likes, and the fabric goes down all the same.
#
#     vm/run -e MADS_SECONDS=600 --timeout 1800 tests/run --timeout 1700 tests/kernel/mads.sh
#
# sends for so long (3 s, and a third of that with the M_Key), and MADS_SEED=N repeats a run, as far as time allows.
# What comes through is chance, so some of it is sent until something has.
#
# What the CM's messages cannot prove is not tried: who knows both ids of a connection, or its QP number and its owner's
# CA GUID, ends it (tests/kernel/foreign-qp.sh has the part of that which a container could do).
# Fabric: none
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/levels.sh
. tests/lib/flood.sh
. tests/lib/foreign.sh
bin=${RDMA_NS_BUILD:-$PWD/build}/bin
seconds=${MADS_SECONDS:-3}
seed=${MADS_SEED:-$((RANDOM * 32768 + RANDOM))}
m_key=0x534942204d4b6579
tracing=/sys/kernel/tracing
# Of the listeners whom honest clients mean.
red="red 10.0.0.5 7500" blue="blue 10.0.0.6 7500" slow="red 10.0.0.5 7501"
scratch=$(mktemp -d)
storm=
outcomes=
asked=0
# Of the kernel's memory as a whole, some goes to workers and to processors' lists. What leaks with one datagram in
# twenty shows in its slab. A debug kernel remembers what was allocated where.
levels_memory=8192
debugs='^$'
if [[ -e /sys/kernel/debug/kmemleak ]]; then
	levels_memory=131072
	debugs='^slab:(kmemleak|debug_obj|dma_debug)'
fi

cleanup()
{
	[[ -z $storm ]] || kill "$storm" 2>/dev/null || true
	topology_down
	vm/fabric down
	rm -rf -- "$scratch"
}
trap cleanup EXIT
tap_note "seed $seed, $seconds s"

up()
{
	vm/fabric up --hosts 3 --extended --partitions tests/lib/partitions.conf --m-key $m_key >/dev/null
	topology_container blue ib0
	flood_topology
	topology_container stranger ib2
	topology_ready
	topology_address red ib0.red fd00::5/64
	topology_batch blue "addr add 10.0.0.6/24 dev ib0.blue" "addr add fd00::6/64 dev ib0.blue nodad"
	topology_address stranger ib2.stranger 10.0.0.8/24
	switch_lid=$(smpquery -D portinfo 0,1 0 | sed -n 's/^Lid:\.*//p')
	mountpoint -q $tracing || mount -t tracefs tracefs $tracing
}

port_lid() { echo $(($(<"/sys/class/infiniband/$1/ports/1/lid"))); }
port_gid() { cat "/sys/class/infiniband/$1/ports/1/gids/0"; }

# Of the connections that the sender's host has made, in that order: its ids, and the peer's QP.
connections()
{
	local qpns
	mapfile -t qpns < <(rdma resource show qp link sib0/1 | sed -nE 's/.*lqpn ([0-9]+) .*comm cm-foreign.*/\1/p')
	sed -nE 's/.* icm_send_rep: local_id=([0-9]+) remote_id=([0-9]+) .*/connection \2 \1/p' $tracing/trace |
		while read -r line; do
			echo "$line ${qpns[0]-0}"
			qpns=("${qpns[@]:1}")
		done
}

scene() # [M_KEY]
{
	local device address
	for device in sib0 sib1; do
		echo "target $(port_lid $device) $(port_gid $device)"
	done
	device=$(port_gid sib2)
	echo "switch $switch_lid"
	echo "own $(port_lid sib2) $device $(tail -c 20 <<<"$device" | tr -d :)"
	echo "listener 7500 10.0.0.5 fd00::5 $(topology_qpn red ib0.red)"
	echo "listener 7500 10.0.0.6 fd00::6 $(topology_qpn blue ib0.blue)"
	echo "listener 7501 10.0.0.5 fd00::5 $(topology_qpn red ib0.red)"
	echo "listener 7471 10.0.0.5 fd00::5 $(topology_qpn red ib0.red)"
	for address in 10.0.0.9 fd00::9 10.0.0.8 127.0.0.1 10.0.0.255 224.0.0.1 ff02::1 ::1; do
		echo "stranger $address"
	done
	echo "m_key ${1:-0}"
}

attributes() { scene $m_key | "$bin/mad-storm" 0 0 s sib0; }

target() # NETNS LOG PORT BACKLOG NAP ADDRESS...
{
	topology_start "$1" "$2" "$bin/mad-target" "$1" "$3" "$4" "$5" "$(topology_qpn "$1" "ib0.$1")" "${@:6}"
}

begin_targets()
{
	target red red 7500 64 0 10.0.0.5 fd00::5
	target blue blue 7500 64 0 10.0.0.6 fd00::6
	target red slow 7501 4 20 10.0.0.5 fd00::5
}

begin_connections()
{
	local i
	topology_start red listener "$bin/rdma-ns" --json listen -q any
	topology_start red own-server "$FOREIGN" serve rc 7600
	echo >$tracing/trace
	echo 1 >$tracing/events/ib_cma/icm_send_rep/enable
	for i in 1 2 3; do
		topology_start stranger "own$i" "$FOREIGN" hold 10.0.0.5 7600
	done
	echo 0 >$tracing/events/ib_cma/icm_send_rep/enable
	connections >"$scratch/connections"
	: >"$scratch/flow"
	ip netns exec client "$bin/rdma-ns" --json ping -q -i 0.02 -W 60 -s 4K 10.0.0.5 >"$scratch/flow" 2>&1 &
	flow=$!
	for ((i = 0; i < topology_patience; i++)); do
		[[ $(<"$scratch/flow") != *'"connected"'* ]] || break
		topology_nap
	done
}

ask() # COUNT LISTENER...: so many honest clients of each, all at once, and who answered
{
	local count=$1 listener flood_address flood_port answered clients=()
	shift
	for listener; do
		read -r _ flood_address flood_port <<<"$listener"
		flood "$count" 4 >"$scratch/answered $listener" &
		clients+=($!)
	done
	wait "${clients[@]}"
	for listener; do
		answered=$(<"$scratch/answered $listener")
		[[ $answered == "$count answered by ${listener%% *}" ]] || outcomes+="$listener: $answered; "
		asked=$((asked + count))
	done
}

# What "rdma-ns ping" said of its messages.
end_flow()
{
	flow_said=
	kill -INT "$flow" 2>/dev/null || flow_said="ended by itself, "
	wait "$flow" || true
	flow_said+=$(sed -nE 's/.*"answered":([0-9]+),"lost":([0-9]+),"corrupted":([0-9]+).*/\1 \2 \3/p' "$scratch/flow")
}

# Which of the sender's connections an REJ or a DREQ with the right ids has ended; only its peer is told.
ended() { sed -n 's/^lost //p' "$(topology_log own-server)" | sort | paste -sd ' '; }

# Which listeners its requests have come to.
stormed() { grep -lx stormed "$topology_scratch"/{red,blue,slow} | sed 's|.*/||' | paste -sd ' ' || true; }

rain() # SECONDS SEED KINDS
{
	ip netns exec stranger "$bin/mad-storm" "$1" "$2" "$3" sib2 sib1 <"$scratch/scene" >"$scratch/storm" 2>&1 &
	storm=$!
}

rain_over()
{
	wait "$storm" || outcomes+="mad-storm: status $?; "
	storm=
	tap_note "$SECONDS s: $(<"$scratch/storm")"
}

# What the kernel and librdmacm allocate once.
warm_up()
{
	begin_targets
	scene >"$scratch/scene"
	rain 1 $((seed + 1)) ccsg
	rain_over
	ask 4 "$red" "$blue" "$slow"
	topology_silence
}

attack()
{
	local i
	begin_targets
	begin_connections
	tap_note "$SECONDS s: the storm begins"
	{ scene && cat "$scratch/connections"; } >"$scratch/scene"
	rain "$seconds" "$seed" ccsg
	while kill -0 "$storm" 2>/dev/null; do
		ask 4 "$red" "$blue"
	done
	rain_over
	for ((i = 1; i < 20; i++)); do
		[[ -z $(ended) || -z $(stormed) ]] || break
		rain 1 $((seed + 100 * i)) c
		rain_over
	done
	# What is still on its way.
	sleep 1
	end_flow
	tap_note "$SECONDS s: honest clients alone"
	ask 8 "$red" "$blue" "$slow"
	topology_silence
}

# Results are part of the names: of a long log, little else may be kept.
none() # NAME RESULT
{
	tap_equal "$1${2:+: $(head -c 300 <<<"$2" | paste -sd ' ')}" "" "$2"
}

# From what the attributes were, without waiting for the rest: what does not answer takes seconds.
first_difference()
{
	local line before
	while read -r line && read -r before <&3; do
		[[ $line != "$before" ]] || continue
		echo "$before, then $line"
		break
	done < <(attributes 2>&1) 3<"$scratch/attributes-before"
	wait $! || true
}

up
# A P_Key that nobody else has.
echo "12 0x8777" >/sys/kernel/debug/sib/sib2/1/pkeys
attributes >"$scratch/attributes-before"
tap_note "$SECONDS s: the fabric is up"
warm_up
levels_take "$scratch/before"
tap_note "$SECONDS s: before"
attack
levels_take "$scratch/after"
attributes >"$scratch/attributes-after"
tap_note "$SECONDS s: after"

got=$(ended)
tap_equal "the sender had connections of its own" 3 "$(grep -c '^connection .* [1-9]' "$scratch/connections")"
tap_match "it ended some, but not the first, by their ids (number ${got:-none})" '^[23]( 3)?$' "$got"
none "$asked honest clients reached whom they meant" "$outcomes"
for name in red blue slow; do
	got=$(sed '/^listening$/d; /^stormed$/d' "$(topology_log $name)" | tail -n 20)
	tap_match "nothing that was meant for another one reached $name (${got##*$'\n'})" \
		'^[1-9][0-9]* honest, [0-9]+ of the storm, 0 misdelivered$' "$got"
done
got=$(stormed)
tap_match "requests of the sender's came through (to ${got:-nobody})" . "$got"
tap_match "no message of the honest connection was lost or corrupted (answered, lost, corrupted: ${flow_said:-unknown})" \
	'^[1-9][0-9]* 0 0, ' "${flow_said:-unknown}, $(tail -n 3 "$scratch/flow")"
tap_match "the subnet manager is the one that it was" "sm lid $(port_lid sib0) .*SMINFO_MASTER" "$(sminfo 2>&1)"
none "no attribute was changed ($(wc -l <"$scratch/attributes-before") were looked at)" \
	"$(diff "$scratch"/attributes-{before,after})"
none "memory, descriptors, slabs and RDMA objects are back where they were" \
	"$(levels_grown "$scratch/before" "$scratch/after" | grep -vE "$debugs" || true)"

scene $m_key >"$scratch/scene"
for ((i = 1; i < 5; i++)); do
	rain $(((seconds + 2) / 3)) $((seed + 1 + i)) s
	rain_over
	got=$(first_difference)
	[[ -z $got ]] || break
done
tap_match "with the M_Key, attributes were changed" ", then " "$got"
topology_down
tap_run "the fabric goes down" vm/fabric down
tap_note "$SECONDS s: the fabric is down"
tap_end
