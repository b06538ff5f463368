#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns says the same at every level: one table, run here on the stock kernel and by library/levels-extended
# on the extended one, with argument 2. Where levels differ, a row has what each can know.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/peers.sh
. tests/lib/programs.sh
BUILD=${RDMA_NS_BUILD:-$PWD/build}
trap topology_down EXIT
red=10.0.0.5
red6=fd00::5

level=${1:-1}
tap_equal "the library tells the level of this kernel" "$level" "$("$BUILD/bin/rdma-ns" --json features | jq -r '.features[0].level')"
decider=library
((level < 2)) || decider=kernel

# ONE at level 1, OTHER at level 2.
at() { if ((level < 2)); then echo "$1"; else echo "$2"; fi; } # ONE OTHER
ifindex() { topology_ip "$1" -o link show dev "$2" | sed 's/:.*//'; } # NETNS NETDEV

topology_container red ib0
topology_child red ib0 ib0.x 0xffff
topology_container client ib1
topology_ready
topology_exec red sysctl -qw net.ipv4.conf.all.arp_ignore=1
topology_address red ib0.red $red/24
topology_address red ib0.red $red6/64
topology_address red ib0.x 10.0.2.5/24
topology_address client ib1.client 10.0.0.9/24
topology_address client ib1.client fd00::9/64
topology_address client ib1.client 10.0.2.9/24
qpn=$(topology_qpn red ib0.red)
client_qpn=$(topology_qpn client ib1.client)
printf '%s\n' "neigh replace $red lladdr $(topology_lladdr red ib0.red) dev ib1.client" \
	"neigh replace 10.0.2.5 lladdr $(topology_lladdr red ib0.x) dev ib1.client" \
	"neigh replace $red6 lladdr $(topology_lladdr red ib0.red) dev ib1.client" | ip -n client -batch -
known="ib0.red | $(ifindex red ib0.red) | ib0.red | $(topology_exec red stat -Lc %i /proc/self/ns/net) | sib0 | 1 | 0xffff | $qpn"

stock() { topology_exec client "$CMWHO" connect -j "$@" 2>&1 | fields event private_data; } # OPTION... ADDRESS
request() { last red | fields "$@"; } # FIELD...

serve red red -p strict 0.0.0.0
tap_equal "all that there is to know, strict" \
	"ESTABLISHED | sent | as aimed | accept | none | $known | 1 | qpn | delivered | wildcard | $decider | $client_qpn | $qpn" \
	"$(ask -p strict $red | fields event sent who) | $(request verdict reason netdev ifindex handling netns device port p_key netdev_qpn candidates by route rule decider peer_qpn wanted_qpn)"
for length in 0 1 40; do
	tap_equal "REQ, $length bytes" "sent | $(bytes $length 56) | qpn" "$(ask -L $length $red | fields sent) | $(request data by)"
done
for length in 41 56; do
	tap_equal "strict, REQ, $length bytes: in the RDMA CM header, or ahead of the request" \
		"ESTABLISHED | $(at "sent ahead" sent) | none | as aimed | $(bytes $length 56) | qpn" \
		"$(ask -L $length $red | fields event sent refusal who) | $(request data by)"
done
tap_equal "strict, a stock client" "$(at failed answered)" \
	"$(topology_exec client "$CMWHO" connect -j $red 2>&1 | fields event)"
tap_equal "an address on another netdev of the listener's" "ESTABLISHED | ib0.x | qpn" \
	"$(ask 10.0.2.5 | fields event) | $(request netdev by)"
topology_silence

serve red red -p verify -0 ::
tap_equal "REQ without parameters (NULL)" "sent | $(bytes 0 56) | accept | qpn | wildcard" \
	"$(ask -0 $red | fields sent) | $(request data verdict by rule)"
tap_equal "a stock client" "answered | $(bytes 0 196) | $(bytes 0 56) | accept | $(at address qpn) | $decider" \
	"$(stock $red) | $(request data verdict by decider)"
