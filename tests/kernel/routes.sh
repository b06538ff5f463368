#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Step 2 beside the IP stack: a datagram and a request with the same addresses and ports, forged where need be,
# arrive on one netdev; whether they are delivered, and which netdev handles the request, for the extended rdma_cm
# and for the library, which asks a stock kernel the same. AnyIP, rules for ports, VRFs, rp_filter, IPsec's policy, own
# addresses as sources, a bond's backup port.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
RDMA_NS=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/rdma-ns
ARRIVE=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cm-arrive
[[ -x $ARRIVE ]] || topology_die "$ARRIVE is missing: cmake -B build && cmake --build build"
trap 'topology_down; rmmod bonding 2>/dev/null || true' EXIT

# What comes next arrives on this netdev.
arrivals() # NETNS NETDEV
{
	[[ -z ${arrive-} ]] || exec {arrive}>&- {arrived}<&-
	mkfifo "$topology_scratch/$2."{in,out}
	ip netns exec client "$ARRIVE" ib1.client "$(topology_lladdr client ib1.client)" "$1" "$2" \
		"$(topology_lladdr "$1" "$2")" 0x8001 <"$topology_scratch/$2.in" >"$topology_scratch/$2.out" 2>&1 &
	exec {arrive}>"$topology_scratch/$2.in" {arrived}<"$topology_scratch/$2.out"
}

topology_container red ib0 0x8001
topology_container client ib1 0x8001
topology_ready
# A new namespace has what was set in the first one.
topology_exec red sysctl -qw net.ipv4.conf.all.accept_local=0
qpn=$(topology_qpn red ib0.red)
mkdir "$topology_scratch"
arrivals red ib0.red
mkfifo "$topology_scratch/answers"
exec {ask}> >(exec ip netns exec red "$RDMA_NS" --batch - >"$topology_scratch/answers" 2>&1)
exec {answers}<"$topology_scratch/answers"

# Of the library: the handling netdev, or "refused".
library() # SOURCE PORT DESTINATION PORT
{
	local line scope="" handling=refused
	[[ $3 != fe80:* ]] || scope=%ib0.red
	echo "resolve $3$scope port $4 from $1 sport $2 dev sib0/1 pkey 0x8001 qpn $qpn" >&"$ask"
	while read -rt "$(tap_slow 20)" -u "$answers" line; do
		[[ ! $line =~ ^route:\ +delivered.*\;\ ([^ ]+)\ .*handles ]] || handling=${BASH_REMATCH[1]}
		case $line in
		verdict:*) echo "$handling"; return ;;
		rdma-ns:*) break ;;
		esac
	done
	echo "${line:-no answer}"
}

# A packet and a request; the peer is told 11, not delivered, whenever it is refused.
arrives() # NAME "SOURCE PORT DESTINATION PORT" PACKET REQUEST [LIBRARY]
{
	local answer=nothing source sport destination dport
	read -r source sport destination dport <<<"$2"
	echo "$2" >&"$arrive"
	read -rt "$(tap_slow 20)" -u "$arrived" answer || true
	tap_equal "$1" "$3, ${4/refused/refused 11}, library: ${5-$4}" \
		"${answer/ /, }, library: $(library "$source" "$sport" "$destination" "$dport")"
}

delivered() { arrives "$1" "$2" delivered "$3"; } # NAME ADDRESSES HANDLING
dropped() { arrives "$1" "$2" dropped refused; } # NAME ADDRESSES

# That a packet has several receivers, or none to answer to, does not help a connection.
packets_only() { arrives "$1" "$2" delivered refused "${3-refused}"; } # NAME ADDRESSES [LIBRARY]

rp_filter() # NETDEV VALUE
{
	ip netns exec red sysctl -qw "net/ipv4/conf/$1/rp_filter=$2"
}

batch() { printf '%s\n' "${@:2}" | topology_ip red "$1" -batch -; } # FAMILY LINE...

addresses=("addr replace 10.0.0.5/24 dev ib0.red" "addr replace fd00::5/64 dev ib0.red nodad"
	"addr replace fe80::5/64 dev ib0.red nodad")
ip netns exec red sysctl -qw net.ipv4.udp_l3mdev_accept=1 net.ipv4.tcp_l3mdev_accept=1 net.ipv4.conf.all.rp_filter=0 net/ipv4/conf/ib0.red/rp_filter=0
topology_batch red "${addresses[@]}"

delivered "its address" "10.0.0.9 4000 10.0.0.5 7471" ib0.red
delivered "its address, IPv6" "fd00::9 4000 fd00::5 7471" ib0.red
delivered "its address, link-local" "fe80::9 4000 fe80::5 7471" ib0.red
dropped "nobody's address" "10.0.0.9 4000 10.0.0.6 7471"
dropped "nobody's address, IPv6" "fd00::9 4000 fd00::6 7471"
dropped "nobody's address, link-local" "fe80::9 4000 fe80::6 7471"

