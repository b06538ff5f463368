#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The extended rdma_cm over RoCE (rxe), beside sib: the ingress netdev by GID and VLAN, listeners bound to netdevs,
# and an address that a macvlan over the same port has as well. Since 7.1 rxe works in network namespaces: there
# rping between two.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/links.sh
. tests/lib/script.sh
. tests/lib/programs.sh
trap 'session_end 2>/dev/null; links_down; topology_down; settings_policy report' EXIT

modprobe -a 8021q macvlan
links_rxe
for i in 0 1; do
	topology_batch host "link add link v$i name v$i.7 type vlan id 7" "link set v$i.7 up" \
		"addr add 10.1.7.$((i + 1))/24 dev v$i.7"
	links_loose v$i.7
done

request() # NAME LISTENER RECORD KIND ADDRESS NETDEV [NETNS]
{
	local client
	echo "connect $4 ${7-host} $5 7340 $6" | "$CM_SCRIPT" >/dev/null 2>&1 &
	client=$!
	tap_equal "$1: the listener" "$2" "$(session request)"
	tap_match "$1: its record" "$3" "$(session record)"
	wait "$client" || true
}

# On one host a neighbour answers before ib_core has begun to wait for it: ask first.
ping -c 1 -W 5 -I v1 10.1.0.1 >/dev/null
ping -c 1 -W 5 -I v1.7 10.1.7.1 >/dev/null
session_begin
# Which one comes first is chance.
owners_both() { owners "$1 $2 " || owners "$2 $1 "; }

for kind in rdma rdma-udp; do
	for command in "create port$kind $kind host" "receive port$kind" "netdev port$kind v0" \
		"bind port$kind :: 7340" "listen port$kind" \
		"create vlan$kind $kind host" "receive vlan$kind" "netdev vlan$kind v0.7" \
		"bind vlan$kind :: 7340" "listen vlan$kind"; do
		tap_equal "$command" ok "$(session "$command")"
	done
	request "$kind" port$kind '^ingress=v0 handling=v0 .* by=2 .* candidates=1 pkey=0 port=1 transport=2 ' $kind 10.1.0.1 v1
	request "$kind, VLAN" vlan$kind '^ingress=v0.7 handling=v0.7 .* by=3 .* candidates=1 .* transport=2 ' $kind 10.1.7.1 v1.7
	tap_equal "close" "ok" "$(session "close port$kind")"
	tap_equal "$kind: the VLAN's listener alone is left, and refuses what came in beside it" "refused" \
		"$(echo "connect $kind host 10.1.0.1 7340 v1" | "$CM_SCRIPT" 2>&1 | script_result)"
done

# A second netdev with the same GID and no VLAN either, the first in the table: nothing in a frame tells them apart.
refused() # NAME RC SIDR
{
	tap_equal "$1" "RDMA_CM_EVENT_REJECTED $2, RDMA_CM_EVENT_UNREACHABLE $3" \
		"$(echo "connect rdma host 10.1.0.1 7340 v1" | "$CM_SCRIPT" 2>&1), $(
			echo "connect rdma-udp host 10.1.0.1 7340 v1" | "$CM_SCRIPT" 2>&1)"
}

