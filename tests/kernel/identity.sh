#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Step 1 does not rest on what a tenant can write: its GUID, its broadcast address, the type of a TAP device, an
# address that comes and goes, the P_Key that a request names. Blue, whose netdevs are older, tries each.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/theft.sh
. tests/lib/flood.sh
. tests/lib/peers.sh
bin=${RDMA_NS_BUILD:-$PWD/build}/bin
times=5
fickle=
peers_port=7471

cleanup()
{
	[[ -z $fickle ]] || kill "$fickle" 2>/dev/null || true
	settings_reset
	theft_down
}
trap cleanup EXIT

who() # NETNS ADDRESS [OPTION]...: how $times attempts ended
{
	{ topology_exec "$1" "$CMWHO" connect --repeat $times --timeout "$(tap_slow 5)" "${@:3}" "$2" 2>&1 || true; } |
		sed '/^summary/d; s/^[^ ]*: //' | sort | uniq -c | sed 's/^ *//' | paste -sd ,
}

both_spaces() # COMMAND...: for connections and for datagrams
{
	"$@" --port-space tcp
	"$@" --port-space udp
}

# What one request, sent by hand, adds to the counter: 1 within five seconds, or 0.
adds() # "VERDICT WHAT" COMMAND...
{
	local before i
	# shellcheck disable=SC2086
	before=$(settings_requests $1)
	"${@:2}"
	for ((i = 0; i < topology_patience; i++)); do
		# shellcheck disable=SC2086
		(($(settings_requests $1) == before)) || break
		topology_nap
	done
	# shellcheck disable=SC2086
	echo $(($(settings_requests $1) - before))
}

# Objects of the size of an entry in the table that once was. Freed ones count until a grace period has passed, and
# those that a CPU keeps for itself until the cache is shrunk.
slab()
{
	sleep 0.5
	echo 1 >/sys/kernel/slab/kmalloc-64/shrink
	awk '$1 == "kmalloc-64" { print $2 }' /proc/slabinfo
}

taps() { setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn "$bin/tap-types" "$1"; }

# Any user has TAP devices, and may say of them that they are IPoIB's.
fact_taps()
{
	local before grown
	modprobe tun
	# As udev has it.
	chmod 666 /dev/net/tun
	# The first ones fill the allocator's caches.
	taps 100
	before=$(slab)
	for _ in 1 2 3 4; do
		taps 300
	done
	grown=$(($(slab) - before))
	tap_note "after 1200 TAP devices: $grown objects more"
	tap_equal "TAP devices that claimed to be IPoIB's leave nothing behind" 1 $((grown < 300))
	# It would be taken for a struct of ib_ipoib's.
	tap_match "nor does one become the parent of an IPoIB netdev" "No such device|status 2" \
		"$(setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn \
			"$bin/tap-types" hold ip link add link tap0 name thief type ipoib 2>&1 || echo "status $?")"
}

# QPNs are unique on a device only. Blue waits for one that red has on another device, and takes red's GUID as well.
fact_equal_qpns()
{
	local lladdr twin space
	topology_container far ib1
	topology_twin far ib1.far blue ib0
	topology_ready
	twin=$topology_twin
	lladdr=$(topology_lladdr far ib1.far)
	tap_equal "blue on sib0 and far on sib1 have the same QPN" "$(topology_qpn far ib1.far)" "$(topology_qpn blue $twin)"
	topology_address far ib1.far 10.0.7.5/24
	topology_address blue $twin 10.0.7.5/24
	topology_address client ib1.client 10.0.7.9/24
	topology_take_guid blue $twin "$lladdr"
	tap_equal "blue has far's hardware address" "$lladdr" "$(topology_lladdr blue $twin)"
	topology_ip client neigh replace 10.0.7.5 lladdr "$lladdr" dev ib1.client nud permanent
	for space in tcp udp; do
		topology_listen far far-$space --bind 10.0.7.5 --port-space $space
		topology_listen blue thief-$space --bind 10.0.7.5 --port-space $space
	done
	settings_policy strict
	tap_equal "with that QPN and GUID on another device: far gets its requests" \
		"$times answered by far-tcp / $times answered by far-udp" \
		"$(both_spaces who client 10.0.7.5 | paste -sd / | sed 's#/# / #')"
	settings_policy report
	topology_silence
	topology_ip blue addr flush dev $twin
}

# Without QPNs the address decides, and policy verify wants a single candidate.
fact_broadcast()
{
	settings_policy verify
	settings_send_qpn N
	topology_address blue ib0.blue $red/24
	topology_listen red red --bind $red
	topology_listen blue blue --bind $red
	topology_broadcast blue ib0.blue 0x8001
	tap_match "another P_Key in its broadcast address does not hide blue: ambiguous" "^$times REJECTED status 28" \
		"$(who client $red)"
	topology_broadcast blue ib0.blue 0xffff
	topology_ip blue addr del $red/24 dev ib0.blue
	topology_silence
	topology_listen red red --bind $red

	topology_child blue ib0 ib0.other 0x8001
	topology_ready
	topology_address blue ib0.other $red/24
	topology_broadcast blue ib0.other 0xffff
	tap_equal "nor does it make blue's netdev in another partition a candidate: red gets them" \
		"$times answered by red" "$(who client $red)"
	topology_ip blue link del ib0.other
	topology_silence
}