packets_only "to the netdev's broadcast address" "10.0.0.9 4000 10.0.0.255 7471"
packets_only "to all hosts" "10.0.0.9 4000 255.255.255.255 7471"
packets_only "to a multicast group that it is in" "10.0.0.9 4000 224.0.0.1 7471"
packets_only "to a multicast group that it is in, IPv6" "fe80::9 4000 ff02::1 7471"
dropped "to a multicast group that it is not in" "10.0.0.9 4000 239.0.0.1 7471"
dropped "to no address" "10.0.0.9 4000 0.0.0.0 7471"
dropped "to no address, IPv6" "fd00::9 4000 :: 7471"
dropped "to a loopback address" "10.0.0.9 4000 127.0.0.1 7471"
dropped "to the loopback address, IPv6" "fd00::9 4000 ::1 7471"
dropped "from no address" "0.0.0.0 4000 10.0.0.5 7471"
packets_only "from no address, IPv6" ":: 4000 fd00::5 7471" ib0.red
dropped "from all hosts" "255.255.255.255 4000 10.0.0.5 7471"
dropped "from a multicast group" "239.0.0.1 4000 10.0.0.5 7471"
dropped "from a multicast group, IPv6" "ff02::1 4000 fd00::5 7471"
# The library takes these for its own, as over iWARP they are.
arrives "from a loopback address" "127.0.0.1 4000 10.0.0.5 7471" dropped refused ib0.red
arrives "from the loopback address, IPv6" "::1 4000 fd00::5 7471" dropped refused ib0.red

# An own address as source, forged: to IPv4 a martian, unless accept_local is set. Then, and over IPv6, the packet is
# delivered, but what answers it stays in the host. The library cannot tell it from a connection of the host to itself.
arrives "from an own address" "10.0.0.5 4000 10.0.0.5 7471" dropped refused ib0.red
packets_only "from an own address, IPv6" "fd00::5 4000 fd00::5 7471" ib0.red
packets_only "from an own address, link-local" "fe80::5 4000 fe80::5 7471" ib0.red
ip netns exec red sysctl -qw net/ipv4/conf/ib0.red/accept_local=1
packets_only "from an own address, accept_local" "10.0.0.5 4000 10.0.0.5 7471" ib0.red
ip netns exec red sysctl -qw net/ipv4/conf/ib0.red/accept_local=0

# IPsec's policy: what is blocked, and what must be encrypted and is not. A query for a route does not ask it.
modprobe -a xfrm_user esp4 esp6
for family in "" ", IPv6"; do
	peer=10.0.0.9 own=10.0.0.5 any=0.0.0.0/0
	[[ -z $family ]] || peer=fd00::9 own=fd00::5 any=::/0
	topology_ip red xfrm policy add src $any dst $own proto udp dport 7478 dir in action block
	topology_ip red xfrm policy add src $any dst $own proto udp dport 7479 dir in tmpl proto esp mode transport
	arrives "IPsec: a port blocked$family" "$peer 4000 $own 7478" dropped refused ib0.red
	arrives "IPsec: a port for encrypted packets$family" "$peer 4000 $own 7479" dropped refused ib0.red
	delivered "IPsec: another port$family" "$peer 4000 $own 7471" ib0.red
done
ip netns exec red sysctl -qw net/ipv4/conf/ib0.red/disable_policy=1
delivered "IPsec: disable_policy" "10.0.0.9 4000 10.0.0.5 7478" ib0.red
ip netns exec red sysctl -qw net/ipv4/conf/ib0.red/disable_policy=0
topology_ip red xfrm policy flush

# AnyIP.
topology_batch red "route add local 10.9.0.0/24 dev lo" "route add local 10.9.1.0/24 dev ib0.red" \
	"route add local fd09::/64 dev lo" "route add local fd09:1::/64 dev ib0.red"
delivered "AnyIP on lo" "10.0.0.9 4000 10.9.0.7 7471" lo
delivered "AnyIP on the netdev" "10.0.0.9 4000 10.9.1.7 7471" ib0.red
delivered "AnyIP on lo, IPv6" "fd00::9 4000 fd09::7 7471" lo
delivered "AnyIP on the netdev, IPv6" "fd00::9 4000 fd09:1::7 7471" ib0.red
dropped "from a prefix that is its own" "10.9.0.9 4000 10.0.0.5 7471"
topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "route add 10.9.0.0/16 dev ib1.client"
port=7480
for kind in rdma tcp; do
	port=$((port + 2))
	script "AnyIP: a wildcard, and a listener on one such address ($kind)" "$kind" <<-END
		create any K red
		bind any 0.0.0.0 $port
		listen any
		connect K client 10.9.0.7 $port => any
		connect K client 10.9.1.7 $port => any
		create own K red
		bind own 10.9.1.7 $((port + 1))
		listen own
		connect K client 10.9.1.7 $((port + 1)) => own
		connect K client 10.9.1.8 $((port + 1)) => refused
	END
