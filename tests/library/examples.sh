#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The examples of librdmacm/examples: the list is as rdma-ns has it; the server refuses what was meant for another,
# and says so; the client sends nothing to a netdev that it did not aim at.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
bin=${RDMA_NS_BUILD:-$PWD/build}/bin
trap topology_down EXIT
red=10.0.0.5

client() # MESSAGE
{
	status=0
	said=$(topology_exec client timeout "$(tap_slow 30)" "$bin/ns-checking-client" $red 7471 "$1" 2>&1) || status=$?
}

topology_container blue ib0
topology_container red ib0
topology_container client ib1
topology_ready
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
qpn=$(topology_qpn red ib0.red)

tap_equal "the list" "sib0/1 ib ib0.red P_Key 0xffff QPN $qpn up" \
	"$(topology_exec red "$bin/ns-list-netdevs" | grep -o '.* up')"
tap_equal "the list of another namespace" "$(topology_exec red "$bin/ns-list-netdevs")" "$("$bin/ns-list-netdevs" /run/netns/red)"
tap_match "a namespace that is not there is an error, not this one" "cannot list the netdevs of /run/netns/green: Bad file descriptor" \
	"$("$bin/ns-list-netdevs" /run/netns/green 2>&1 || true)"

topology_start red server "$bin/ns-policy-server" strict 1 7471 $red
server=$topology_started
client hello
tap_equal "a server with a policy, a client that checks" "0: answered by: as aimed" "$status: $said"
status=0
wait "$server" || status=$?
tap_equal "the server has the message, and says how it came" "0: accepted: by qpn on ib0.red: hello" \
	"$status: $(grep -v listening "$(topology_log server)")"

topology_address blue ib0.blue $red/24
topology_start blue thief "$bin/ns-policy-server" verify 1 7471 $red
client secret
tap_equal "theft: the server refuses, the client is told" "1: refused: the QPN names no netdev of this namespace" "$status: $said"
tap_equal "theft: the server's observer hears of it" "refused: the QPN names no netdev of this namespace" \
	"$(grep -v listening "$(topology_log thief)")"
topology_silence
topology_start blue thief "$bin/ns-policy-server" report 1 7471 $red
client secret
tap_equal "theft, a server that takes all: the client sends it nothing" "1: answered by: another netdev" "$status: $said"
tap_fail "and it has nothing" grep -q secret "$(topology_log thief)"
tap_match "usage" "^Usage: .* report\|verify\|strict COUNT PORT \[ADDRESS\]$" "$("$bin/ns-policy-server" lax 1 7471 2>&1 || true)"
tap_end
