#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Soak: connections carry data that both sides check, while containers come and go, an intruder takes red's address and
# gives it back, cables are pulled and plugged, and OpenSM starts anew; between two rounds of that the extended modules
# do. Every request reaches red, no message is lost or corrupted, and after the last round no more memory, descriptors,
# slabs and RDMA objects are in use than after the first.
#
# tests/soak runs it for an hour. SOAK_SECONDS (60) is when the last round begins; there are three at least. Three
# minutes, in which no more happens than in these three rounds, would be too much beside all the other files.
# SOAK_SEED=N repeats a run.
# Fabric: none
# Processors: 2
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/levels.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
seconds=${SOAK_SECONDS:-60}
seed=${SOAK_SEED:-$RANDOM}
red=10.0.0.5
scratch=$(mktemp -d)
intruder=
flows=()
declare -A servers
round=0
connections=0
messages=0
cleanup()
{
	end_intruder
	topology_down
	vm/fabric down
	rm -rf -- "$scratch"
}
trap cleanup EXIT
tap_note "seed $seed, $seconds s"
RANDOM=$seed

wrong() # WHAT TEXT
{
	echo "$1" >>"$scratch/wrong"
	tap_note "round $round: $1: $2"
}

# What "rdma-ns ping" said of itself: whom it reached, and what became of its messages.
judge() # WHAT STATUS FILE NETDEV
{
	local said netdev=nobody
	said=$(grep -v '"event":"answer"' "$3" || true)
	[[ ! $said =~ \"event\":\"connected\".*\"resolution\":\{[^}]*\"netdev\":\"([^\"]*)\" ]] || netdev=${BASH_REMATCH[1]}
	connections=$((connections + 1))
	[[ $netdev == "$4" || $said != *'"event":"connected"'* ]] || wrong misdelivered "$1: $netdev answered instead of $4"
	[[ $said =~ \"answered\":([0-9]+),\"lost\":([0-9]+),\"corrupted\":([0-9]+) ]] || {
		wrong "not connected" "$1: status $2: $said"
		return 0
	}
	messages=$((messages + BASH_REMATCH[1]))
	((!$2 && !BASH_REMATCH[2] && !BASH_REMATCH[3])) || wrong "lost or corrupted" "$1: status $2: $said"
}

ask() # WHAT NETDEV PING-OPTION... ADDRESS
{
	local status=0
	ip netns exec client "$RDMA_NS" --json ping -q -c 5 -i 0 "${@:3}" >"$scratch/asked" 2>&1 || status=$?
	judge "$1" "$status" "$scratch/asked" "$2"
}

ask_red() # WHAT
{
	ask "$1" ib0.red -s 32K $red
	ask "$1, datagrams" ib0.red -u -s 1K $red
}

serve() # NETNS
{
	topology_start "$1" "$1" "$RDMA_NS" --json listen -q any
	servers[$1]=$topology_started
	topology_start "$1" "$1-udp" "$RDMA_NS" --json listen -q -u any
	servers[$1-udp]=$topology_started
}

# A listener tells how many requests it had when it ends.
end_serving() # NAME; sets $asked
{
	kill "${servers[$1]}"
	wait "${servers[$1]}" || true
	[[ $(<"$(topology_log "$1")") =~ \"event\":\"statistics\",\"requests\":([0-9]+), ]] || wrong "lost or corrupted" "$1: no statistics"
	asked=${BASH_REMATCH[1]-0}
}

# As the root of a container, which is silent to ARP.
intrude()
{
	local ended=0
	trap 'ended=1' TERM
	while ((!ended)); do
		topology_batch blue "addr replace $red/24 dev ib0.blue"
		topology_nap
		topology_batch blue "link set ib0.blue down" "link set ib0.blue up" "addr replace $red/24 dev ib0.blue"
		topology_nap
		topology_batch blue "addr del $red/24 dev ib0.blue"
		echo stolen >>"$scratch/thefts"
	done
} >/dev/null 2>&1

end_intruder()
{
	[[ -z $intruder ]] || kill "$intruder" 2>/dev/null || true
	wait "$intruder" 2>/dev/null || true
	intruder=
}

begin_flows()
{
	local size i
	flows=()
	for size in 64 4K 256K; do
		: >"$scratch/flow$size"
		ip netns exec client "$RDMA_NS" --json ping -i 0.02 -W 60 -s $size $red >"$scratch/flow$size" 2>&1 &
		flows+=("$size $!")
	done
	# Without a cable or a subnet manager they would not find their path.
	for size in 64 4K 256K; do
		for ((i = 0; i < topology_patience; i++)); do
			[[ $(<"$scratch/flow$size") != *'"connected"'* ]] || break
			topology_nap
		done
	done
}

# A message that ping waits for when it is ended does not count as lost, so answers must be coming until then.
goes_on() # FILE
{
	local i before
	before=$(wc -c <"$1")
	for ((i = 0; i < topology_patience; i++)); do
		(($(wc -c <"$1") == before)) || return 0
		topology_nap
	done
	return 1
}

end_flows()
{
	local flow size pid status
	for flow in "${flows[@]}"; do
		read -r size pid <<<"$flow"
		goes_on "$scratch/flow$size" || wrong "lost or corrupted" "the flow of $size stands still"
		kill -INT "$pid" 2>/dev/null || true
		status=0
		wait "$pid" || status=$?
		judge "the flow of $size" "$status" "$scratch/flow$size" ib0.red
	done
}

# Beside red and its traffic.
visitors()
{
	local i name=guest$((RANDOM % 1000)) parent=ib$((RANDOM % 2))
	for i in 1 2; do
		topology_container $name $parent
		topology_ready
		topology_address $name $parent.$name 10.0.0.20/24
		topology_start $name $name "$RDMA_NS" --json listen -q any
		topology_ip client neigh flush to 10.0.0.20
		ask "a visitor on $parent" $parent.$name -s 4K 10.0.0.20
		((i == 1)) || kill "$topology_started"
		((i == 2)) || kill -KILL "$topology_started"
		wait "$topology_started" 2>/dev/null || true
		topology_ip $name link del $parent.$name
		ip netns del $name
		unset 'topology_netnses[-1]' 'topology_listeners[-1]'
	done
}

cable()
{
	local host=sib$((RANDOM % 2))
	echo down >/sys/kernel/debug/sib/$host/1/link
	read -rt "0.$((RANDOM % 8 + 1))" -u "$topology_nothing" || true
	echo up >/sys/kernel/debug/sib/$host/1/link
	topology_new=("red ib0.red" "client ib1.client")
	topology_ready
}

subnet_manager() { vm/fabric restart-sm >/dev/null; }

act() # COMMAND
{
	"$1"
	ask_red "after $1"
}

begin_round()
{
	# The intruder's netdev is the older one: it is found first.
	topology_container blue ib0
	topology_container red ib0
	topology_container client ib1
	topology_ready
	topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
	topology_address red ib0.red $red/24
	topology_address client ib1.client 10.0.0.9/24
	serve blue
	serve red
}

run_round()
{
	local acts=(visitors cable subnet_manager) i stolen
	begin_round
	begin_flows
	stolen=$(wc -l <"$scratch/thefts")
	intrude &
	intruder=$!
	# Each of them once, in any order.
	while ((${#acts[@]})); do
		i=$((RANDOM % ${#acts[@]}))
		act "${acts[i]}"
		acts=("${acts[@]:0:i}" "${acts[@]:i + 1}")
	done
	kill -0 "$intruder" 2>/dev/null || wrong "not stolen" "the intruder has ended by itself"
	end_intruder
	(($(wc -l <"$scratch/thefts") > stolen)) || wrong "not stolen" "not once"
	end_flows
	for i in blue blue-udp; do
		end_serving $i
		((asked == 0)) || wrong misdelivered "$i was asked $asked times"
	done
	for i in red red-udp; do
		end_serving $i
		((asked > 0)) || wrong "not connected" "$i was never asked"
	done
	topology_down
	if ((round % 2)); then
		kernel/load stock
	fi
	kernel/load extended
}

count() { grep -cFx "$1" "$scratch/wrong" || true; }

vm/fabric up --hosts 2 --extended >/dev/null
: >"$scratch/wrong"
: >"$scratch/thefts"
while ((round < 3 || SECONDS < seconds)); do
	round=$((round + 1))
	run_round
	levels_take "$scratch/after"
	((round > 1)) || cp "$scratch/after" "$scratch/before"
	((round % 10)) || tap_note "$round rounds, $SECONDS s: $(levels_show "$scratch/after")"
done
tap_note "$round rounds in $SECONDS s; before: $(levels_show "$scratch/before"); after: $(levels_show "$scratch/after")"
tap_equal "$connections connections in $round rounds: none was misdelivered" 0 "$(count misdelivered)"
tap_equal "each was made" 0 "$(count "not connected")"
tap_equal "of their $messages messages none was lost or corrupted" 0 "$(count "lost or corrupted")"
tap_equal "the address was stolen in each round ($(wc -l <"$scratch/thefts") times)" 0 "$(count "not stolen")"
tap_equal "memory, descriptors, slabs and RDMA objects are back where they were" "" \
	"$(levels_grown "$scratch/before" "$scratch/after")"
tap_end
