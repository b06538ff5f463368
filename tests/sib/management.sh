#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What the usual tools for fabrics say of this one: topology, tables, records, counters.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

lid() { echo $(($(<"/sys/class/infiniband/$1/ports/${2:-1}/lid"))); }
guid() { sed 's/^.*:\(....\):\(....\):\(....\):\(....\)$/0x\1\2\3\4/' "/sys/class/infiniband/$1/ports/1/gids/0"; }

# A tool's output, which must come with status 0 and have each of the patterns in it.
says() # NAME "COMMAND" PATTERN...
{
	local name=$1 output status=0 pattern
	# shellcheck disable=SC2086
	output=$(timeout 30 $2 2>&1) || status=$?
	for pattern in "${@:3}"; do
		[[ $output =~ $pattern ]] || {
			tap_result 1 "$name"
			tap_note "'$2', status $status, lacks '$pattern':" "$output"
			return
		}
	done
	tap_result "$status" "$name"
	((!status)) || tap_note "'$2': status $status" "$output"
}

one=$(lid sib0)
two=$(lid sib1)
switch=$(smpquery -D portinfo 0,1 0 | sed -n 's/^Lid:\.*//p')

says "ibstat" "ibstat" "CA 'sib0'" "CA 'sib1'" "State: Active" "Physical state: LinkUp" "Base lid: $one" "Link layer: InfiniBand"
says "ibv_devinfo" "ibv_devinfo -v" "hca_id:.sib0" "PORT_ACTIVE" "link_layer:.*InfiniBand" "active_mtu:.*4096"
says "ibnetdiscover" "ibnetdiscover" "Switch.*sib switch" "Ca.*sib0" "Ca.*sib1" "$(guid sib0 | sed 's/^0x0*//')"
says "ibhosts" "ibhosts" "sib0" "sib1"
says "ibswitches" "ibswitches" "sib switch"
says "iblinkinfo" "iblinkinfo" "4X.*10\.0 Gbps Active/ +LinkUp.*sib0" "Active/ +LinkUp.*sib1"
says "ibtracert" "ibtracert $one $two" "$two"
says "ibroute" "ibroute $switch" "Channel Adapter portguid $(guid sib1)"
says "sminfo" "sminfo" "sm lid $one" "SMINFO_MASTER"
says "ibaddr" "ibaddr $two" "LID start.*$two"
# Tests before this one have hurt this fabric on purpose.
ibqueryerrors -k >/dev/null 2>&1 || true
says "ibqueryerrors" "ibqueryerrors" "3 nodes checked, 0 bad nodes found"

says "smpquery nodeinfo" "smpquery nodeinfo $two" "NodeType:\.*Channel Adapter" "NumPorts:\.*1"
says "smpquery nodedesc" "smpquery nodedesc $two" "sib1"
says "smpquery portinfo" "smpquery portinfo $two 1" "Lid:\.*$two" "SMLid:\.*$one" "LinkState:\.*Active" "NeighborMTU:\.*4096"
says "smpquery pkeys" "smpquery pkeys $two 1" "0xffff 0x8001 0x0002 0x0003"
says "smpquery sl2vl" "smpquery sl2vl $two 1" "SL"
says "smpquery vlarb" "smpquery vlarb $two 1" "VL"
says "smpquery guidinfo" "smpquery guidinfo $two" "$(guid sib1)"
says "smpquery switchinfo" "smpquery switchinfo $switch" "LinearFdbCap" "MulticastFDBTop"
says "smpquery by directed route" "smpquery -D nodeinfo 0,1,2" "NodeType:\.*Channel Adapter" "PortGuid:\.*$(guid sib1)"

says "saquery nodes" "saquery -N" "sib0" "sib1" "sib switch"
says "saquery a path" "saquery -p --src-to-dst $one:$two" "slid\.*$one" "dlid\.*$two" "mtu\.*0x85"
says "saquery port" "saquery PIR $two" "Lid:\.*$two" "LinkState:\.*Active"
says "saquery multicast groups" "saquery -g" "ff12:401b:ffff::ffff:ffff" "ff12:401b:8001::ffff:ffff"
says "saquery members" "saquery -m" "Mlid\.*0xC000" "ff12:401b:ffff::ffff:ffff"
says "saquery through the other host" "saquery -C sib1 -N" "sib0"

ibping -C sib0 -S >/dev/null 2>&1 &
server=$!
sleep 0.5
says "ibping" "ibping -C sib1 -c 5 $one" "5 packets transmitted, 5 received, 0% packet loss"
programs_stop "$server"

counter() # LID PORT NAME
{
	perfquery -x "$1" "$2" | sed -n "s/^$3:\.*//p"
}

counters() # each in turn: of sib0, sib1, the switch's two ports
{
	counter "$one" 1 PortXmitData
	counter "$two" 1 PortRcvData
	counter "$switch" 1 PortRcvData
	counter "$switch" 2 PortXmitData
}

# 100 x 64 KiB are 1638400 words of 4 bytes, and a few percent of headers.
says "perfquery" "perfquery $two 1" "PortXmitData" "PortRcvPkts" "SymbolErrorCounter"
mapfile -t before < <(counters)
programs_pair "a known amount of data" host "ib_write_bw -d sib1 -F -n 100 -s 65536" \
	host "ib_write_bw -d sib0 -F -n 100 -s 65536 127.0.0.1"
mapfile -t after < <(counters)
i=0
for name in "sent by sib0" "received by sib1" "received by the switch" "sent by the switch"; do
	words=$((after[i] - before[i]))
	((words >= 1638400 && words < 1638400 * 106 / 100)) && status=0 || status=1
	tap_result $status "counters: data $name"
	((!status)) || tap_note "$words words of 4 bytes, for 1638400 of payload"
	i=$((i + 1))
done
tap_run "perfquery -R resets" perfquery -R "$two" 1
tap_match "PortRcvPkts after it" '^[0-9]{1,2}$' "$(perfquery "$two" 1 | sed -n 's/^PortRcvPkts:\.*//p')"
tap_end
