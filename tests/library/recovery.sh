#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Level 1: a pod under the policy verify comes back with its address and another QPN, and nobody says so. The client's
# first attempt, by a stale neighbour entry, is refused; the library has the kernel ask for the pod, so that the next one
# succeeds. Without CAP_NET_ADMIN it takes until the kernel gives the entry up. Beside it, TCP.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
. tests/lib/peers.sh
. tests/lib/recovery.sh
trap topology_down EXIT
under=()

# It is refused once; then the program tries again and again.
recover() # WHAT LIMIT OPTION... ADDRESS
{
	local refused took
	recovery_age stale
	recovery_restart
	refused=$(topology_exec client "${under[@]}" "$PEER" connect "${@:3}" 2>&1 | fields event refusal || true)
	tap_match "$1: the first attempt is refused" '^(REJECTED|UNREACHABLE) \| the QPN names no netdev' "$refused"
	took=$(recovery_time "${under[@]}" "$PEER" connect "${@:3}")
	tap_run "$1: $took ms later one succeeds (TCP: $tcp ms)" test "$took" -le "$2"
}

recovery_topology
session_begin
serve red pod -p verify ::
serve red pod-udp -u -p verify ::
recovery_listen_tcp red

recovery_age stale
recovery_restart
tcp=$(recovery_tcp)
recover "a connection" 10000 $pod
recover "datagrams" 10000 -u $pod
recover "IPv6" 10000 $pod6
recover "IPv6 datagrams" 10000 -u $pod6
under=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all)
recover "without CAP_NET_ADMIN" "$tcp" $pod
recover "without CAP_NET_ADMIN, IPv6" "$tcp" $pod6

# What is used is confirmed, also while nobody refuses it: the entry does not stay stale.
under=()
recovery_age stale
ask $pod >/dev/null
tap_within 10 "an entry that is used is confirmed" \
	bash -c "[[ \$(ip -n client neigh show $pod) == *REACHABLE* ]]"
session_end
tap_end
