#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A neighbour that advertises prefixes gives pods addresses that nobody has asked for: this neither makes thieves of them
# nor lets CHECK fail.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/oci.sh
cleanup()
{
	set +e
	cni DEL victim 10.0.0.7
	ip netns del victim
	ip netns del other
	topology_down
	[[ -z $host_up ]] || ip link set ib0 up
}
host_up=
trap cleanup EXIT

cni() # COMMAND POD ADDRESS [MEMBERS]: what it says on standard output
{
	local config
	config=$(jq -nc "{ cniVersion: \"1.0.0\", name: \"storage\", type: \"rdma-ns\", device: \"sib0\",
		addresses: [ \"10.0.0.0/24\", \"fd00::/64\" ], runtimeConfig: { ips: [ \"$3\" ] } } + ${4-{\}}")
	CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=ib0 "$RDMA_NS" cni <<<"$config" 2>/dev/null || true
}
advertise() # PREFIX...
{
	ip netns exec router python3 - "$@" <<-'END_PYTHON'
		import socket, struct, sys

		index = socket.if_nametoindex("ib0.router")
		raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
		raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
		raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
		raw.bind(("fe80::1", 0, 0, index))
		for prefix in sys.argv[1:]:
		    message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0)
		    message += struct.pack("!BBBBIII", 3, 4, 64, 0x40, 86400, 86400, 0)
		    raw.sendto(message + socket.inet_pton(socket.AF_INET6, prefix), ("ff02::1", 0, 0, index))
	END_PYTHON
}
configured() # PATTERN: what the victim has configured by itself, usable or not
{
	ip -n victim -6 -o addr show dev ib0 scope global dynamic | sed -nE "s|.* inet6 ($1)/64 .*|\1|p"
}
advertised() # COUNT PREFIX...: until the victim has so many
{
	advertise "${@:2}"
	(($(configured '[^ ]*' | wc -l) >= $1))
}
is_usable() # ADDRESS
{
	local shown
	shown=$(ip -n victim -6 -o addr show dev ib0 to "$1")
	[[ -n $shown && $shown != *tentative* ]]
}

# The host's netdev on this port, which another test may have left up, would configure the same address, made of the
# port's GUID, and the kernel removes one that somebody else has.
host_up=$(ip -o link show dev ib0 up)
ip link set ib0 down
topology_container router ib0
topology_ready
topology_ip router addr add fe80::1/64 dev ib0.router nodad
topology_exec router sysctl -qw net.ipv6.conf.all.forwarding=1
ip netns add victim
ip netns add other
result=$(cni ADD victim 10.0.0.7)
previous="{ prevResult: $result }"
until [[ $(ip -n victim -o link show dev ib0) == *LOWER_UP* ]]; do topology_nap; done

tap_within 30 "a pod takes an address by itself" advertised 1 fd00::
own=$(configured 'fd00::[^ ]*')
tap_within 30 "which it uses" is_usable "$own"
message=$(cni ADD other "$own" | jq -r .msg)
tap_match "who wants it is told that it may come from a router, and no thief is named" \
	"^$own is taken on sib0/1, P_Key 0xffff: netdev ib0 of victim has it, perhaps by a router's advertisement \(.*\): remove it .*" \
	"$message"
ip -n victim addr add fd00::77/64 dev ib0 nodad
tap_match "one that the pod's owner has added is still named so" \
	"^fd00::77 is taken .* of victim has it, which it was not given \(.*" "$(cni ADD other fd00::77 | jq -r .msg)"
ip -n victim addr del fd00::77/64 dev ib0
ip -n victim addr add fd00::78/64 dev ib0 nodad valid_lft 3600 preferred_lft 3600
tap_match "with a lifetime, the owner makes it look like a router's" \
	"^fd00::78 is taken .* of victim has it, perhaps by a router's advertisement \(.*" "$(cni ADD other fd00::78 | jq -r .msg)"
ip -n victim addr del fd00::78/64 dev ib0

mapfile -t prefixes < <(printf 'fd00:%x::\n' {1..17})
tap_within 30 "the pod takes as many as its kernel allows" advertised 15 "${prefixes[@]}"
tap_equal "CHECK does not mind" "" "$(cni CHECK victim 10.0.0.7 "$previous")"
topology_ip router addr add "$own/64" dev ib0.router nodad
tap_equal "nor if somebody takes one of them" "" "$(cni CHECK victim 10.0.0.7 "$previous")"
topology_ip router addr add 10.0.0.7/24 dev ib0.router
tap_equal "but if somebody takes what it was given" 101 "$(cni CHECK victim 10.0.0.7 "$previous" | jq .code)"
topology_ip router addr del 10.0.0.7/24 dev ib0.router
cni DEL victim 10.0.0.7
tap_equal "in the end nothing is left" "" "$(oci_left)"
tap_end