for length in 40 41; do
	tap_equal "IPv6, REQ, $length bytes" \
		"$( ((length == 40)) && echo sent || at "sent ahead" "no room beside the private data") | $(bytes $length 56) | $( ((length == 40)) && echo qpn || at qpn address)" \
		"$(ask -L $length $red6 | fields sent) | $(request data by)"
done
tap_equal "IPv6, a stock client" "answered | $(bytes 0 196) | $(bytes 0 56) | $(at address qpn)" \
	"$(stock $red6) | $(request data by)"
tap_equal "a connection to oneself" "ESTABLISHED | ib0.red | delivered to self" \
	"$(peers_client=red ask $red | fields event) | $(request netdev route)"
tap_equal "an endpoint" "ESTABLISHED | as aimed" "$(ask -e $red | fields event who)"
topology_silence

# A client whose kernel sends no QPN is like one on a stock kernel.
if ((level == 2)); then
	echo N >/sys/module/rdma_cm/parameters/send_qpn
	serve red red -p verify $red
	for length in 40 41; do
		tap_equal "the client's kernel sends no QPN, REQ, $length bytes" \
			"$( ((length == 40)) && echo "sent | qpn" || echo "no room beside the private data | address")" \
			"$(ask -L $length $red | fields sent) | $(request by)"
	done
	topology_silence
	serve red red -p strict $red
	tap_equal "strict, without room there" "REJECTED | no room beside the private data" \
		"$(ask -L 56 $red | fields event sent)"
	topology_silence
	echo Y >/sys/module/rdma_cm/parameters/send_qpn
fi

serve red red -u -p strict -L 120 $red
for length in 0 164; do
	tap_equal "SIDR REQ, $length bytes" "ESTABLISHED | as aimed | $(bytes 120 136) | $(bytes $length 180) | qpn | address" \
		"$(ask -u -L $length $red | fields event who data) | $(request data by rule)"
done
tap_equal "strict, SIDR REQ, 165 bytes" "$(at "UNREACHABLE | the peer sent no QPN" "ESTABLISHED | none")" \
	"$(ask -u -L 165 $red | fields event refusal)"
topology_silence

# Ids in another namespace, bound to netdevs.
serve host red -N red -I "$(ifindex red ib0.red)" -p strict 0.0.0.0
tap_equal "bound to the right netdev, ids in other namespaces" \
	"ESTABLISHED | as aimed | $known | wildcard, bound to the netdev" \
	"$("$PEER" connect -N client -I "$(ifindex client ib1.client)" $red | fields event who) | $(request netdev ifindex handling netns device port p_key netdev_qpn rule)"
# A kernel says no more than that nobody listens, as TCP does.
tap_equal "through the wrong one: refused" \
	"$(at "REJECTED | 28 | the listener is bound to another netdev" "REJECTED | 8 | none")" \
	"$(ask 10.0.2.5 | fields event status refusal)"
tap_equal "a second listener on that port, bound to another netdev" \
	"$(at '{"event":"rdma_ns_bind_addr","status":-99}' '{"event":"listening"}')" \
	"$(topology_exec red timeout 2 "$PEER" listen -I "$(ifindex red ib0.x)" 0.0.0.0 | head -n 1)"
tap_equal "a netdev that is not there" "rdma_ns_create_id | -19" "$(ask -I 9999 $red | fields event status)"
topology_silence
topology_listen red plain --bind $red
tap_equal "a listener without the library: nothing new for it" "ESTABLISHED" "$(ask $red | fields event)"
tap_equal "nor for its stock client" "answered | 706c61696e$(bytes 0 191)" "$(stock $red)"
topology_silence

export LD_PRELOAD="${RDMA_NS_RUNTIME:+$RDMA_NS_RUNTIME:}$BUILD/lib/rdma-ns/librdma-ns-preload.so" RDMA_NS_POLICY=strict
programs_pair "rping, preloaded, strict" red "rping -s -a $red -C 3" client "rping -c -a $red -C 3"
programs_pair "rdma_server (synchronous), preloaded, strict" red "rdma_server -s $red -p 7474" client "rdma_client -s $red -p 7474"
programs_pair "rstream (rsockets), preloaded, strict" red "rstream -b $red -C 20 -S 16384" client "rstream -s $red -C 20 -S 16384"
tap_end
