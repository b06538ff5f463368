#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns ping and listen over siw (iWARP) and rxe (RoCE).
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
trap 'topology_down; links_down' EXIT

# Not with --netns, since siw opens its sockets in the namespace of whoever listens.
listener_start() # NETNS OPTION...
{
	topology_silence
	topology_start "$1" listener "$RDMA_NS" listen "${@:2}"
}

pings() # NAME INGRESS NETNS OPTION...
{
	local output status=0
	output=$(topology_exec "$3" "$RDMA_NS" ping -c 3 -i 0 -W 45 "${@:4}" 2>&1) || status=$?
	tap_match "$1" "^0: .*listener's side: accept under [a-z]+; ingress $2; .*3 sent, 3 answered, 0 lost, 0 corrupted" \
		"$status: $output"
}

links_siw
listener_start a --policy strict 10.2.0.1
pings "siw, strict" "va on siw_a port 1 by tcp" b --policy strict -s 64K 10.2.0.1
topology_silence
tap_match "siw: the listener's sums" "1 requests, 0 refused by policy, 0 rejected; 3 messages, 0 corrupted" "$(<"$(topology_log listener)")"
status=0
output=$(ip netns exec b "$RDMA_NS" ping --udp -W 5 10.2.0.1 2>&1) || status=$?
tap_match "siw has no datagrams" "^1: rdma-ns: ping: 10.2.0.1:7471: " "$status: $output"

links_rxe
listener_start host 10.1.0.1
pings "rxe" "v0 on rxe0 port 1 by gid" host -s 1M 10.1.0.1
listener_start host --udp 10.1.0.1
pings "rxe, datagrams" "v0 on rxe0 port 1 by gid" host --udp 10.1.0.1
tap_end
