#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns on both sides, and on one: QPNs exchanged, what is reported against ip, private data as the
# application has sent them, the theft refused, ids in another namespace, bound listeners.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/theft.sh
. tests/lib/peers.sh
trap topology_down EXIT

resolve() # ADDRESS
{
	topology_ip client neigh flush dev ib1.client
	topology_exec client busybox ping -c 1 -w 5 "$1" >/dev/null || topology_die "$1 does not answer a ping"
}

ifindex() { topology_ip "$1" -o link show dev "$2" | sed 's/:.*//'; } # NETNS NETDEV
inode() { topology_exec "$1" stat -Lc %i /proc/self/ns/net; } # NETNS

theft_topology
topology_child red ib0 ib0.8001 0x8001
topology_ready
topology_address red ib0.8001 10.0.1.5/24
qpn=$(topology_qpn red ib0.red)
client_qpn=$(topology_qpn client ib1.client)
resolve $red

# Both sides with the library.
serve red red -p strict 0.0.0.0
tap_equal "strict: a connection, its QPNs known to the client" \
	"ESTABLISHED | 0 | sent | 1 | $client_qpn | $qpn | $qpn | as aimed" \
	"$(ask -p strict $red | fields event status sent received local_qpn wanted_qpn peer_qpn who)"
tap_equal "the ingress record is as ip says" \
	"accept | none | ib0.red | $(ifindex red ib0.red) | ib0.red | $(inode red) | sib0 | 1 | 0xffff | $qpn | qpn | delivered | wildcard" \
	"$(last red | fields verdict reason netdev ifindex handling netns device port p_key netdev_qpn by route rule)"
tap_equal "the listener knows the client's QPN, and has answered" "sent | 1 | $qpn | $qpn | $client_qpn" \
	"$(last red | fields sent received local_qpn wanted_qpn peer_qpn)"
for length in 0 1 40; do
	tap_equal "REQ, $length bytes: unchanged; QPNs sent" "sent | $(bytes $length 56) | qpn" \
		"$(ask -L $length $red | fields sent) | $(last red | fields data by)"
done
tap_equal "REQ without parameters (NULL): QPNs sent" "ESTABLISHED | sent | $(bytes 0 56) | qpn" \
	"$(ask -0 $red | fields event sent) | $(last red | fields data by)"
tap_equal "a synchronous id" "ESTABLISHED | sent | as aimed" "$(ask -s $red | fields event sent who)"
for length in 41 56; do
	tap_equal "strict, REQ, $length bytes: no room, so the QPNs go ahead of it" \
		"ESTABLISHED | 0 | sent ahead | as aimed | $(bytes $length 56) | accept | qpn | $client_qpn" \
		"$(ask -p strict -L $length $red | fields event status sent who) | $(last red | fields data verdict by peer_qpn)"
done
count=$(requests red)
tap_equal "strict: a stock client is refused" "$red:7471: REJECTED status 28" \
	"$(topology_exec client "$CMWHO" connect $red 2>&1 | sed 's/ by.*//')"
tap_equal "the application has not seen it, nor what came ahead of others" "$count" "$(requests red)"
topology_silence
tap_match "refusals are counted" " \| 1\$" "$(statistics red)"

# A synchronous listener takes nothing ahead.
serve red red -e -p strict $red
tap_equal "strict: a request without room is refused, and the client told why" \
	"REJECTED | 28 | no room beside the private data | the peer sent no QPN" \
	"$(ask -L 41 $red | fields event status sent refusal)"
topology_silence

serve red red -p verify -0 $red
for length in 41 56; do
	tap_equal "REQ, $length bytes: unchanged; QPNs ahead" "sent ahead | $(bytes $length 56) | qpn" \
		"$(ask -L $length $red | fields sent) | $(last red | fields data by)"
done
tap_equal "a reply without parameters (NULL): QPN sent, then hidden" "as aimed | $(bytes 0 196)" \
	"$(ask $red | fields who data)"
tap_equal "a stock client: accepted, its reply as ever" "answered | $(bytes 0 196)" \
	"$(topology_exec client "$CMWHO" connect -j $red | fields event private_data)"
tap_equal "and the ingress found by address" "accept | address | ib0.red | 0 | not asked for" \
	"$(last red | fields verdict by netdev received sent)"
topology_silence
serve red red -L 180,181,196 $red
for length in 180 181 196; do
	who="as aimed"
	((length <= 180)) || who="not known"
	tap_equal "REP, $length bytes: unchanged; who answered: $who" "$who | $(bytes $length 196)" "$(ask $red | fields who data)"
