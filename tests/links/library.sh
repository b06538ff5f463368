#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns over siw (iWARP) and rxe (RoCE): nothing is added to private data, whose length iWARP tells
# exactly, and the ingress netdev is found by what these have in place of a QPN, the VLAN included.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
. tests/lib/peers.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns

trap 'topology_down; links_down' EXIT

# The netdev as the kernel knows it: NAME | IFINDEX | VLAN | NETNS.
netdev() # NETNS NETDEV
{
	echo "$(topology_ip "$1" -j -d link show dev "$2" |
		jq -r '.[0] | [.ifname, .ifindex, .linkinfo.info_data.id // 0] | map(tostring) | join(" | ")') | $(
		topology_exec "$1" stat -Lc %i /proc/self/ns/net)"
}

ifindex() { topology_ip "$1" -o link show dev "$2" | sed 's/:.*//'; } # NETNS NETDEV
# On one host a neighbour answers before ib_core has begun to wait for it, which it then does for as long
# as its caller allows: ask first.
warm() { topology_exec "$1" ping -c 1 -W 5 "${@:2}" >/dev/null; } # NETNS [OPTION...] ADDRESS
# What a refused client is told: by the library, which knows why, or by the extended kernel, which says no more than IP.
told() { if [[ -e /sys/module/rdma_cm/parameters/policy ]]; then echo "$2"; else echo "$1"; fi; } # LIBRARY KERNEL
stock() { topology_exec "$peers_client" "$CMWHO" connect "$@" 2>&1 || true; }

modprobe 8021q
links_siw

peers_client=b
serve a server -p strict 10.2.0.1
for length in 0 1 56 128; do
	tap_equal "siw, strict, $length bytes: nothing added" "ESTABLISHED | not InfiniBand | not known | $length | $(bytes $length $length)" \
		"$(ask -p strict -L $length 10.2.0.1 | fields event sent who) | $(last server | fields length data)"
done
tap_equal "siw: the ingress netdev is as ip says, by the TCP connection" \
	"$(netdev a va) | siw_a | 1 | va | tcp | 1 | delivered | address | accept" \
	"$(last server | fields netdev ifindex vlan netns device port handling by candidates route rule verdict)"
tap_equal "siw: a synchronous id" "ESTABLISHED" "$(ask -s 10.2.0.1 | fields event)"
tap_equal "siw: a stock client, its reply as ever" "answered | " "$(stock -j 10.2.0.1 | fields event private_data)"
tap_equal "siw: and its ingress" "va | tcp | accept" "$(last server | fields netdev by verdict)"
topology_silence
tap_equal "siw: accepted, none refused" "6 | 0 | 0" "$(statistics server)"
topology_listen a stock --bind 10.2.0.1
tap_equal "siw: a stock listener answers as ever" "ESTABLISHED | not InfiniBand" \
	"$(ask -p strict 10.2.0.1 | fields event sent)"
topology_silence
serve a server -I "$(ifindex a va)" 10.2.0.1
tap_equal "siw: a listener bound to the netdev" "ESTABLISHED | address, bound to the netdev" \
	"$(ask 10.2.0.1 | fields event) | $(last server | fields rule)"
topology_silence
if [[ -e /sys/module/rdma_cm/parameters/policy ]]; then
	tap_match "siw: an id bound to a netdev that does not have the address" '"rdma_ns_bind_addr","status":-99' \
		"$(topology_exec a timeout 20 "$PEER" listen -I "$(ifindex a lo)" 10.2.0.1 2>&1 || true)"
else
	serve a server -I "$(ifindex a lo)" 10.2.0.1
	tap_equal "siw: a listener bound to another netdev refuses, with its reason" \
		"REJECTED | the listener is bound to another netdev" "$(ask 10.2.0.1 | fields event refusal)"
	topology_silence
fi
# An address of two netdevs over the same device: TCP's connection says which host, not which of them.
topology_batch a "link add link va name va.8 type vlan id 8" "link set va.8 up" "addr add 10.2.0.1/32 dev va.8"
serve a server -p report 10.2.0.1
tap_equal "siw, report: an ambiguous request is accepted, flagged" \
	"ESTABLISHED | ambiguous | 2 | accept, flagged | several netdevs fit" \
	"$(ask 10.2.0.1 | fields event) | $(last server | fields by candidates verdict reason)"
