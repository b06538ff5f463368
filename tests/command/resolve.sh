#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns resolve against the kernel: step 1 for IPoIB with and without a QPN, step 2 as route input says,
# step 3; IPoIB children, bond, VRF, VLAN over rxe, two namespaces with the same address.
# Kernels: all
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
trap 'topology_down; rdma link del rxe0 2>/dev/null || true; ip link del v0 2>/dev/null || true; rmmod bonding 2>/dev/null || true' EXIT

# "FIELDS" of the resolution, as "value value ..."; and the exit status.
resolve() # NETNS "FIELD..." WORD...
{
	local netns=$1 fields=$2 output status=0
	shift 2
	output=$(topology_exec "$netns" "$RDMA_NS" --json resolve "$@") || status=$?
	jq -r --arg fields "$fields" '.resolve[0] as $r | [$fields | split(" ")[] | $r[.] // "-"] | join(" ")' \
		<<<"$output" || true
	echo "status $status"
}

is() # NAME "EXPECTED..." STATUS NETNS "FIELD..." WORD...
{
	tap_equal "$1" "$2"$'\n'"status $3" "$(resolve "${@:4}")"
}

rp_filter() # NETNS VALUE
{
	topology_exec "$1" sh -c "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo $2 >\$f; done"
}

topology_pods
topology_address blue ib0.blue 10.0.0.5/24
red=$(topology_qpn red ib0.red)
blue=$(topology_qpn blue ib0.blue)
second=$(topology_qpn red ib0.8001)
from=(from 10.0.0.9 dev sib0/1)
from6=(from fd00::9 dev sib0/1)

# Step 1.
is "QPN" "ib0.red qpn 1 delivered ib0.red accept" 0 red \
	"netdev decided_by candidates route handling verdict" 10.0.0.5 "${from[@]}" qpn "$red"
is "QPN, strict" "qpn accept strict" 0 red "decided_by verdict policy" 10.0.0.5 "${from[@]}" qpn "$red" policy strict
is "no QPN: by address" "ib0.red address 1 accept" 0 red "netdev decided_by candidates verdict" 10.0.0.5 "${from[@]}"
is "no QPN, strict" "the peer sent no QPN reject" 1 red "reason verdict" 10.0.0.5 "${from[@]}" policy strict
is "IPv6" "ib0.red address delivered ib0.red accept" 0 red "netdev decided_by route handling verdict" \
	fd00::5 "${from6[@]}"
is "the thief, without a QPN, looks like the owner" "ib0.blue address accept" 0 blue \
	"netdev decided_by verdict" 10.0.0.5 "${from[@]}"
is "the thief, report: the QPN gives it away" \
	"- unresolved accept, flagged the QPN names no netdev of this namespace" 0 blue \
	"netdev decided_by verdict reason" 10.0.0.5 "${from[@]}" qpn "$red"
is "the thief, verify: refused" "reject" 1 blue verdict 10.0.0.5 "${from[@]}" qpn "$red" policy verify
is "the thief's own QPN is its own" "ib0.blue qpn accept" 0 blue "netdev decided_by verdict" \
	10.0.0.5 "${from[@]}" qpn "$blue" policy verify
is "QPN of another P_Key" "unresolved" 0 red decided_by 10.0.0.5 "${from[@]}" qpn "$second"
is "another P_Key" "ib0.8001 qpn 0x8001 ib0.8001" 0 red "netdev decided_by p_key handling" \
	10.0.1.5 from 10.0.1.9 dev sib0/1 pkey 0x8001 qpn "$second"
is "another port: none of its netdevs is here" "unresolved" 0 red decided_by 10.0.0.5 from 10.0.0.9 dev sib1/1
tap_fail "no such device" topology_exec red "$RDMA_NS" resolve 10.0.0.5 from 10.0.0.9 dev sib7

topology_child red ib0 ib0.red2 0xffff
topology_ready
topology_address red ib0.red2 10.0.2.5/24
is "two siblings, an address of one" "ib0.red address 1" 0 red "netdev decided_by candidates" 10.0.0.5 "${from[@]}"
topology_address red ib0.red2 10.0.0.5/32
is "two siblings, an address of both: flagged" "ambiguous 2 accept, flagged several netdevs fit" 0 red \
	"decided_by candidates verdict reason" 10.0.0.5 "${from[@]}"
is "verify: refused" "reject" 1 red verdict 10.0.0.5 "${from[@]}" policy verify
is "and the QPN tells them apart" "ib0.red2 qpn 1" 0 red "netdev decided_by candidates" 10.0.0.5 "${from[@]}" \
	qpn "$(topology_qpn red ib0.red2)"
topology_ip red addr del 10.0.0.5/32 dev ib0.red2

# Step 2: what ip route get says of a packet that arrives there.
is "weak host: a sibling handles it" "ib0.red delivered ib0.8001 accept" 0 red \
	"netdev route handling verdict" 10.0.1.5 "${from[@]}" qpn "$red"
is "strict wants the address on the ingress netdev" "reject the address is on another netdev" 1 red \
	"verdict reason" 10.0.1.5 "${from[@]}" qpn "$red" policy strict
topology_ip red addr add 10.9.9.9/32 dev lo
is "an address on lo" "delivered lo" 0 red "route handling" 10.9.9.9 "${from[@]}" qpn "$red"
is "nobody's address" "no route accept, flagged a packet would not be delivered" 0 red "route verdict reason" \
	10.77.0.1 "${from[@]}" qpn "$red"
