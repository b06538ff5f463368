# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# RDMA CM connections, by cmtime, which does each step for all its ids before the next.
#
#   cmtime_run SERVER-NETNS ADDRESS CLIENT-NETNS ADDRESS COUNT
#       sets $cmtime_rate, connections per second with all steps, and $cmtime_connect, with the last alone:
#       request, reply and what the listener does; both empty if it failed
#   larger ONE OTHER    of two numbers
#
# $cmtime_under: a command to run both sides with.

cmtime_under=()
cmtime_rate=
cmtime_connect=

cmtime_run() # SERVER-NETNS ADDRESS CLIENT-NETNS ADDRESS COUNT
{
	local pid i server=("${cmtime_under[@]}" cmtime -b "$2" -c "$5")
	[[ $1 == host ]] || server=(ip netns exec "$1" "${server[@]}")
	"${server[@]}" >"$scratch/server" 2>&1 &
	pid=$!
	for ((i = 0; i < 100; i++)); do
		[[ $(topology_exec "$1" rdma resource show cm_id) != *LISTEN*cmtime* ]] || break
		sleep 0.05
	done
	read -r cmtime_rate cmtime_connect < <(
		topology_exec "$3" timeout 120 "${cmtime_under[@]}" cmtime -s "$2" -b "$4" -c "$5" 2>&1 | awk -v count="$5" '
			/^resolve addr|^resolve route|^create qp|^connect/ { sub(/.*:/, ""); sum += $1; last = $1 }
			END { if (last > 0) printf "%.1f %.1f\n", count * 1000 / sum, count * 1000 / last; else print "" }') || true
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

larger() { awk -v a="$1" -v b="$2" 'BEGIN { print (a > b ? a : b) }'; }