topology_silence
serve a server -p verify 10.2.0.1
tap_equal "siw, verify: it is refused" "$(told "REJECTED | several netdevs fit" "REJECTED | not delivered")" \
	"$(ask 10.2.0.1 | fields event refusal)"
topology_silence
topology_ip a link del va.8

# rxe works in the initial namespace, so both ends are there. siw would listen on an ifindex of that one.
rdma link del siw_a
rdma link del siw_b
links_rxe
for i in 0 1; do
	topology_batch host "link add link v$i name v$i.7 type vlan id 7" "link set v$i.7 up" "addr add 10.1.7.$((i + 1))/24 dev v$i.7"
	links_loose v$i.7
done
warm host -I v1 10.1.0.1
warm host -I v1.7 10.1.7.1
v1=$(ifindex host v1)
peers_client=host
serve host server -p strict 0.0.0.0
for length in 0 41 56; do
	tap_equal "rxe, strict, $length bytes: nothing added" "ESTABLISHED | not InfiniBand | $(bytes $length 56)" \
		"$(ask -I "$v1" -p strict -L $length 10.1.0.1 | fields event sent) | $(last server | fields data)"
done
tap_equal "rxe: the ingress netdev is as ip says, by the GID" \
	"$(netdev host v0) | rxe0 | 1 | v0 | gid | 1 | delivered to self | wildcard | accept" \
	"$(last server | fields netdev ifindex vlan netns device port handling by candidates route rule verdict)"
tap_equal "rxe, VLAN: established, nothing added" "ESTABLISHED | not InfiniBand" \
	"$(ask -I "$(ifindex host v1.7)" 10.1.7.1 | fields event sent)"
tap_equal "rxe, VLAN: the ingress netdev is as ip says, by the VLAN" \
	"$(netdev host v0.7) | rxe0 | 1 | v0.7 | vlan | 1 | accept" \
	"$(last server | fields netdev ifindex vlan netns device port handling by candidates verdict)"
tap_equal "rxe: a stock client, its reply as ever" "answered | $(bytes 0 196)" \
	"$(stock -j -s 10.1.0.2 10.1.0.1 | fields event private_data)"
tap_equal "rxe: and its ingress" "v0 | gid | accept" "$(last server | fields netdev by verdict)"
topology_silence
topology_listen host stock --bind 10.1.0.1
tap_equal "rxe: a stock listener answers as ever" "ESTABLISHED | not InfiniBand" \
	"$(ask -I "$v1" -p strict 10.1.0.1 | fields event sent)"
topology_silence
serve host server -I "$(ifindex host v0.7)" 0.0.0.0
tap_equal "rxe: a listener bound to the VLAN refuses what came in beside it" \
	"$(told "REJECTED | the listener is bound to another netdev" "REJECTED | none")" "$(ask -I "$v1" 10.1.0.1 | fields event refusal)"
tap_equal "rxe: and takes what came in through it" "ESTABLISHED | wildcard, bound to the netdev" \
	"$(ask -I "$(ifindex host v1.7)" 10.1.7.1 | fields event) | $(last server | fields rule)"
topology_silence
serve host server -u -p strict 10.1.0.1
tap_equal "rxe, SIDR" "ESTABLISHED | not InfiniBand | v0 | gid | accept" \
	"$(ask -u -I "$v1" 10.1.0.1 | fields event sent) | $(last server | fields netdev by verdict)"
topology_silence

# The GID table's netdevs are the initial namespace's: another one's with that ifindex, or name, is another.
topology_ip a link add v0 index "$(ifindex host v0)" type veth peer name other
topology_batch a "link set v0 up" "link set other up"
tap_equal "rxe: a netdev of another namespace with the same ifindex and name is not believed" "unresolved" \
	"$(topology_exec a "$RDMA_NS" --json resolve 10.1.0.1 from 10.1.0.2 dev rxe0 | jq -r '.resolve[0].decided_by')"
tap_end
