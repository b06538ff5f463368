#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# /proc/net/rdma_cm_listeners, and rdma-ns show, which reads it: what listeners are bound to, their policies and
# namespaces.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/script.sh
rdma_ns=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/rdma-ns
trap topology_down EXIT

topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container blue ib0
topology_ready
topology_batch red "addr add 10.0.0.5/24 dev ib0.red" "addr add fd00::5/64 dev ib0.red nodad"
topology_batch blue "addr add 10.0.0.6/24 dev ib0.blue"

# RDMA_OPTION_NS_POLICY
verify="4 01000000" strict="4 02000000"
lines() { topology_exec "$1" sed 1d /proc/net/rdma_cm_listeners | sed "s/ $pid\$/ PID/" | sort; } # NETNS
shown() # NETNS: what show says of its listeners
{
	"$rdma_ns" --json show | jq -r --arg netns "$1" '.show[] | select(.netns == $netns and .state == "LISTEN") |
		"\(.port_space) \(.local) \(.netdev) \(.bound_to) \(.policy)"' | sort -u
}

tap_equal "a namespace without listeners" "port_space address port ifindex policy pid" \
	"$(topology_exec red cat /proc/net/rdma_cm_listeners)"
session_begin
pid=$session_pid
for line in "create any rdma red" "reuse any" "bind any 0.0.0.0 7700" "listen any" \
	"create x rdma red" "reuse x" "netdev x ib0.red" "set x $verify" "bind x 0.0.0.0 7700" "listen x" \
	"create y rdma red" "reuse y" "netdev y ib0.8001" "set y $strict" "bind y 0.0.0.0 7700" "listen y" \
	"create six rdma-udp red" "bind six fd00::5 7701" "listen six" \
	"create bound rdma red" "bind bound 10.0.0.5 7702" \
	"create moved rdma host" "netns moved blue" "bind moved 10.0.0.6 7703" "listen moved"; do
	[[ $(session $line) == ok ]] || tap_result 1 "$line"
done
red=$(topology_exec red cat /sys/class/net/ib0.red/ifindex)
other=$(topology_exec red cat /sys/class/net/ib0.8001/ifindex)
tap_equal "those of red, and nothing that does not listen" "$(printf '%s\n' "tcp 0.0.0.0 7700 0 report PID" \
	"tcp 0.0.0.0 7700 $other strict PID" "tcp 0.0.0.0 7700 $red verify PID" "udp fd00::5 7701 0 report PID" | sort)" "$(lines red)"
tap_equal "that of another namespace than its process's" "tcp 10.0.0.6 7703 0 report PID" "$(lines blue)"
tap_equal "show says the same" "$(printf '%s\n' "tcp 0.0.0.0:7700 null ib0.8001 strict" "tcp 0.0.0.0:7700 null ib0.red verify" \
	"tcp 0.0.0.0:7700 null null report" "udp [fd00::5]:7701 ib0.red null report" | sort)" "$(shown red)"
tap_equal "and where the listener really is" "tcp 10.0.0.6:7703 ib0.blue null report" "$(shown blue)"
tap_match "a PID namespace that cannot see the process" " 0\$" \
	"$(topology_exec blue unshare --pid --fork --mount-proc sed 1d /proc/net/rdma_cm_listeners)"
tap_equal "a reader without privileges sees its namespace's" "tcp 10.0.0.6 7703 0 report PID" \
	"$(topology_exec blue setpriv --reuid 1000 --clear-groups sed 1d /proc/net/rdma_cm_listeners | sed "s/ $pid\$/ PID/")"
topology_ip red link del ib0.8001
tap_match "a netdev that has gone" "tcp 0.0.0.0 7700 -1 strict PID" "$(lines red)"
tap_match "is no other's name" 'tcp 0\.0\.0\.0:7700 null :gone strict' "$(shown red)"
session_end
tap_equal "and none is left" "" "$(lines red)$(lines blue)"

session_begin
for ((i = 0; i < 60; i++)); do
	for line in "create l$i rdma red" "bind l$i 10.0.0.5 $((8000 + i))" "listen l$i"; do
		[[ $(session $line) == ok ]] || tap_result 1 "$line"
	done
done
tap_equal "each of many is shown once" "$(seq 8000 8059)" "$(topology_exec red sed 1d /proc/net/rdma_cm_listeners | cut -d ' ' -f 3 | sort -n)"
session_end
tap_end