is "nobody's address, verify" "reject" 1 red verdict 10.77.0.1 "${from[@]}" qpn "$red" policy verify
is "nobody's address, IPv6" "- reject" 1 red "handling verdict" fd77::1 "${from6[@]}" qpn "$red" policy verify
topology_exec red sysctl -qw net.ipv4.ip_forward=1
is "would be forwarded" "not local" 0 red route 10.0.0.77 "${from[@]}" qpn "$red"
topology_exec red sysctl -qw net.ipv4.ip_forward=0
is "broadcast" "not unicast" 0 red route 10.0.0.255 "${from[@]}" qpn "$red"
is "from itself" "delivered to self ib0.red accept" 0 red "route handling verdict" 10.0.0.5 from 10.0.0.5 dev sib0/1 \
	qpn "$red"
is "from a sibling's address" "delivered to self" 0 red route 10.0.0.5 from 10.0.1.5 dev sib0/1 qpn "$red"
is "a martian source" "martian source" 0 red route 10.0.0.5 from 0.0.0.0 dev sib0/1 qpn "$red"
rp_filter red 1
# 7.2 has but one errno for both.
rp_filter_word=rp_filter
[[ $(uname -r) != 7.* ]] || rp_filter_word="martian source"
is "rp_filter: the source is expected elsewhere" "$rp_filter_word reject" 1 red "route verdict" \
	10.0.0.5 from 10.0.1.9 dev sib0/1 qpn "$red" policy verify
rp_filter red 0
is "no rp_filter" "delivered" 0 red route 10.0.0.5 from 10.0.1.9 dev sib0/1 qpn "$red"
topology_ip red route add blackhole 10.8.0.0/16
is "blackhole" "reject" 1 red verdict 10.8.0.1 "${from[@]}" qpn "$red" policy verify
topology_ip red -6 route add blackhole fd08::/16
is "blackhole, IPv6" "unreachable" 0 red route fd08::1 "${from6[@]}" qpn "$red"
topology_batch red "rule add pref 10 ipproto udp sport 4001 dport 7472 lookup 100" \
	"route add local 10.8.1.0/24 dev lo table 100"
is "a rule for ports" "delivered lo" 0 red "route handling" 10.8.1.1 "${from[@]}" qpn "$red" sport 4001 port 7472
is "a rule for other ports" "reject" 1 red verdict 10.8.1.1 "${from[@]}" qpn "$red" sport 4002 port 7472 policy verify
topology_ip red link set ib0.red down
is "ingress down" "ingress netdev down" 0 red route 10.0.0.5 "${from[@]}" qpn "$red"
is "owner down" "owner down ib0.red" 0 red "route handling" 10.0.0.5 from 10.0.2.9 dev sib0/1 \
	qpn "$(topology_qpn red ib0.red2)"
topology_ip red link set ib0.red up

# Step 3.
is "listeners: the address before the wildcard" "address 2" 0 red "rule listener_number" 10.0.0.5 "${from[@]}" qpn "$red" \
	listener any listener 10.0.0.5
is "listeners: bound before not bound" "wildcard, bound to the netdev 2" 0 red "rule listener_number" \
	10.0.0.5 "${from[@]}" qpn "$red" listener any listener any%ib0.red
is "listeners: bound to another netdev" "bound to another netdev reject the listener is bound to another netdev" 1 red \
	"rule verdict reason" 10.0.0.5 "${from[@]}" qpn "$red" listener any%ib0.8001
is "listeners: none for this address" "no listener reject" 1 red "rule verdict" 10.0.0.5 "${from[@]}" qpn "$red" \
	listener 10.0.1.5

# Bond: its port's QPN, but the bond.
topology_bond bonded ib0.bonded
topology_address bonded bd 10.0.0.5/24
is "bond" "bd qpn 1 delivered bd accept" 0 bonded "netdev decided_by candidates route handling verdict" \
	10.0.0.5 "${from[@]}" qpn "$(topology_qpn bonded ib0.bonded)" policy strict

# VRF.
topology_vrf routed ib0.routed
topology_address routed ib0.routed 10.0.0.5/24
topology_address routed ib0.routed fd00::5/64
vrf=$(topology_qpn routed ib0.routed)
is "VRF" "ib0.routed delivered ib0.routed accept" 0 routed "netdev route handling verdict" \
	10.0.0.5 "${from[@]}" qpn "$vrf" policy strict
is "VRF, IPv6" "ib0.routed delivered ib0.routed accept" 0 routed "netdev route handling verdict" \
	fd00::5 "${from6[@]}" qpn "$vrf" policy strict
is "VRF, from itself" "delivered to self ib0.routed" 0 routed "route handling" 10.0.0.5 from 10.0.0.5 dev sib0/1 \
	qpn "$vrf"
is "VRF: a listener bound to it" "wildcard, bound to the netdev" 0 routed rule 10.0.0.5 "${from[@]}" qpn "$vrf" \
	listener any%vr

# RoCE with a VLAN.
links_rxe_vlan
sleep 1
is "RoCE" "v0 gid delivered v0 accept" 0 host "netdev decided_by route handling verdict" \
	192.168.0.1 from 192.168.0.9 dev rxe0 policy strict
is "RoCE, VLAN" "v0.7 vlan 7 delivered accept" 0 host "netdev decided_by vlan route verdict" \
	192.168.7.1 from 192.168.7.9 dev rxe0 policy strict
is "RoCE, another namespace" "unresolved" 0 red decided_by 192.168.0.1 from 192.168.0.9 dev rxe0

tap_match "words for people" "ingress: +ib0.red .*QPN $red; decided by: qpn; candidates: 1" \
	"$(topology_exec red "$RDMA_NS" resolve 10.0.0.5 "${from[@]}" qpn "$red")"
tap_end