# The netdev that is chosen is one of those that were counted.
fact_fickle()
{
	local outcome
	flood_serve red red
	flood_serve blue blue
	while :; do
		printf 'addr add %s dev ib0.blue\naddr del %s dev ib0.blue\n' $red/24 $red/24
	done | ip -n blue -force -batch - >/dev/null 2>&1 &
	fickle=$!
	outcome=$(flood 600 16)
	kill $fickle
	wait $fickle 2>/dev/null || true
	fickle=
	tap_note "$outcome"
	tap_match "an address that comes and goes: some reach red" 'answered by red' "$outcome"
	tap_equal "and none reaches blue" "" "$(grep -o '[0-9]* answered by blue' <<<"$outcome")"
	topology_silence
	topology_ip blue addr flush dev ib0.blue
	settings_policy report
	settings_send_qpn Y
}

# An administrator's way out. The address decides then, so blue's older netdev gets what it takes.
fact_heed()
{
	local lladdr
	lladdr=$(topology_lladdr red ib0.red)
	topology_listen red red --bind $red
	topology_ip client neigh replace $red lladdr "${lladdr%%:*}:0f:ff:f0:${lladdr#*:*:*:*:}" dev ib1.client nud permanent
	tap_match "a QPN that no netdev has: refused" "^$times REJECTED status 28" "$(who client $red)"
	settings_heed_qpn N
	tap_equal "heed_qpn=N: the address leads to red" "$times answered by red" "$(who client $red)"
	settings_policy strict
	tap_match "strict: refused, as no QPN has decided" "^$times REJECTED status 28" "$(who client $red)"
	settings_policy report
	topology_address blue ib0.blue $red/24
	topology_listen blue blue --bind $red
	theft_pin ib1.client red ib0.red $red
	tap_equal "report: blue, which takes the address, gets what aims at red's QPN" "$times answered by blue" \
		"$(who client $red)"
	tap_match "and the kernel's log tells the address" \
		"duplicate IP address detected: 2 netdevs of port 1 with P_Key 0xffff have $red" "$(dmesg | tail -n 5)"
	settings_policy verify
	tap_match "verify: nobody does" "^$times REJECTED status 28" "$(who client $red)"
	settings_policy report
	settings_heed_qpn Y
	tap_equal "heed_qpn=Y: red does" "$times answered by red" "$(who client $red)"
	topology_silence
	topology_ip blue addr flush dev ib0.blue
	topology_ip client neigh del $red dev ib1.client
}

# The client's port sends with P_Key 0xffff, whatever the request says.
fact_pkey()
{
	local lid gid peer qpn other
	theft_partitions
	settings_watch
	qpn=$(topology_qpn red ib0.red)
	other=$(topology_qpn red ib0.8001)
	lid=$(</sys/class/infiniband/sib0/ports/1/lid)
	gid=$(</sys/class/infiniband/sib0/ports/1/gids/0)
	peer=$(</sys/class/infiniband/sib1/ports/1/gids/0)
	serve red connections 0.0.0.0
	serve red datagrams -u 0.0.0.0
	local to=(sib1 "$lid" "$gid" "$peer")
	for kind in rc ud; do
		tap_equal "$kind: a request by hand is as good as another" 1 \
			"$(adds "accepted qpn" "$bin/cm-mad" $kind "${to[@]}" 0xffff 10.0.0.9 $red $peers_port "$qpn")"
		tap_equal "$kind: it does not get into a partition by naming its P_Key and QPN" 1 \
			"$(adds "refused qpn_unknown" "$bin/cm-mad" $kind "${to[@]}" 0x8001 10.0.1.9 10.0.1.5 $peers_port "$other")"
		tap_equal "$kind: nor by naming its P_Key and an address there" 1 \
			"$(adds "refused unresolved" "$bin/cm-mad" $kind "${to[@]}" 0x8001 10.0.1.9 10.0.1.5 $peers_port)"
		tap_equal "$kind: report: a P_Key that is not the packet's is accepted" 1 \
			"$(adds "accepted qpn" "$bin/cm-mad" $kind "${to[@]}" 0x8001 10.0.0.9 $red $peers_port "$qpn")"
		settings_policy verify
		tap_equal "$kind: verify: it is refused" 1 \
			"$(adds "refused pkey_differs" "$bin/cm-mad" $kind "${to[@]}" 0x8001 10.0.0.9 $red $peers_port "$qpn")"
		tap_equal "$kind: verify: without membership it is the same P_Key" 1 \
			"$(adds "accepted qpn" "$bin/cm-mad" $kind "${to[@]}" 0x7fff 10.0.0.9 $red $peers_port "$qpn")"
		settings_policy report
	done
	topology_silence
	tap_equal "three connections have reached red" 3 "$(requests connections)"
	# librdma-ns does not ask that of kernel/series, which has traced connections and datagrams.
	if settings_series; then
		tap_equal "what was accepted in spite of it is flagged" "none pkey_differs none none pkey_differs none" \
			"$(sed -n 's/.* cm_req_ingress: .* reason=\([^ ]*\) refusal=none$/\1/p' "$settings_tracing/trace" | paste -sd ' ')"
		return
	fi
	tap_equal "what was accepted in spite of it is flagged" "none | the packet's P_Key is not the request's | none" \
		"$(grep '"request"' "$(topology_log connections)" | fields reason | paste -sd '|' | sed 's/|/ | /g')"
}

theft_topology
(($#)) || set -- taps broadcast fickle heed pkey equal_qpns
for fact; do
	"fact_$fact"
done
tap_end
