#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# In the middle of requests: netdevs, network namespaces and devices go, programs are killed, modules are
# unloaded, in an order that a seed decides. Nothing hangs, nothing is left, the kernel has nothing to say, and
# connections are answered afterwards.
#
#     vm/run -e LIFETIMES_ROUNDS=1000 --timeout 5400 tests/run tests/guest/74-kernel-lifetimes.sh
#
# does as many rounds (6: each kind once), LIFETIMES_MINUTES=N ends before the next one after so many minutes,
# LIFETIMES_KINDS="netns device" has only those kinds, and LIFETIMES_SEED=N repeats a run.
# Fabric: none
# Timeout: 5300
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/flood.sh
read -ra kinds <<<"${LIFETIMES_KINDS:-kill_client kill_server netdev netns device modules}"
rounds=${LIFETIMES_ROUNDS:-${#kinds[@]}}
seed=${LIFETIMES_SEED:-$RANDOM}
client=
said=$(mktemp)
cleanup()
{
	# What a helper died of.
	sed 's/^/# /' "$said"
	rm -f -- "$said"
	end_clients
	topology_down
	vm/fabric down
}
trap cleanup EXIT
tap_note "seed $seed, $rounds rounds"
RANDOM=$seed

end_clients()
{
	[[ -z $client ]] || kill -KILL "$client" 2>/dev/null || true
	wait "$client" 2>/dev/null || true
	client=
}

# Requests that go on until somebody ends them, for up to three tenths of a second at least.
begin_requests()
{
	[[ -n $flood_server ]] || flood_serve red red
	if [[ -z $client ]]; then
		ip netns exec client "$FLOOD" connect 100000000 16 "$flood_address" "$flood_port" >/dev/null 2>&1 &
		client=$!
	fi
	read -rt "0.$((RANDOM % 3))$((RANDOM % 10))" -u "$topology_nothing" || true
}

end_requests()
{
	end_clients
	topology_silence
	flood_server=
}

fabric_up()
{
	vm/fabric up --hosts 2 --extended
	flood_topology
}

remake_red()
{
	topology_child red ib0 ib0.red 0xffff
	topology_ready
	topology_address red ib0.red "$flood_address/24"
	flood_aim
}

kill_client() { end_clients; }

kill_server()
{
	kill -KILL "$flood_server"
	topology_silence
	flood_server=
}

netdev()
{
	ip -n red link del ib0.red
	topology_nap
	end_requests
	remake_red
}

# It goes with its last process; the netdev comes back to the host.
netns()
{
	local i
	ip netns del red
	kill -KILL "$flood_server"
	for ((i = 0; i < 200; i++)); do
		! ip link del ib0.red 2>/dev/null || break
		topology_nap
	done
	end_requests
	ip netns add red
	remake_red
}

device()
{
	rmmod sib
	end_requests
	topology_down
	vm/fabric down
	fabric_up
}

# What uses them must end first; their last ids may still be on their way out.
modules()
{
	kill -KILL "$client" "$flood_server"
	kernel/load extended
	end_requests
}

answered()
{
	local outcome
	[[ -n $flood_server ]] || flood_serve red red
	end_clients
	outcome=$(flood 8 4)
	end_requests
	[[ $outcome == "8 answered by red" ]] || {
		echo "$outcome"
		return 1
	}
}

fabric_up >"$said" 2>&1
failed=0
declare -A times=()
for ((round = 0; round < rounds && SECONDS < 60 * ${LIFETIMES_MINUTES:-1440}; round++)); do
	# Each kind comes once before any comes again.
	((round % ${#kinds[@]})) || mapfile -t order < <(printf '%s\n' "${kinds[@]}" | shuf --random-source=<(yes "$seed $round"))
	kind=${order[round % ${#kinds[@]}]}
	begin_requests
	if ! $kind >"$said" 2>&1; then
		failed=1
		tap_note "round $round, $kind: $(<"$said")"
	fi
	: >"$said"
	times[$kind]=$((${times[$kind]:-0} + 1))
	(((round + 1) % 100)) || tap_note "$((round + 1)) rounds"
done

for kind in "${kinds[@]}"; do
	tap_note "$kind: ${times[$kind]:-0} rounds"
done
tap_equal "all rounds went through" 0 "$failed"
tap_run "connections are answered afterwards" answered
topology_down
tap_equal "no id is left" "" "$(rdma resource show cm_id)"
tap_run "the modules can be unloaded" rmmod rdma_ucm rdma_cm
tap_run "and loaded again" kernel/load extended
tap_end
