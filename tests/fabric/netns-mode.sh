#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Exclusive RDMA namespace mode: a device moves to a namespace and back, and works there.
# Fabric: --hosts 2
# Kernels: all
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

devices() { topology_exec "$1" rdma dev show | sed 's/^[0-9]*: \([^:]*\):.*/\1/' | paste -sd ' '; }
active() { [[ $(topology_exec "$1" ibstat "$2") == *"State: Active"* ]]; }
carrier() { [[ $(topology_ip "$1" -o link show dev "$2") == *LOWER_UP* ]]; }

# IPoIB's netdev belongs to the device. Up to 6.12 it is born in the initial namespace all the same; a
# kernel that gives it the device's names it anew there.
adopt() # NETNS
{
	local i
	for ((i = 0; i < 50; i++)); do
		if ip link set ib1 netns "$1" 2>/dev/null || ip -n "$1" link set ib0 name ib1 2>/dev/null; then
			ip -n "$1" addr add 10.0.0.9/24 dev ib1
			ip -n "$1" link set ib1 up
			return 0
		fi
		sleep 0.1
	done
	ip link
	ip -n "$1" link
	return 1
}

back() { [[ $(devices host) == *sib0*sib1* || $(devices host) == *sib1*sib0* ]]; }

ip link set ib0 up
ip addr add 10.0.0.5/24 dev ib0
# A name for the initial namespace, to move back to.
ip netns attach host $$
tap_match "shared at first" shared "$(rdma system show)"
tap_within 20 "exclusive mode" rdma system set netns exclusive
for round in 1 2; do
	ip netns add tenant
	ip -n tenant link set lo up
	tap_run "$round: sib1 moves to a namespace" rdma dev set sib1 netns tenant
	tap_equal "$round: the namespace has sib1" sib1 "$(devices tenant)"
	tap_equal "$round: the host has it no more" sib0 "$(devices host)"
	tap_within 20 "$round: sib1 is ACTIVE there" active tenant sib1
	tap_fail "$round: and cannot be opened from the host" ibv_devinfo -d sib1
	tap_run "$round: the IPoIB netdev follows" adopt tenant
	tap_within 20 "$round: it has a carrier" carrier tenant ib1
	tap_within 20 "$round: ping from there (QP 0 and 1, subnet administration)" \
		ip netns exec tenant ping -c 1 -W 1 10.0.0.5
	tap_run "$round: MADs by user space from there" ip netns exec tenant saquery -C sib1 -N
	programs_pair "$round: rping from there" host "rping -s -a 10.0.0.5 -C 5 -V" tenant "rping -c -a 10.0.0.5 -C 5 -V"
	programs_pair "$round: rping to there" tenant "rping -s -a 10.0.0.9 -C 5 -V" host "rping -c -a 10.0.0.9 -C 5 -V"
	programs_pair "$round: verbs" tenant "ibv_rc_pingpong -d sib1 -n 50" tenant "ibv_rc_pingpong -d sib1 -n 50 127.0.0.1"
	if ((round == 1)); then
		tap_run "$round: sib1 moves back" ip netns exec tenant rdma dev set sib1 netns host
		ip netns del tenant
	else
		ip netns del tenant
	fi
	tap_within 20 "$round: the host has it again" back
	tap_within 20 "$round: sib1 is ACTIVE again" active host sib1
done
tap_within 20 "shared mode again" rdma system set netns shared
ip netns add tenant
tap_match "all namespaces see both" "sib0.*sib1|sib1.*sib0" "$(devices tenant)"
ip netns del tenant
ip netns del host
ip addr flush dev ib0
tap_end