done
topology_silence
topology_listen red stock --bind $red
tap_equal "a stock listener answers as ever" "ESTABLISHED | sent | 0 | not known" \
	"$(ask -p strict $red | fields event sent received who)"
topology_silence

# Datagrams.
serve red red -u -p strict $red
for length in 0 164; do
	tap_equal "SIDR REQ, $length bytes: unchanged; QPNs exchanged" "ESTABLISHED | as aimed | $(bytes $length 180) | qpn" \
		"$(ask -u -L $length $red | fields event who) | $(last red | fields data by)"
done
tap_equal "SIDR: without room refused" "UNREACHABLE | 2 | the peer sent no QPN" \
	"$(ask -u -L 165 $red | fields event status refusal)"
topology_silence
serve red red -u -L 120,121 $red
for length in 120 121; do
	who="as aimed"
	((length <= 120)) || who="not known"
	tap_equal "SIDR REP, $length bytes: unchanged; who answered: $who" "$who | $(bytes $length 136)" "$(ask -u $red | fields who data)"
done
topology_silence

# IPv6, and ids in another namespace: both programs run in the host's.
serve host red -N red -p strict $red6
tap_equal "IPv6, ids in other namespaces" "ESTABLISHED | as aimed" \
	"$("$PEER" connect -N client -p strict $red6 | fields event who)"
tap_equal "the ingress record speaks of the listener's namespace" "accept | ib0.red | $(inode red) | qpn" \
	"$(last red | fields verdict netdev netns by)"
topology_silence

# A listener bound to a netdev, as SO_BINDTODEVICE.
serve red red -I "$(ifindex red ib0.8001)" 0.0.0.0
tap_equal "bound to another netdev: refused at every policy" "REJECTED | the listener is bound to another netdev" \
	"$(ask $red | fields event refusal)"
topology_silence
serve red red -I "$(ifindex red ib0.red)" 0.0.0.0
tap_equal "bound to the right one: accepted" "ESTABLISHED | wildcard, bound to the netdev" \
	"$(ask -I "$(ifindex client ib1.client)" $red | fields event) | $(last red | fields rule)"
tap_equal "a client bound to a netdev without an address" "rdma_ns_resolve_addr | -99" \
	"$(ask -I "$(ifindex client lo)" $red | fields event status)"
tap_equal "a netdev that is not there" "rdma_ns_create_id | -19" "$(ask -I 9999 $red | fields event status)"
topology_silence

# The theft.
topology_address blue ib0.blue $red/24
serve red red -p verify $red
serve blue blue -p report $red
resolve $red
tap_equal "theft, report: blue gets the connection, flagged; the client is told that another netdev answered" \
	"ESTABLISHED | $qpn | $(topology_qpn blue ib0.blue) | another netdev" \
	"$(ask -p verify $red | fields event wanted_qpn peer_qpn who)"
tap_equal "blue's library names the reason" "accept, flagged | the QPN names no netdev of this namespace" \
	"$(last blue | fields verdict reason)"
tap_equal "theft, strict client: the connection fails" "CONNECT_ERROR | -78 | another netdev" \
	"$(ask -p strict $red | fields event status who)"
tap_equal "and so does a synchronous one" "rdma_ns_connect | -78" "$(ask -s -p strict $red | fields event status)"
topology_silence
serve red red -p verify $red
serve blue blue -p verify $red
tap_equal "theft, verify: blue refuses, the client learns why" \
	"REJECTED | 28 | the QPN names no netdev of this namespace" "$(ask $red | fields event status refusal)"
tap_equal "theft, verify, and the program fills all private data: blue refuses as well" \
	"REJECTED | sent ahead | the QPN names no netdev of this namespace" \
	"$(ask -L 56 $red | fields event sent refusal)"
tap_equal "no application has seen a request" "0 0" "$(requests red) $(requests blue)"
topology_ip blue addr del $red/24 dev ib0.blue
tap_equal "blue is gone: red answers again" "ESTABLISHED | as aimed | 1" "$(ask $red | fields event who) | $(requests red)"
topology_silence
tap_equal "blue's statistics" "0 | 0 | 2" "$(statistics blue)"
topology_address blue ib0.blue $red/24
serve red red -u $red
serve blue blue -u -p verify $red
tap_equal "theft, SIDR: blue refuses, the client learns why" \
	"UNREACHABLE | 2 | the QPN names no netdev of this namespace" "$(ask -u $red | fields event status refusal)"
topology_silence
tap_end
