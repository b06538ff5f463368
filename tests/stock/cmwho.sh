#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# cmwho itself, which other tests trust: what it prints, and how it ends.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
trap topology_down EXIT

server=10.0.0.5
topology_container server ib0
topology_container client ib1
topology_ready
topology_address server ib0.server $server/24
topology_address client ib1.client 10.0.0.9/24

connect() { topology_exec client "$CMWHO" connect "$@" 2>&1; }

check() # NAME STATUS PATTERN CONNECT-ARGUMENT...
{
	local output status=0
	output=$(connect "${@:4}") || status=$?
	tap_match "$1" "^$3 status $2\$" "$output status $status"
}

log() { tail -n 1 "$(topology_log server)"; }

check "nobody listens: rejected" 1 "$server:7471: REJECTED status 8" $server
check "nobody has the address: no answer to ARP" 1 '10.0.0.77:7471: ADDR_ERROR status -1[0-9]+ \(.*\)' -t 2 10.0.0.77

topology_listen server server
check "a connection is answered" 0 "$server:7471: answered by server" $server
tap_match "the listener names addresses, device, port and P_Key" \
	"^server: request 1 to $server:7471 from 10.0.0.9:[0-9]+ on sib0 port 1 P_Key 0xffff: accepted\$" "$(log)"
check "with an address to connect from" 0 "$server:7471: answered by server" -s 10.0.0.9 $server
check "56 bytes of private data fit" 0 "$server:7471: answered by server" -n client -L 56 $server
tap_match "the listener prints who asks" "from 10.0.0.9:[0-9]+ by client on" "$(log)"
check "57 do not" 1 "$server:7471: rdma_connect status -22 \(Invalid argument\)" -n client -L 57 $server
tap_match "repeated attempts are summed up" 'summary: 3 of 3 answered by server$' "$(connect -R 3 $server)"
tap_equal "JSON: the client's lines" 'answered server ESTABLISHED 0 sib1 1 0xffff 196;answered server ESTABLISHED 0 sib1 1 0xffff 196;summary 2 2 2' \
	"$(connect -j -R 2 $server | jq -r 'if .event == "summary" then [.event, .tried, .answered, .by.server]
		else [.event, .name, .what, .status, .device, .device_port, .pkey, .private_data_length] end | join(" ")' | paste -sd ';')"
for i in 1 2 3; do
	topology_exec client timeout -s KILL "0.$((RANDOM % 8 + 2))" "$CMWHO" connect -R 1000 $server >/dev/null 2>&1 || true
done
check "clients that were killed do not disturb the listener" 0 "$server:7471: answered by server" $server
topology_silence

status=0
topology_exec server "$CMWHO" listen -b 10.9.9.9 2>/dev/null || status=$?
tap_equal "an address of nobody cannot be bound" 1 "$status"
status=0
topology_exec server "$CMWHO" listen -t 1 >/dev/null 2>&1 || status=$?
tap_equal "a listener without requests fails after its timeout" 1 "$status"
status=0
topology_exec server "$CMWHO" listen >/dev/full 2>/dev/null &
pid=$!
connect -t 20 $server >/dev/null || true
wait "$pid" || status=$?
tap_equal "a listener without output fails" 1 "$status"

# shellcheck disable=SC1003
topology_listen server "$(printf 'a\nb \033[2J"\\')" -c 2
check "a hostile name is escaped" 0 "$server:7471: answered by a.x0ab.x20.x1b.2J..x5c" $server
tap_equal "and is JSON" 'a\x0ab\x20\x1b[2J"\x5c' "$(connect -j $server | jq -r .name)"
status=0
wait "${topology_listeners[0]}" || status=$?
tap_equal "a listener ends after its count" 0 "$status"
topology_silence

topology_listen server server -v -j -L 196
tap_equal "JSON: the reply holds name, NUL and offsets" "736572766572000708$(printf '%02x' {9..195})" \
	"$(connect -j $server | jq -r .private_data)"
connect -n me -L 6 $server >/dev/null
tap_equal "JSON: the listener's line" "request accepted me sib0 1 0xffff 56 6d6500030405$(printf '00%.0s' {6..55})" \
	"$(log | jq -r '[.event, .answer, .from, .device, .device_port, .pkey, .private_data_length, .private_data] | join(" ")')"
topology_silence

topology_listen server server -r
check "a refusal carries the name" 1 "$server:7471: REJECTED status 28 by server" $server
topology_silence

topology_listen server server -P udp -b ::
check "datagrams (SIDR)" 0 "$server:7471: answered by server" -P udp $server
address=$(topology_ip server -6 -o addr show dev ib0.server scope link | sed 's/.* inet6 \([^/]*\).*/\1/')
topology_silence

topology_listen server server -P udp -r
check "datagrams: a refusal" 1 "$server:7471: UNREACHABLE status 2 by server" -P udp $server
topology_silence

# The parent has the same link-local address and would be found first.
ip -6 addr flush dev ib0 scope link
topology_listen server server -b "$address%ib0.server" -p 9
check "an IPv6 link-local address" 0 "\[$address%ib1.client\]:9: answered by server" -p 9 "$address%ib1.client"
topology_silence
tap_end
