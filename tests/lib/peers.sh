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

PEER=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/ns-peer
peers_client=client

serve() { topology_start "$1" "$2" "$PEER" listen "${@:3}"; } # NETNS NAME OPTION... ADDRESS

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
	done <"$topology_scratch/$1"
	echo "$request"
}

requests() { grep -c '"request"' "$topology_scratch/$1" || true; } # NAME
statistics() { grep '"statistics"' "$topology_scratch/$1" | fields accepted flagged refused; } # NAME

bytes() # LENGTH TOTAL
{
	local i
	for ((i = 1; i <= $2; i++)); do
		printf '%02x' $((i <= $1 ? i : 0))
	done
}
