#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Which listener gets a request, and which may share a port, by netdev, address, VRF and family: the extended
# rdma_cm beside TCP with SO_BINDTODEVICE, the same table for both.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
trap topology_down EXIT

topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container client ib1
topology_child client ib1 ib1.8001 0x8001
topology_ready
topology_batch red "addr add 10.0.0.5/24 dev ib0.red" "addr add 10.0.0.6/24 dev ib0.red" \
	"addr add fd00::5/64 dev ib0.red nodad" "addr add 10.0.1.5/24 dev ib0.8001"
topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad" \
	"addr add 10.0.1.9/24 dev ib1.8001"
# An address of ib0.red that the client reaches through ib0.8001.
topology_batch client "route add 10.0.0.6/32 dev ib1.8001 src 10.0.1.9" \
	"neigh replace 10.0.0.6 lladdr $(topology_lladdr red ib0.8001) dev ib1.8001 nud permanent"

netdev_index() # NETNS NETDEV
{
	topology_ip "$1" -o link show dev "$2" | cut -d : -f 1
}

port=7300
both() # NAME [KIND]: a script for a port of its own, over RDMA, TCP and KIND
{
	local text kind
	text=$(cat)
	for kind in rdma tcp ${2-}; do
		port=$((port + 1))
		script "$1 ($kind)" "$kind" <<<"${text//PORT/$port}"
	done
}

both "a netdev before none; who is bound elsewhere gets nothing" rdma-udp <<'END'
create any K red
reuse any
create x K red
reuse x
netdev x ib0.red
create y K red
reuse y
netdev y ib0.8001
bind any 0.0.0.0 PORT
bind x 0.0.0.0 PORT
bind y 0.0.0.0 PORT
listen any
listen x
listen y
connect K client 10.0.0.5 PORT => x
connect K client 10.0.1.5 PORT => y
close x
connect K client 10.0.0.5 PORT => any
close any
connect K client 10.0.0.5 PORT => refused
connect K client 10.0.1.5 PORT => y
END

both "an address before a netdev" rdma-udp <<'END'
create x K red
reuse x
netdev x ib0.red
create address K red
reuse address
bind x 0.0.0.0 PORT
bind address 10.0.0.5 PORT
listen x
listen address
connect K client 10.0.0.5 PORT => address
close address
connect K client 10.0.0.5 PORT => x
END

both "the netdev counts that it arrived on, not the one with the address" rdma-udp <<'END'
create x K red
netdev x ib0.red
bind x 0.0.0.0 PORT
listen x
connect K client 10.0.0.6 PORT => refused
create y K red
netdev y ib0.8001
bind y 0.0.0.0 PORT
listen y
connect K client 10.0.0.6 PORT => y
close y
connect K client 10.0.0.6 PORT => refused
create address K red
netdev address ib0.8001
bind address 10.0.1.5 PORT
listen address
connect K client 10.0.0.6 PORT => refused
END

both "an IPv6 listener for IPv4 as well" <<'END'
create 6 K red
bind 6 :: PORT
listen 6
connect K client fd00::5 PORT => 6
connect K client 10.0.0.5 PORT => 6
END

# TCP has listeners with and without a netdev on one port only with SO_REUSEPORT, and then takes the first one of
# an IPv6 bucket without a score.
script "IPv6: a netdev before none" rdma <<'END'
create 6 K red
reuse 6
bind 6 :: 7299
listen 6
create x6 K red
reuse x6
netdev x6 ib0.red
bind x6 :: 7299
listen x6
connect K client fd00::5 7299 => x6
connect K client 10.0.0.5 7299 => x6
connect K client 10.0.1.5 7299 => 6
END

both "ports: different netdevs share, one netdev does not" <<'END'
create x K red
netdev x ib0.red
create y K red
netdev y ib0.8001
create z K red
netdev z ib0.8001
bind x 0.0.0.0 PORT
listen x
bind y 0.0.0.0 PORT
listen y
bind z 0.0.0.0 PORT => EADDRINUSE
END

