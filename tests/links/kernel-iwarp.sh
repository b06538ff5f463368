#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The extended rdma_cm over iWARP (siw), beside sib: listeners bound to netdevs share a port although siw has one
# listener for a port, the ingress record, and ids in a namespace where the process is not.
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/script.sh
trap 'session_end 2>/dev/null; settings_policy report; rdma link del siw0 2>/dev/null; rdma link del siw1 2>/dev/null
	ip link del v0 2>/dev/null; topology_down; rmmod siw 2>/dev/null || true' EXIT

modprobe siw
topology_container red ib0
ip netns add iw
topology_netnses+=(iw)
topology_ready
topology_batch red "addr add 10.0.0.5/24 dev ib0.red"
ip link add v0 index 800 type veth peer name v1 index 801 netns iw
topology_batch host "addr add 10.5.0.1/24 dev v0" "link set v0 up"
topology_batch iw "addr add 10.5.0.2/24 dev v1" "link set v1 up" "link set lo up"
rdma link add siw0 type siw netdev v0
topology_exec iw rdma link add siw1 type siw netdev v1

session_begin
for command in "create x rdma host" "netdev x ib0" "bind x 0.0.0.0 7330" "listen x" \
	"create y rdma host" "receive y" "netdev y v0" "bind y 0.0.0.0 7330" "listen y"; do
	tap_equal "$command" ok "$(session "$command")"
done
# On one host a neighbour answers before ib_core has begun to wait for it: ask first.
topology_exec iw ping -c 1 -W 5 10.5.0.1 >/dev/null
topology_exec iw "$CMWHO" connect --timeout 100 --port 7330 10.5.0.1 >/dev/null 2>&1 &
client=$!
tap_equal "a request over iWARP reaches the listener of its netdev" y "$(session request)"
tap_match "its record: the netdev under the TCP connection" \
	'^ingress=v0 handling=v0 vrf=- bond_port=- by=4 route=1 rule=4 reason=0 policy=0 candidates=1 pkey=0 port=1 transport=3 ' \
	"$(session record)"
kill "$client" 2>/dev/null || true
"$CMWHO" connect --timeout 100 --port 7330 10.5.0.1 >/dev/null 2>&1 &
client=$!
tap_equal "a connection to oneself" y "$(session request)"
tap_match "its record says so" '^ingress=v0 handling=v0 .* by=4 route=2 rule=4 reason=0 ' "$(session record)"
kill "$client" 2>/dev/null || true
topology_batch host "link add link v0 name v0.8 type vlan id 8" "link set v0.8 up" "addr add 10.5.0.1/32 dev v0.8"
topology_exec iw "$CMWHO" connect --timeout 100 --port 7330 10.5.0.1 >/dev/null 2>&1 &
client=$!
tap_equal "two netdevs over the port have the address: the request is accepted" y "$(session request)"
tap_match "but flagged as ambiguous" '^ingress=v0 .* by=6 .* reason=4 policy=0 candidates=2 ' "$(session record)"
kill "$client" 2>/dev/null || true
refused() { topology_exec iw "$CMWHO" connect -j --timeout 100 --port "$1" 10.5.0.1 2>&1 || true; } # PORT
settings_policy verify
tap_match "policy verify: refused" REJECTED "$(refused 7330)"
settings_policy report
for command in "create w rdma host" "netdev w v0.8" "bind w 0.0.0.0 7334" "listen w"; do
	tap_equal "$command" ok "$(session "$command")"
done
tap_match "the listener of a netdev above: refused, it did not arrive there" REJECTED "$(refused 7334)"
# The same netdev, seen twice because of what is above it, is one.
topology_batch host "addr del 10.5.0.1/24 dev v0" "link add link v0.8 name over type macvlan mode bridge" \
	"link set over up addrgenmode none" "route add 10.5.0.2/32 dev v0"
for command in "create z rdma host" "receive z" "bind z 0.0.0.0 7332" "listen z"; do
	tap_equal "$command" ok "$(session "$command")"
done
topology_exec iw "$CMWHO" connect --timeout 100 --port 7332 10.5.0.1 >/dev/null 2>&1 &
client=$!
tap_equal "a macvlan without an address is over the VLAN that has it: the request is accepted" z "$(session request)"
tap_match "and not flagged" '^ingress=v0.8 .* by=4 .* reason=0 policy=0 candidates=1 ' "$(session record)"
kill "$client" 2>/dev/null || true
session_end

script "an id in a namespace where the process is not: refused where it cannot work" <<'END'
create id rdma host
netns id iw
bind id 10.5.0.2 7331
listen id => EOPNOTSUPP
close id
create any rdma host
netns any iw
bind any 0.0.0.0 7331
listen any
END
tap_end
