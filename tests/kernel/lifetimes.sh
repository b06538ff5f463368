#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# In the middle of requests: netdevs, network namespaces and devices go, programs are killed, modules are
# unloaded, in an order that a seed decides. Nothing hangs, nothing is left, the kernel has nothing to say, and
# connections are answered afterwards.
#
#     vm/run -e LIFETIMES_ROUNDS=1000 -e LIFETIMES_DEVICE_ROUNDS=500 --timeout 7200 \
#         tests/run --timeout 7100 tests/kernel/lifetimes.sh
#
# does as many rounds of each kind (10) and takes the devices, both being in use, away as many times (2);
# LIFETIMES_MINUTES=N ends both loops before the next round after so many minutes each, LIFETIMES_SEED=N repeats a run.
# Fabric: none
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/flood.sh
rounds=${LIFETIMES_ROUNDS:-10}
device_rounds=${LIFETIMES_DEVICE_ROUNDS:-2}
minutes=${LIFETIMES_MINUTES:-1440}
seed=${LIFETIMES_SEED:-$RANDOM}
client=
said=$(mktemp)
cleanup()
{
	# What a helper died of.
	sed 's/^/# /' "$said"
	rm -f -- "$said"
	end_requests
	topology_down
	vm/fabric down
}
trap cleanup EXIT
tap_note "seed $seed, $rounds rounds of each kind"
RANDOM=$seed

# When the client has sent some.
begin_requests()
{
	local i
	flood_serve red red
	ip netns exec client "$FLOOD" connect 100000000 16 "$flood_address" "$flood_port" >/dev/null 2>&1 &
	client=$!
	for ((i = 0; i < topology_patience; i++)); do
		[[ ! $(rdma resource show cm_id) =~ state\ CONNECT\ .*comm\ cm-flood ]] || break
		topology_nap
	done
	((i < topology_patience)) || return
	sleep "0.$((RANDOM % 3 + 1))$((RANDOM % 10))"
}

end_requests()
{
	[[ -z $client ]] || kill -KILL "$client" 2>/dev/null || true
	wait "$client" 2>/dev/null || true
	client=
	topology_silence
}

fabric_up()
{
	vm/fabric up --hosts 2 --extended
	flood_topology
}

# The server's and the client's; in every second round a server has requests to read whose device has gone.
devices() # ROUND
{
	if (($1 % 2)); then
		rmmod sib || return
	else
		kill -STOP "$flood_server" || return
		sleep 0.3
		rmmod sib || return
		kill -CONT "$flood_server" || return
		sleep 0.3
	fi
	[[ ! -e /sys/class/infiniband/sib0 ]] || return
	end_requests
	topology_down
	vm/fabric down
	fabric_up
}

answered()
{
	local outcome
	flood_serve red red
	outcome=$(flood 8 4)
	end_requests
	[[ $outcome == "8 answered by red" ]] || {
		echo "$outcome"
		return 1
	}
}

vm/fabric up --hosts 2 --extended >"$said" 2>&1
ip link set ib0 up
topology_container client ib1
topology_ready
topology_address client ib1.client 10.0.0.9/24
: >"$said"
status=0
output=$("${FLOOD%flood}lifetimes" "${RDMA_NS_SERIES:-$(. /run/vm/settings && echo "$cache/extended")}" client ib1.client \
	"$seed" "$rounds" "$minutes" kill_client kill_server netdev netns modules 2>&1) || status=$?
tap_note "$output"
tap_equal "programs, netdevs, namespaces and modules that end" 0 "$status"
topology_down
vm/fabric down

fabric_up >"$said" 2>&1
failed=0
begun=$SECONDS
for ((round = 0; round < device_rounds && SECONDS - begun < 60 * minutes; round++)); do
	if ! begin_requests >"$said" 2>&1 || ! devices "$round" >"$said" 2>&1; then
		failed=1
		tap_note "devices, round $round: $(<"$said")"
	fi
	: >"$said"
	(((round + 1) % 100)) || tap_note "devices: $((round + 1)) rounds"
done
tap_note "devices: $round rounds"
tap_equal "devices that go, and come back" 0 "$failed"
tap_run "connections are answered afterwards" answered
topology_down
tap_equal "no id is left" "" "$(rdma resource show cm_id)"
tap_run "the modules can be unloaded" rmmod rdma_ucm rdma_cm
tap_run "and loaded again" kernel/load extended
tap_end
