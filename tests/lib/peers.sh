# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after topology.sh by tests that run ns-peer, a listener and a client over librdma-ns.
#
#   serve NETNS NAME OPTION... ADDRESS    a listener, ready when this returns
#   ask OPTION... ADDRESS                 the line of a client in the namespace $peers_client
#   fields FIELD...                       of a line on standard input, as "ONE | TWO"
#   last NAME                             the line of a listener's last request
#   requests NAME                         how many it has seen
#   statistics NAME                       accepted, flagged, refused, once it has ended
#   bytes LENGTH TOTAL                    private data as they send it, padded with zeros, in hex
#   peers_end                             end all listeners

PEER=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/ns-peer
peers_client=client
peers_scratch=${TMPDIR:-/tmp}/peers.$$
peers_listeners=()

peers_end()
{
	local pid
	for pid in "${peers_listeners[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	peers_listeners=()
}

serve() # NETNS NAME OPTION... ADDRESS
{
	local log=$peers_scratch/$2 i
	[[ -d $peers_scratch ]] || mkdir "$peers_scratch"
	local command=("$PEER" listen "${@:3}")
	[[ $1 == host ]] || command=(ip netns exec "$1" "${command[@]}")
	: >"$log"
	"${command[@]}" >"$log" 2>&1 &
	peers_listeners+=($!)
	for ((i = 0; i < 200; i++)); do
		[[ $(<"$log") != *listening* ]] || return 0
		kill -0 $! 2>/dev/null || break
		topology_nap
	done
	topology_die "the listener $2 in $1 did not start: $(<"$log")"
}

ask() { topology_exec "$peers_client" "$PEER" connect "$@" 2>&1 || true; }

# No jq: it would take a third of a test's time. The lines are flat objects.
fields() # FIELD...
{
	local line field value values
	while read -r line; do
		values=
		for field; do
			value=null
			[[ ! $line =~ \"$field\":(\"([^\"]*)\"|([^,}]*)) ]] || value=${BASH_REMATCH[2]-}${BASH_REMATCH[3]-}
			values+=" | $value"
		done
		echo "${values# | }"
	done
}

last() # NAME
{
	local line request=
	while read -r line; do
		[[ $line != *'"request"'* ]] || request=$line
	done <"$peers_scratch/$1"
	echo "$request"
}

requests() { grep -c '"request"' "$peers_scratch/$1" || true; } # NAME
statistics() { grep '"statistics"' "$peers_scratch/$1" | fields accepted flagged refused; } # NAME

bytes() # LENGTH TOTAL
{
	local i
	for ((i = 1; i <= $2; i++)); do
		printf '%02x' $((i <= $1 ? i : 0))
	done
}