done
script "AnyIP on lo: no device to listen on" rdma <<'END'
create own rdma red
bind own 10.9.0.7 7490 => ENODEV
END
topology_batch client "addr del 10.0.0.9/24 dev ib1.client"
topology_batch red "link set lo down"
# To IPv4 they are the host's still.
packets_only "AnyIP on lo, which is down" "10.0.0.9 4000 10.9.0.7 7471"
topology_batch red "link set lo up"

# Rules before those of local addresses.
for family in -4 -6; do
	peer=10.0.0.66/32 local=10.8.0.0/24 own=10.0.0.5/32
	[[ $family == -4 ]] || peer=fd00::66/128 local=fd08::/64 own=fd00::5/128
	batch $family "rule add pref 200 lookup local" "rule del pref 0" \
		"rule add pref 10 ipproto udp dport 7472 lookup 100" \
		"rule add pref 11 ipproto udp sport 4001 lookup 100" \
		"rule add pref 12 ipproto udp dport 7473 prohibit" \
		"rule add pref 13 ipproto udp dport 7474 blackhole" \
		"rule add pref 14 ipproto udp sport 4002-4003 unreachable" \
		"rule add pref 15 ipproto tcp dport 7471 prohibit" \
		"rule add pref 16 from $peer prohibit" \
		"rule add pref 17 iif lo ipproto udp dport 7487 prohibit" \
		"rule add pref 18 iif ib0.red ipproto udp dport 7475 prohibit" \
		"rule add pref 18 iif ib0.red ipproto udp dport 7486 prohibit" \
		"rule add pref 19 iif vr ipproto udp dport 7476 prohibit" \
		"route add local $local dev lo table 100" "route add local $own dev lo table 100"
done
for family in "" ", IPv6"; do
	peer=10.0.0.9 other=10.0.0.66 own=10.0.0.5 local=10.8.0.7
	[[ -z $family ]] || peer=fd00::9 other=fd00::66 own=fd00::5 local=fd08::7
	delivered "rules: none for this port$family" "$peer 4000 $own 7471" ib0.red
	delivered "rules: a table for a destination port$family" "$peer 4000 $local 7472" lo
	delivered "rules: a table for a source port$family" "$peer 4001 $local 7471" lo
	dropped "rules: the table is not for other ports$family" "$peer 4000 $local 7471"
	# The library looks for who has the address when it is told of lo.
	arrives "rules: the table has another owner of the address$family" "$peer 4000 $own 7472" delivered lo ib0.red
	dropped "rules: a destination port prohibited$family" "$peer 4000 $own 7473"
	dropped "rules: a destination port to a black hole$family" "$peer 4000 $own 7474"
	dropped "rules: a source port unreachable$family" "$peer 4003 $own 7471"
	delivered "rules: the next source port$family" "$peer 4004 $own 7471" ib0.red
	dropped "rules: a source address prohibited$family" "$other 4000 $own 7471"
	dropped "rules: a port prohibited for this netdev$family" "$peer 4000 $own 7475"
done
# With which a connection to itself has nothing to do, since its packets go through lo.
script "rules: to itself, a port prohibited for this netdev, and one for lo" <<'END'
create one rdma red
receive one
bind one :: 7486
listen one
connect rdma red 10.0.0.5 7486 => one
record => ingress=ib0.red handling=ib0.red * route=2 *
connect rdma red fd00::5 7486 => one
record => ingress=ib0.red handling=ib0.red * route=2 *
create two rdma red
bind two :: 7487
listen two
connect rdma red 10.0.0.5 7487 => RDMA_CM_EVENT_REJECTED reason 11
connect rdma red fd00::5 7487 => RDMA_CM_EVENT_REJECTED reason 11
END

# A VRF.
topology_batch red "link add vr type vrf table 50" "link set vr up" "link set ib0.red master vr" "${addresses[@]}" \
	"route add local 10.19.0.0/24 dev vr table 50" "route add local fd19::/64 dev vr table 50" \
	"route add prohibit 10.0.0.64/28 table 50" "route add unreachable 10.7.0.0/16 table 50" \
	"route add blackhole 10.6.0.0/16 table 50" "route add prohibit fd07::/64 table 50" \
	"link add elsewhere type dummy" "link set elsewhere up master vr" \
	"route add 10.4.0.0/16 dev elsewhere table 50" "route add 10.4.0.0/16 dev ib0.red metric 100 table 50"
for family in -4 -6; do
	batch $family "rule add pref 0 lookup local" "rule del pref 200"