owners() # of the GID
{
	local entry
	owners=
	for entry in /sys/class/infiniband/rxe0/ports/1/gids/*; do
		[[ $(<"$entry") != *:ffff:0a01:0001 ]] || owners+="$(<"${entry/gids/gid_attrs\/ndevs}") "
	done
	[[ $owners == "$1" ]]
}

for kind in rdma rdma-udp; do
	for command in "create port$kind $kind host" "receive port$kind" "netdev port$kind v0" \
		"bind port$kind :: 7340" "listen port$kind"; do
		tap_equal "$command" ok "$(session "$command")"
	done
done
ip link add mv link v0 type macvlan mode bridge
links_loose mv
ip addr del 10.1.0.1/24 dev v0
tap_within 10 "the GID goes with the address" owners ""
topology_batch host "link set mv up" "addr add 10.1.0.1/24 dev mv"
tap_within 10 "the macvlan's GID comes" owners "mv "
ip addr add 10.1.0.1/24 dev v0
tap_within 10 "and the port's, behind it" owners "mv v0 "
# Which answers would be chance.
lladdr=$(</sys/class/net/v1/address)
topology_batch host "neigh replace 10.1.0.1 lladdr $(</sys/class/net/v0/address) dev v1 nud permanent" \
	"neigh replace 10.1.0.2 lladdr $lladdr dev v0 nud permanent" "neigh replace 10.1.0.2 lladdr $lladdr dev mv nud permanent"
# The peer is told what one is told where nobody listens.
refused "report: the first of two that fit is taken, and the listener is bound to the other one" 8 1
settings_policy verify
refused "verify: refused, several netdevs fit" "reason 11" "reason 11"
# The other one's owner could take it up at any moment.
topology_batch host "addr del 10.1.0.1/24 dev mv" "addr del 10.1.0.1/24 dev v0"
tap_within 10 "both GIDs go" owners ""
ip addr add 10.1.0.1/24 dev v0
tap_within 10 "the port's comes first now" owners "v0 "
ip addr add 10.1.0.1/24 dev mv
tap_within 10 "and the macvlan's, behind it" owners "v0 mv "
ip link set mv down
refused "verify: refused, although the other one is down" "reason 11" "reason 11"
ip link del mv
tap_within 10 "the macvlan's GID goes with it" owners "v0 "
settings_policy strict
for kind in rdma rdma-udp; do
	request "$kind: strict, the macvlan being gone" port$kind '^ingress=v0 handling=v0 .* by=2 .* candidates=1 ' \
		$kind 10.1.0.1 v1
done
settings_policy report

# Bridges and macvlans in any order: every netdev that has the GID counts once, whatever is above or below it.
for kind in rdma rdma-udp; do
	for command in "close port$kind" "close vlan$kind" "create any$kind $kind host" "receive any$kind" "bind any$kind :: 7340" "listen any$kind"; do
		tap_equal "$command" ok "$(session "$command")"
	done
done
ip link add link v0.7 name over type macvlan mode bridge
topology_batch host "link set over up addrgenmode none"
for kind in rdma rdma-udp; do
	request "$kind: a macvlan without an address over the VLAN" any$kind \
		'^ingress=v0.7 handling=v0.7 .* by=3 .* reason=0 .* candidates=1 ' $kind 10.1.7.1 v1.7
done
ip link del over
ip link add link v0 name mv type macvlan mode bridge
ip link add br0 type bridge
topology_batch host "link set mv up master br0" "link set br0 up" "addr add 10.1.0.1/24 dev br0"
links_loose br0
tap_within 10 "a bridge over a macvlan has the GID, too" owners_both br0 v0
topology_batch host "neigh replace 10.1.0.1 lladdr $(</sys/class/net/v0/address) dev v1 nud permanent"
for kind in rdma rdma-udp; do
	request "$kind: the bridge is not alone" any$kind '^ingress=(br0|v0) .* by=6 .* reason=4 .* candidates=2 ' $kind 10.1.0.1 v1
done
settings_policy verify
refused "the bridge is not alone, verify: refused" "reason 11" "reason 11"
settings_policy report
ip link del br0
ip link del mv
session_end

if [[ $(uname -r) == [7-9].* ]]; then
	for netns in a b; do
		ip netns add $netns
	done
	ip -n a link add va type veth peer name vb netns b
	topology_batch a "addr add 10.2.0.1/24 dev va" "link set lo up" "link set va up"
	topology_batch b "addr add 10.2.0.2/24 dev vb" "link set lo up" "link set vb up"
	for netns in a b; do
		topology_exec $netns rdma link add rxe_$netns type rxe netdev v$netns
	done
	topology_address a va fd20::1/64
	topology_address b vb fd20::2/64
	for address in 10.2.0.1 fd20::1; do
		topology_exec b ping -c 1 -W 5 $address >/dev/null
	done
	programs_pair "rping between namespaces" a "rping -s -a 10.2.0.1 -C 4 -V" b "rping -c -a 10.2.0.1 -C 4 -V"
	session_begin
	for command in "create port rdma a" "receive port" "netdev port va" "bind port :: 7340" "listen port"; do
		tap_equal "in a namespace: $command" ok "$(session "$command")"
	done
	for address in 10.2.0.1 fd20::1; do
		request "in a namespace, $address" port '^ingress=va handling=va .* by=2 .* netns=known' rdma $address vb b
	done
	session_end
fi
tap_end
