#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns under other ways to connect: synchronous endpoints, connect data, QPs that librdmacm does not
# know; rejections with private data; stock peers for datagrams; the theft in IPv6.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/theft.sh
. tests/lib/peers.sh
trap topology_down EXIT

theft_topology
qpn=$(topology_qpn red ib0.red)
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null

# What "ask -C BEFORE -L LENGTH" sends, padded to TOTAL.
after() # BEFORE LENGTH TOTAL
{
	local i
	for ((i = 0; i < $1; i++)); do
		printf cc
	done
	bytes "$2" $(($3 - $1))
}

# Endpoints; ids of the host's in other namespaces as well.
serve red red -e -p strict $red
tap_equal "rdma_create_ep and rdma_get_request, strict: QPNs exchanged" "ESTABLISHED | sent | as aimed | accept | qpn" \
	"$(ask -e -p strict $red | fields event sent who) | $(last red | fields verdict by)"
for length in 0 8 24; do
	tap_equal "16 bytes of ai_connect and $length: unchanged; QPNs sent" "sent | as aimed | $(after 16 $length 56) | qpn" \
		"$(ask -e -C 16 -L $length $red | fields sent who) | $(last red | fields data by)"
done
tap_equal "NULL parameters behind ai_connect" "sent | $(after 40 0 56)" \
	"$(ask -e -C 40 -0 $red | fields sent) | $(last red | fields data)"
count=$(requests red)
tap_equal "16 and 25: no room; rdma_ns_get_request never returns what is refused" \
	"REJECTED | no room beside the private data | the peer sent no QPN | $count" \
	"$(ask -e -C 16 -L 25 $red | fields event sent refusal) | $(requests red)"
tap_equal "and waits for the next one" "ESTABLISHED | $((count + 1))" "$(ask -e $red | fields event) | $(requests red)"
topology_silence
tap_equal "what was refused is counted" "$((count + 1)) | 0 | 1" "$(statistics red)"
serve host red -e -N red -r -L 148 $red
tap_equal "an endpoint in another namespace rejects with 148 bytes" "REJECTED | 28 | $(bytes 148 148) | none" \
	"$(peers_client=host ask -e -N client -I "$(topology_ip client -o link show dev ib1.client | sed 's/:.*//')" $red |
		fields event status data refusal)"
topology_silence
tap_equal "an endpoint bound to a netdev without an address" '{"event":"rdma_ns_create_ep","status":-99}' "$(ask -e -I 1 $red)"

# No QP of librdmacm's: CONNECT_RESPONSE and rdma_establish().
serve red red -q -p strict -L 180,1 $red
tap_equal "QPs of their own: QPNs exchanged, 180 bytes of REP unchanged" "CONNECT_RESPONSE | as aimed | $(bytes 180 196)" \
	"$(ask -q -p strict $red | fields event who data)"
tap_equal "REP, 1 byte: unchanged" "CONNECT_RESPONSE | $(bytes 1 196)" "$(ask -q $red | fields event data)"
tap_equal "NULL parameters, and no QP to take them from: an error, and the id is usable" "rdma_ns_connect | -22" \
	"$(ask -q -0 $red | fields event status)"
topology_silence

serve red red -r -L 0,1 $red
for length in 0 1; do
	tap_equal "REJ, $length bytes: unchanged, and no refusal" "REJECTED | 28 | $(bytes $length 148) | none" \
		"$(ask $red | fields event status data refusal)"
done
topology_silence
serve red red -u -r -L 0,1,136 $red
for length in 0 1 136; do
	tap_equal "SIDR, rejected with $length bytes: unchanged" "UNREACHABLE | 2 | $(bytes $length 136) | none" \
		"$(ask -u -L 1 $red | fields event status data refusal)"
done
topology_silence
serve red red -u -p verify -0 $red
tap_equal "SIDR REQ, 1 byte: unchanged" "ESTABLISHED | $(bytes 1 180) | qpn" \
	"$(ask -u -L 1 $red | fields event) | $(last red | fields data by)"
tap_equal "SIDR: a stock client, its reply as ever" "answered | $(bytes 0 136) | address | not asked for" \
	"$(topology_exec client "$CMWHO" connect -P udp -j $red | fields event private_data) | $(last red | fields by sent)"
topology_silence
topology_listen red stock -P udp --bind $red
tap_equal "SIDR: a stock listener answers as ever" "ESTABLISHED | sent | 0" "$(ask -u -p strict $red | fields event sent received)"
topology_silence

# The theft, in IPv6.
topology_address blue ib0.blue $red6/64
topology_ip client neigh flush dev ib1.client
topology_ip client neigh replace $red6 lladdr "$(topology_lladdr red ib0.red)" dev ib1.client
for kind in "" -u; do
	refused="REJECTED"
	[[ -z $kind ]] || refused="UNREACHABLE"
	# shellcheck disable=SC2086
	serve blue blue $kind -p report $red6
	# shellcheck disable=SC2086
	tap_equal "theft, IPv6 ${kind:-RC}, report: the client is told that blue answered" \
		"ESTABLISHED | $qpn | $(topology_qpn blue ib0.blue) | another netdev" \
		"$(ask $kind $red6 | fields event wanted_qpn peer_qpn who)"
	topology_silence
	# shellcheck disable=SC2086
	serve red red $kind -p verify $red6
	# shellcheck disable=SC2086
	serve blue blue $kind -p verify $red6
	# shellcheck disable=SC2086
	tap_equal "theft, IPv6 ${kind:-RC}, verify: blue refuses" "$refused | the QPN names no netdev of this namespace | 0 0" \
		"$(ask $kind $red6 | fields event refusal) | $(requests red) $(requests blue)"
	topology_silence
done
tap_end
