#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Unmodified programs under rdma-ns exec with each policy, beside what library/preload does with strict: they work,
# and each request and connection is logged on both sides.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh
trap 'topology_down; rm -rf -- "$logs" "$programs_server_log" "$programs_client_log"' EXIT
red=10.0.0.5
logs=$(mktemp -d "${TMPDIR:-/tmp}/exec.XXXXXXXX")
names=()
expected=()

topology_container red ib0
topology_container client ib1
topology_ready
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null

under() # NAME CONNECTIONS: what it logs is looked at in the end, by one process.
{
	programs_under "$logs/${#names[@]}" "${policies% and *}" "${policies#* and }"
	expected+=("$2 accept | ib0.red | qpn | delivered and $2 established | sent | as aimed")
	names+=("$1, $policies")
}

pair() # NAME CONNECTIONS SERVER CLIENT
{
	under "$1" "$2"
	programs_pair "$1, $policies" red "$3" client "$4"
}

# A newer one makes one to warm up, and all of them again without QPs.
cmtime_connections=10
[[ $(cmtime -h 2>&1) != *mimic* ]] || cmtime_connections=21
for policies in "report and verify" "verify and report" "strict and strict"; do
	# Two connections: one to exchange parameters.
	pair "ib_send_bw -R" 2 "ib_send_bw -R -F -n 10 -s 4096 -p 18600" "ib_send_bw -R -F -n 10 -s 4096 -p 18600 $red"
	# Its server does not end by itself.
	under cmtime $cmtime_connections
	programs_start red "cmtime -b $red -c 10"
	tap_run "cmtime, $policies" timeout 60 ip netns exec client "${programs_client_under[@]}" cmtime -s $red -c 10
	programs_stop "$programs_pid"
	[[ $policies != strict* ]] || continue
	pair rping 1 "rping -s -a $red -C 1" "rping -c -a $red -C 1"
	pair ucmatose 2 "ucmatose -b $red -c 2 -C 1" "ucmatose -s $red -c 2 -C 1"
	pair udaddy 1 "udaddy -b $red -c 1 -C 1" "udaddy -s $red -c 1 -C 1"
	pair "rstream (rsockets)" 1 "rstream -b $red -C 2 -S 4096" "rstream -s $red -C 2 -S 4096"
	pair "rdma_server (rdma_create_ep)" 1 "rdma_server -s $red -p 7474" "rdma_client -s $red -p 7474"
done

mapfile -t logged < <(jq -nr '
	def counted: group_by(.) | map("\(length) \(.[0])") | join(", ");
	[inputs | {file: (input_filename | split("/")[-1] | tonumber), side,
		line: ((if .side == "passive" then [.verdict, .netdev, .decided_by, .route] else [.event, .sent, .answer] end) |
			map(tostring) | join(" | "))}] |
	group_by(.file)[] | "\(.[0].file) \(map(select(.side == "passive").line) | counted) and \(map(select(.side == "active").line) | counted)"
	' "$logs"/*)
for i in "${!names[@]}"; do
	tap_equal "${names[i]}: both sides are logged" "$i ${expected[i]}" "${logged[i]-}"
done
tap_end