both "ports: a netdev does not share with none" <<'END'
create any K red
bind any 0.0.0.0 PORT
listen any
create x K red
netdev x ib0.red
bind x 0.0.0.0 PORT => EADDRINUSE
END

script "a netdev after the address, and back" rdma <<'END'
create any rdma red
netdev any ib0.red
bind any 0.0.0.0 7400
create y rdma red
netdev y ib0.8001
bind y 0.0.0.0 7400
netdev any ib0.8001 => EADDRINUSE
netdev any - => EADDRINUSE
close y
netdev any -
netdev any ib0.red
listen any
connect rdma client 10.0.0.5 7400 => any
connect rdma client 10.0.1.5 7400 => refused
END

# Ids that have the port and do not listen.
script "who does not listen gets nothing" rdma <<'END'
create x rdma red
netdev x ib0.red
create y rdma red
reuse y
create z rdma red
reuse z
bind y 10.0.0.5 7401
bind z 0.0.0.0 7401
bind x 0.0.0.0 7401 => EADDRINUSE
listen z => EADDRINUSE
close y
listen z
connect rdma client 10.0.0.5 7401 => z
END

# VRFs. A port keeps its IPv4 addresses when it gets into one, and loses those of IPv6. 10.0.3.5 is in it and outside.
topology_vrf red ib0.8001
topology_batch red "addr add fd01::5/64 dev ib0.8001 nodad" "addr add fe80::5/64 dev ib0.8001 nodad" \
	"addr add 10.0.3.5/32 dev ib0.8001" "addr add 10.0.3.5/32 dev ib0.red" "addr add fe80::6/64 dev ib0.red nodad"
