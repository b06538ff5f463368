#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A host that talks to itself: through lo, or over the wire between two of its ports, by rules or by a netdev that the id
# is bound to; and what only claims to come from it.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/script.sh
trap 'settings_policy report; topology_down' EXIT

topology_container both ib0
topology_child both ib1 ib1.both 0xffff
topology_container blue ib0
topology_ready
topology_batch both "addr add 10.0.0.1/24 dev ib0.both" "addr add fd00::1/64 dev ib0.both nodad" \
	"addr add 10.0.0.2/24 dev ib1.both" "addr add fd00::2/64 dev ib1.both nodad"
# Each port answers for its own address alone. A new namespace has what was set in the first one.
topology_exec both sysctl -qw net.ipv4.conf.all.accept_local=0 net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.all.rp_filter=0 \
	net/ipv4/conf/ib0.both/rp_filter=0 net/ipv4/conf/ib1.both/rp_filter=0

accept_local() # VALUE
{
	topology_exec both sysctl -qw "net/ipv4/conf/ib0.both/accept_local=$1" "net/ipv4/conf/ib1.both/accept_local=$1"
}

for kind in rdma tcp; do
	script "$kind: to itself, through lo" $kind <<-'END'
		create any K both
		bind any 0.0.0.0 7360
		listen any
		connect K both 10.0.0.1 7360 => any
		connect K both 10.0.0.2 7360 => any
		create any6 K both
		bind any6 fd00::1 7361
		listen any6
		connect K both fd00::1 7361 => any6
	END
done
script "a datagram's request likewise; the record says so" <<'END'
create any rdma-udp both
receive any
bind any :: 7361
listen any
connect rdma-udp both 10.0.0.2 7361 => any
record => ingress=ib1.both handling=ib1.both * by=1 route=2 *
connect rdma-udp both fd00::1 7361 => any
record => ingress=ib0.both handling=ib0.both * by=1 route=2 *
END

# Over the wire: what it sends to its own addresses leaves by the other port.
for family in -4 -6; do
	one=10.0.0.1 two=10.0.0.2
	[[ $family == -4 ]] || one=fd00::1 two=fd00::2
	printf '%s\n' "rule add pref 200 lookup local" "rule del pref 0" \
		"rule add pref 10 iif lo to $one lookup 101" "rule add pref 11 iif lo to $two lookup 102" \
		"route add $one dev ib1.both src $two table 101" "route add $two dev ib0.both src $one table 102" |
		topology_ip both $family -batch -
done
accept_local 1
for kind in rdma tcp; do
	script "$kind: over the wire, by rules" $kind <<-'END'
		create any K both
		bind any 0.0.0.0 7362
		listen any
		connect K both 10.0.0.1 7362 => any
		connect K both 10.0.0.2 7362 => any
	END
done
script "over the wire: which way the requests came" <<'END'
create any rdma both
receive any
bind any :: 7363
listen any
connect rdma both 10.0.0.1 7363 => any
record => ingress=ib0.both handling=ib0.both * by=1 route=2 *
connect rdma both 10.0.0.2 7363 - 00000000 => any
record => ingress=ib1.both handling=ib1.both * by=5 route=2 *
connect rdma both fd00::2 7363 => any
record => ingress=ib1.both handling=ib1.both * by=1 route=2 *
create datagram rdma-udp both
receive datagram
bind datagram :: 7364
listen datagram
connect rdma-udp both 10.0.0.2 7364 => datagram
record => ingress=ib1.both handling=ib1.both * by=1 route=2 *
END
settings_policy strict
script "over the wire, policy strict" <<'END'
create any rdma both
bind any :: 7365
listen any
connect rdma both 10.0.0.1 7365 => any
connect rdma both 10.0.0.2 7365 => any
END
settings_policy report
for family in -4 -6; do
	printf '%s\n' "rule add pref 0 lookup local" "rule del pref 10" "rule del pref 11" "rule del pref 200" |
		topology_ip both $family -batch -
done

# Without rules a netdev that the id is bound to leads over the wire.
lladdr=$(topology_lladdr both ib0.both)
topology_batch both "neigh replace 10.0.0.1 lladdr $lladdr dev ib1.both nud permanent"
bound() # EXPECTED
{
	script "bound to the other netdev, accept_local $(topology_exec both sysctl -n net/ipv4/conf/ib0.both/accept_local)" <<-END
		create any rdma both
		bind any :: 7366
		listen any
		connect rdma both 10.0.0.1 7366 ib1.both => $1
	END
}
bound any
accept_local 0
bound "RDMA_CM_EVENT_REJECTED reason 11"

# Another container on the same port, hence with the same GID and LID, claims to be this host.
topology_batch both "addr add 10.0.0.3/24 dev ib0.both" "addr add fd00::3/64 dev ib0.both nodad"
topology_batch blue "addr add 10.0.0.3/24 dev ib0.blue" "addr add fd00::3/64 dev ib0.blue nodad" \
	"neigh replace 10.0.0.1 lladdr $lladdr dev ib0.blue nud permanent" \
	"neigh replace fd00::1 lladdr $lladdr dev ib0.blue nud permanent"
for hex in 01000000 00000000; do
	for kind in rdma rdma-udp; do
		script "$kind: from another container with the host's address, option EXCHANGE $hex" $kind <<-END
			create any K both
			bind any :: 7367
			listen any
			connect K blue 10.0.0.1 7367 - $hex => refused
			connect K blue fd00::1 7367 - $hex => refused
			connect K both 10.0.0.1 7367 - $hex => any
			connect K both fd00::1 7367 - $hex => any
		END
	done
done
tap_end
