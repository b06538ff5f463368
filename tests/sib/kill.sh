#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Both ends killed in traffic, 50 times: nothing is left of them, and the next ones work.
# Fabric: --hosts 2
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh
trap topology_down EXIT

objects() # what user space has of the devices
{
	local kind
	for kind in qp cq mr pd cm_id; do
		echo "$kind $(rdma resource show $kind | grep -cv 'comm \[')"
	done | paste -sd ' '
}

none_left() { [[ $(objects) == "$before" ]] || { objects; return 1; }; }

topology_container left ib0
topology_container right ib1
topology_ready
topology_address left ib0.left 10.0.0.5/24
topology_address right ib1.right 10.0.0.9/24
ip netns exec right ping -c 1 -W "$(tap_slow 5)" 10.0.0.5 >/dev/null
before=$(objects)

# Five pairs at once, of five kinds, ten times.
in_traffic=0
for _ in {1..10}; do
	servers=()
	clients=()
	port=18600
	for program in "ib_write_bw -s 65536" "ib_send_bw -s 4096" "ib_read_bw -s 65536" "ib_send_bw -c UD -s 2048"; do
		# shellcheck disable=SC2086
		$program -d sib0 -F -D 30 -p $port >/dev/null 2>&1 &
		servers+=($!)
		port=$((port + 1))
	done
	ip netns exec left rping -s -a 10.0.0.5 -p 7174 >/dev/null 2>&1 &
	servers+=($!)
	sleep 1
	port=18600
	for program in "ib_write_bw -s 65536" "ib_send_bw -s 4096" "ib_read_bw -s 65536" "ib_send_bw -c UD -s 2048"; do
		# shellcheck disable=SC2086
		$program -d sib1 -F -D 30 -p $port 127.0.0.1 >/dev/null 2>&1 &
		clients+=($!)
		port=$((port + 1))
	done
	ip netns exec right rping -c -a 10.0.0.5 -p 7174 >/dev/null 2>&1 &
	clients+=($!)
	sleep "1.$((RANDOM % 10))"
	for i in "${!clients[@]}"; do
		! kill -0 "${clients[i]}" 2>/dev/null || in_traffic=$((in_traffic + 1))
		# At times the one end first, at times the other.
		if ((RANDOM % 2)); then
			kill -KILL "${clients[i]}" "${servers[i]}" 2>/dev/null || true
		else
			kill -KILL "${servers[i]}" "${clients[i]}" 2>/dev/null || true
		fi
	done
	for pid in "${clients[@]}" "${servers[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
done
tap_equal "pairs that were killed in traffic" 50 "$in_traffic"
tap_within 10 "no QP, CQ, MR, PD or id of theirs is left" none_left
programs_pair "verbs work" host "ibv_rc_pingpong -d sib0 -n 100" host "ibv_rc_pingpong -d sib1 -n 100 127.0.0.1"
programs_pair "RDMA CM works" left "rping -s -a 10.0.0.5 -C 5 -V" right "rping -c -a 10.0.0.5 -C 5 -V"
tap_end