topology_batch client "addr add fd01::9/64 dev ib1.8001 nodad"
script "a netdev after a link-local address" <<END
create x rdma red
bind x fe80::6%$(netdev_index red ib0.red) 7460
netdev x ib0.red
netdev x ib0.8001 => EADDRNOTAVAIL
netdev x -
listen x
END
answerer() # NETNS ADDRESS --port PORT [COMMAND...]: who answers cmwho there, run by way of COMMAND
{
	[[ ! $(topology_exec "$1" "${@:5}" "$CMWHO" connect --json "$3" "$4" "$2" 2>&1) =~ \"answered\".*\"name\":\"([^\"]*)\" ]] ||
		echo "${BASH_REMATCH[1]}"
}

way() # NETDEV SOURCE: how the client reaches 10.0.3.5
{
	topology_batch client "route replace 10.0.3.5/32 dev ib1.$1 src $2" \
		"neigh replace 10.0.3.5 lladdr $(topology_lladdr red "ib0.${1/client/red}") dev ib1.$1 nud permanent"
}

both "a VRF and its port" rdma-udp <<'END'
create any K red
reuse any
bind any 0.0.0.0 PORT
listen any
connect K client 10.0.0.5 PORT => any
connect K client 10.0.1.5 PORT => refused
create vrf K red
reuse vrf
netdev vrf vr
bind vrf 0.0.0.0 PORT
listen vrf
connect K client 10.0.1.5 PORT => vrf
connect K client 10.0.0.5 PORT => any
create late K red
reuse late
netdev late ib0.8001
bind late 0.0.0.0 PORT
listen late
connect K client 10.0.1.5 PORT => late
close late
close vrf
create port K red
reuse port
netdev port ib0.8001
bind port 0.0.0.0 PORT
listen port
connect K client 10.0.1.5 PORT => port
connect K client 10.0.0.5 PORT => any
END

# Without a QPN, the netdev in the VRF is the only one with its P_Key and GID.
for kind in rdma rdma-udp; do
	for listener in vr ib0.8001 -; do
		port=$((port + 1))
		script "no QPN record, and $listener alone has the P_Key and the GID ($kind)" "" <<-END
			create in $kind red
			receive in
			netdev in ${listener/-/vr}
			bind in $([[ $listener == - ]] && echo 10.0.1.5 || echo 0.0.0.0) $port
			set in 4 01000000
			listen in
			connect $kind client 10.0.1.5 $port - 00000000 => in
			record => ingress=ib0.8001 * by=2 * flags=0 *
		END
	done
done

both "a VRF has ports of its own" <<'END'
create any K red
bind any 0.0.0.0 PORT
listen any
create vrf K red
netdev vrf vr
bind vrf 0.0.0.0 PORT
listen vrf
connect K client 10.0.1.5 PORT => vrf
connect K client 10.0.0.5 PORT => any
create more K red
netdev more vr
bind more 0.0.0.0 PORT => EADDRINUSE
END

both "a VRF, IPv6" rdma-udp <<'END'
create 6 K red
bind 6 :: PORT
listen 6
connect K client fd00::5 PORT => 6
connect K client fd01::5 PORT => refused
connect K client 10.0.1.5 PORT => refused
close 6
create vrf6 K red
netdev vrf6 vr
bind vrf6 :: PORT
listen vrf6
connect K client fd01::5 PORT => vrf6
connect K client 10.0.1.5 PORT => vrf6
connect K client fd00::5 PORT => refused
END

# EADDRNOTAVAIL from both; script.sh makes this EADDRINUSE, which is TCP's word for a port in use.
both "a VRF's addresses are for who is bound to it, others are not" rdma-udp <<'END'
create none K red
bind none 10.0.1.5 PORT => EADDRINUSE
create none6 K red
bind none6 fd01::5 PORT => EADDRINUSE
create other6 K red
netdev other6 ib0.red
bind other6 fd01::5 PORT => EADDRINUSE
create vrf K red
netdev vrf vr
bind vrf 10.0.0.5 PORT => EADDRINUSE
bind vrf 10.0.1.5 PORT
listen vrf
connect K client 10.0.1.5 PORT => vrf
create vrf6 K red
netdev vrf6 vr
bind vrf6 fd01::5 PORT
listen vrf6
connect K client fd01::5 PORT => vrf6
END

for wanted in none vrf; do
	if [[ $wanted == none ]]; then way client 10.0.0.9; else way 8001 10.0.1.9; fi
	# Before there is a listener in the VRF.
	alone=${wanted/vrf/refused}
	both "an address in a VRF and outside: each has its own, $wanted" rdma-udp <<-END
		create none K red
		bind none 10.0.3.5 PORT
		listen none
		connect K client 10.0.3.5 PORT => $alone
		create vrf K red
		netdev vrf vr
		bind vrf 10.0.3.5 PORT
		listen vrf
		connect K client 10.0.3.5 PORT => $wanted
	END
done

topology_listen red link-local --bind "fe80::5%ib0.8001" --port 7450
tap_equal "a VRF: a link-local address has its netdev with it" link-local \
	"$(answerer client fe80::5%ib1.8001 --port 7450)"
topology_silence

topology_wrap=(ip vrf exec vr)
topology_listen red executed --port 7451
tap_equal "ip vrf exec: the listener gets what arrives in the VRF" executed "$(answerer client 10.0.1.5 --port 7451)"
tap_equal "ip vrf exec: and nothing else" "" "$(answerer client 10.0.0.5 --port 7451)"
topology_listen red address --bind 10.0.1.5 --port 7452
tap_equal "ip vrf exec: it may have an address of the VRF" address "$(answerer client 10.0.1.5 --port 7452)"
topology_listen red port --bind "fe80::5%ib0.8001" --port 7454
tap_equal "ip vrf exec: it may have a link-local address of a port of the VRF" port \
	"$(answerer client fe80::5%ib1.8001 --port 7454)"
tap_match "ip vrf exec: and not of a netdev outside" "cannot bind to .*ib0.red" \
	"$(topology_exec red ip vrf exec vr timeout "$(tap_slow 5)" "$CMWHO" listen --name red --bind fe80::6%ib0.red 2>&1 || true)"
topology_wrap=()
topology_listen client outside --port 7453
tap_equal "not in the VRF: there is no way to its neighbours" "" "$(answerer red 10.0.1.9 --port 7453)"
tap_equal "ip vrf exec: connections leave through the VRF" outside \
	"$(answerer red 10.0.1.9 --port 7453 ip vrf exec vr)"
topology_silence
script "ip vrf exec: another namespace, or another netdev, can be asked for" rdma ip netns exec red ip vrf exec vr <<-END
	create id rdma host
	netns id client
	bind id 10.0.0.9 7460
	listen id
	create other rdma host
	netdev other ib0.red
	bind other 10.0.0.5 7461
END

topology_exec red sysctl -qw net.ipv4.tcp_l3mdev_accept=1
both "tcp_l3mdev_accept: who is in no VRF gets what arrives in one, but has no address of it" <<'END'
create any K red
reuse any
bind any 0.0.0.0 PORT
listen any
connect K client 10.0.1.5 PORT => any
create vrf K red
reuse vrf
netdev vrf vr
bind vrf 0.0.0.0 PORT
listen vrf
connect K client 10.0.1.5 PORT => vrf
connect K client 10.0.0.5 PORT => any
create none K red
bind none 10.0.1.5 PORT => EADDRINUSE
create more K red
netdev more ib0.8001
bind more 0.0.0.0 PORT => EADDRINUSE
END
for accepted in refused any; do
	port=$((port + 1))
	script "datagram services are udp_l3mdev_accept's: $accepted" rdma-udp <<-END
		create any K red
		bind any 0.0.0.0 $port
		listen any
		connect K client 10.0.1.5 $port => $accepted
	END
	topology_exec red sysctl -qw net.ipv4.udp_l3mdev_accept=1
done
topology_exec red sysctl -qw net.ipv4.tcp_l3mdev_accept=0 net.ipv4.udp_l3mdev_accept=0
topology_ip red link set ib0.8001 nomaster

# Another user, with the same options, beside a listener of root's.
chmod 666 /dev/infiniband/rdma_cm
for kind in rdma tcp; do
	port=$((port + 1))
	session_begin
	for command in "create any $kind red" "reuse any" "bind any 0.0.0.0 $port" "listen any"; do
		tap_equal "root, $kind: ${command/$port/PORT}" ok "$(session "$command")"
	done
	script "ports: nobody takes over another user's listener ($kind)" "$kind" \
		ip netns exec red setpriv --reuid 1000 --clear-groups <<-END
		create x K host
		reuse x
		netdev x ib0.red
		bind x 0.0.0.0 $port => EADDRINUSE
	END
	script "ports: root itself may share it ($kind)" "$kind" <<-END
		create x K red
		reuse x
		netdev x ib0.red
		bind x 0.0.0.0 $port
	END
	session_end
done

# A netdev that goes, and another one with its number.
topology_ip red link add d1 index 700 type dummy
session_begin
for command in "create gone rdma red" "netdev gone d1" "bind gone 0.0.0.0 7402" "listen gone" \
	"create later rdma red" "netdev later d1"; do
	tap_equal "$command" ok "$(session "$command")"
done
topology_ip red link del d1
topology_ip red link add d2 index 700 type dummy
tap_equal "a netdev that went while an id was bound to it: nothing to bind to" ENODEV "$(session bind later 0.0.0.0 7403)"
tap_equal "its number used again: one may bind anew" ok "$(session netdev later d2)"
tap_equal "and bind" ok "$(session bind later 0.0.0.0 7403)"
tap_equal "a listener that has lost its netdev has kept its port" ok "$(session close gone)"
session_end
tap_end