done
rp_filter vr 0
delivered "VRF" "10.0.0.9 4000 10.0.0.5 7471" ib0.red
delivered "VRF, IPv6" "fd00::9 4000 fd00::5 7471" ib0.red
delivered "VRF, link-local" "fe80::9 4000 fe80::5 7471" ib0.red
arrives "VRF, from an own address" "10.0.0.5 4000 10.0.0.5 7477" dropped refused ib0.red
packets_only "VRF, from an own address, IPv6" "fd00::5 4000 fd00::5 7477" ib0.red
packets_only "VRF, from an own address, link-local" "fe80::5 4000 fe80::5 7477" ib0.red
dropped "VRF, link-local, nobody's" "fe80::9 4000 fe80::6 7471"
delivered "VRF, AnyIP" "10.0.0.9 4000 10.19.0.7 7471" vr
delivered "VRF, AnyIP, IPv6" "fd00::9 4000 fd19::7 7471" vr
dropped "VRF: to a prefix that is unreachable" "10.0.0.9 4000 10.7.0.1 7471"
dropped "VRF: to a black hole" "10.0.0.9 4000 10.6.0.1 7471"
dropped "VRF: to a prefix that is prohibited, IPv6" "fd00::9 4000 fd07::1 7471"
packets_only "VRF: from a prefix that is prohibited" "10.0.0.65 4000 10.0.0.5 7471" ib0.red
packets_only "VRF: from nowhere" "10.5.0.1 4000 10.0.0.5 7471" ib0.red
rp_filter ib0.red 1
delivered "VRF, rp_filter" "10.0.0.9 4000 10.0.0.5 7471" ib0.red
dropped "VRF, rp_filter: from a prefix that is prohibited" "10.0.0.65 4000 10.0.0.5 7471"
dropped "VRF, rp_filter: from nowhere" "10.5.0.1 4000 10.0.0.5 7471"
dropped "VRF, rp_filter: from a prefix that is expected elsewhere" "10.4.0.1 4000 10.0.0.5 7471"
rp_filter ib0.red 0
rp_filter vr 1
delivered "VRF: rp_filter of the VRF itself does not count" "10.4.0.1 4000 10.0.0.5 7471" ib0.red
rp_filter vr 0
dropped "VRF, rules: a destination port prohibited" "10.0.0.9 4000 10.0.0.5 7473"
dropped "VRF, rules: a destination port prohibited, IPv6" "fd00::9 4000 fd00::5 7473"
# A query for a route asks them all the same.
arrives "VRF, rules: not asked for link-local addresses" "fe80::9 4000 fe80::5 7473" delivered ib0.red refused
dropped "VRF, rules: a port prohibited for this netdev" "10.0.0.9 4000 10.0.0.5 7475"
delivered "VRF, rules: for this netdev, not for its VRF, IPv6" "fd00::9 4000 fd00::5 7475" ib0.red
dropped "VRF, rules: a source address prohibited, IPv6" "fd00::66 4000 fd00::5 7471"
dropped "VRF, rules: a port prohibited for the VRF, IPv6" "fd00::9 4000 fd00::5 7476"
if [[ $(uname -r) == 6.* ]]; then
	delivered "VRF, rules: for the VRF, not for this netdev" "10.0.0.9 4000 10.0.0.5 7476" ib0.red
else
	dropped "VRF, rules: a port prohibited for the VRF, hence for its netdevs" "10.0.0.9 4000 10.0.0.5 7476"
fi

# A bond's backup port; tests/library/bond-vrf.sh has the library's side.
topology_container bonded ib0 0x8001
topology_child bonded ib0 ib0.backup 0x8001
topology_bond bonded ib0.bonded miimon 100
topology_batch bonded "link set ib0.backup down" "link set ib0.backup master bd" "addr add 10.0.0.7/24 dev bd"
topology_ready
backup() # NAME PACKET REQUEST
{
	local answer=nothing
	echo "10.0.0.9 4000 10.0.0.7 7471" >&"$arrive"
	read -rt "$(tap_slow 20)" -u "$arrived" answer || true
	tap_equal "$1" "$2 $3" "$answer"
}
active() { [[ $(topology_ip bonded -d link show dev bd) == *" active_slave $1 "* ]]; } # NETDEV
tap_within 10 "the bond's first port is active" active ib0.bonded
arrivals bonded ib0.backup
backup "a bond: its backup port" dropped "refused 11"
topology_batch bonded "link set bd type bond active_slave ib0.backup"
backup "a bond: the same port, active now" delivered bd
topology_batch bonded "link set bd type bond active_slave ib0.bonded"
backup "a bond: backup again" dropped "refused 11"
topology_batch bonded "link set bd type bond all_slaves_active 1"
backup "a bond: backup, with all_slaves_active" delivered bd
tap_end
