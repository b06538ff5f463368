#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Which listener gets a request, and which may share a port, by netdev, address, VRF and family: the extended
# rdma_cm beside TCP with SO_BINDTODEVICE, the same table for both.
# Kernels: 6.1 (6.12) (7.2)
# Fabric: --hosts 2 --extended
# Timeout: 200
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

topology_vrf red ib0.8001
both "a VRF" <<'END'
create any K red
reuse any
bind any 0.0.0.0 PORT
listen any
create vrf K red
reuse vrf
netdev vrf vr
bind vrf 0.0.0.0 PORT
listen vrf
connect K client 10.0.1.5 PORT => vrf
connect K client 10.0.0.5 PORT => any
END

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
