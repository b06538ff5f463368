# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# RDMA CM connections, by cmtime, which does each step for all its ids before the next.
#
#   cmtime_run SERVER-NETNS ADDRESS CLIENT-NETNS ADDRESS COUNT
#       sets $cmtime_rate, connections per second with all steps, and $cmtime_connect, with the last alone:
#       request, reply and what the listener does; both empty if it failed
#   larger ONE OTHER    of two numbers
#
# $cmtime_under: a command to run both sides with; $cmtime_server_under and $cmtime_client_under: for one, before that.

cmtime_under=()
cmtime_server_under=()
cmtime_client_under=()
cmtime_rate=
cmtime_connect=

# In newer releases both sides name the address where they meet, and the server says that it is one.
cmtime_meets() { cmtime -h 2>&1 | grep -q controller_address; }

# The totals of the steps, in ms in rdma-core 44, in us in 56, which has a second table of connections without QPs.
# cmtime tells errors, but counts what failed as done.
cmtime_rates() # COUNT
{
	awk -v count="$1" '
		/^event: .*, error: |^RDMA_CM_EVENT_.*_ERROR, error: / { failed = 1 }
		/^step/ { tables++; us = /total\(us\)/ }
		tables == 1 && sub(/^(resolve addr|resolve route|create qp|connect|cm connect) *:? */, "") {
			last = us ? $2 / 1000 : $1
			sum += last
		}
		END { if (last > 0 && !failed) printf "%.1f %.1f\n", count * 1000 / sum, count * 1000 / last; else print "" }'
}

cmtime_run() # SERVER-NETNS ADDRESS CLIENT-NETNS ADDRESS COUNT
{
	local pid i server client
	server=("${cmtime_server_under[@]}" "${cmtime_under[@]}" cmtime -b "$2" -c "$5")
	client=("${cmtime_client_under[@]}" "${cmtime_under[@]}" cmtime -b "$4" -c "$5")
	if cmtime_meets; then
		server+=(-L -C "$2")
		client+=(-C "$2")
	else
		client+=(-s "$2")
	fi
	[[ $1 == host ]] || server=(ip netns exec "$1" "${server[@]}")
	"${server[@]}" >"$scratch/server" 2>&1 &
	pid=$!
	for ((i = 0; i < topology_patience; i++)); do
		[[ $(topology_exec "$1" rdma resource show cm_id) != *LISTEN*cmtime* ]] || break
		topology_nap
	done
	read -r cmtime_rate cmtime_connect < <(
		topology_exec "$3" timeout $((120 * ${RDMA_NS_SLOW:-1})) "${client[@]}" 2>&1 | cmtime_rates "$5"
	) || true
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

larger() { awk -v a="$1" -v b="$2" 'BEGIN { print (a > b ? a : b) }'; }
