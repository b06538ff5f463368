#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A stock client and an extended listener, an extended client and a stock listener: what either kernel really
# sends is taken down whole by a listener of AF_IB, and given to the other one, loaded meanwhile, by AF_IB.
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
raw=${RDMA_NS_BUILD:-$PWD/build}/bin/cm-raw
parameters=/sys/module/rdma_cm/parameters
port=7400
data=0102030405060708
answer=1112131415161718
trap 'topology_down; kernel/load extended --keep-ipoib' EXIT

topology_container left ib0
topology_container right ib1
topology_ready
topology_batch left "addr add 10.0.0.5/24 dev ib0.left" "addr add fd00::5/64 dev ib0.left nodad"
topology_batch right "addr add 10.0.0.9/24 dev ib1.right" "addr add fd00::9/64 dev ib1.right nodad"
listener=$(topology_log raw)
gid=$(</sys/class/infiniband/sib1/ports/1/gids/0)
peer=$(</sys/class/infiniband/sib0/ports/1/gids/0)

declare -A sent replied
declare -A bytes=([rc]=56 [ud]=180) answer_bytes=([rc]=196 [ud]=136)

# What the listener has seen in $seen, what the client in $heard.
meet() # KIND LISTENER-ADDRESS ANSWER CLIENT-ADDRESS DATA [GID...]
{
	topology_start left raw "$raw" listen "$1" "$2" $port "$3"
	heard=$(topology_exec right timeout "$(tap_slow 30)" "$raw" connect "$1" "$4" $port "${@:5}")
	topology_silence
	seen=$(tail -n 1 "$listener")
	seen=${seen#request }
}

zeros() # BYTES
{
	printf "%0$((2 * $1))d" 0
}

padded() # DATA BYTES
{
	printf '%s%s' "$1" "$(zeros $(($2 - ${#1} / 2)))"
}

each() # FUNCTION ARGUMENT...
{
	local kind address
	for kind in rc ud; do
		for address in 10.0.0.5 fd00::5; do
			"$@"
		done
	done
}

# The client's request as it was sent.
take_down() # KERNEL
{
	meet "$kind" ib $answer "$address" $data
	sent[$1 $kind $address]=$seen
	tap_equal "$1 client, $kind, $address: the answer arrives" \
		"ESTABLISHED $(padded $answer "${answer_bytes[$kind]}")" "$heard"
}

# The other kernel's request at a listener of this one. To a stock one a trailer is private data.
give() # KERNEL OTHER
{
	local tail
	meet "$kind" "$address" $answer ib "${sent[$2 $kind $address]}" "$gid" "$peer" 0xffff
	replied[$1 $kind $address]=${heard#ESTABLISHED }
	tap_match "$1 listener, $2 client, $kind, $address: accepted" "^ESTABLISHED $answer" "$heard"
	tail=${sent[$2 $kind $address]:72}
	tap_equal "$1 listener, $2 client, $kind, $address: the private data as they were sent" "$tail" "$seen"
}

# The source port is the client's choice.
without_port() { echo "${1:0:4}----${1:8}"; }

compare()
{
	local stock extended
	stock=$(without_port "${sent[stock $kind $address]}")
	extended=$(without_port "${sent[extended $kind $address]}")
	if [[ $address == *:* ]]; then
		tap_match "extended client, $kind, $address: a record in the last 16 bytes" "4e51.{28}\$" "$extended"
		extended=${extended::-32}$(zeros 16)
	else
		tap_match "extended client, $kind, $address: a record ahead of the address" "^.{8}4e51" "$extended"
		extended=${extended:0:8}$(zeros 12)${extended:32}
	fi
	tap_equal "extended client, $kind, $address: nothing else differs from a stock one" "$stock" "$extended"
	tap_equal "stock client, $kind, $address: its data, and zeros" "$(padded $data "${bytes[$kind]}")" "${stock:72}"
}

verdicts()
{
	words=$(awk '$3 { printf "%s%s %s", separator, $1, $2; separator = ", " }' $parameters/requests)
}

# One that leaves trailers where they are.
kernel/load extended --keep-ipoib "$(. /run/vm/settings && echo "$cache/extended-race")"
echo Y >$parameters/keep_trailers
each take_down extended
kernel/load stock --keep-ipoib
each take_down stock
each compare
each give stock extended
kernel/load extended --keep-ipoib
each give extended stock
verdicts
tap_equal "the extended listener had no QPN, and went by address" "accepted address" "$words"

# What the stock listener replied, whole, to an extended client; the listener is AF_IB's again.
hear_stock()
{
	meet "$kind" ib "${replied[stock $kind $address]}" "$address" $data
	tap_equal "extended client, stock listener, $kind, $address: established, the answer as it was sent" \
		"ESTABLISHED $(padded $answer "${answer_bytes[$kind]}")" "$heard"
}
each hear_stock

same_reply()
{
	tap_equal "extended listener, stock client, $kind, $address: it replies what a stock one replies" \
		"${replied[stock $kind $address]}" "${replied[extended $kind $address]}"
}
each same_reply
tap_end
