#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# One process that resolves while netdevs are renamed, moved, deleted, made anew: its table must follow.
# And rdma-ns show, against the rdma command and the processes that are there.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
trap 'topology_down; rm -f "${many-}"; rdma link del rxe0 2>/dev/null || true; ip link del v0 2>/dev/null || true' EXIT

topology_container red ib0
topology_container blue ib0
topology_ready
topology_address red ib0.red 10.0.0.5/24
red=$(topology_qpn red ib0.red)

coproc RED { exec ip netns exec red "$RDMA_NS" --batch - 2>&1; }
red_pid=$RED_PID

# The words of ingress and route, in one process that lives on.
ask() # WORD...
{
	local line
	answer=
	echo "resolve $*" >&"${RED[1]}"
	while read -rt 20 line <&"${RED[0]}"; do
		answer+="$line; "
		[[ $line != verdict:* && $line != rdma-ns:* ]] || return 0
	done
	answer+="no answer"
}

follows() # NAME PATTERN WORD...
{
	ask "${@:3}"
	tap_match "$1" "$2" "$answer"
}

request=(10.0.0.5 from 10.0.0.9 dev sib0/1)
follows "at first" "ingress: +ib0.red .*QPN $red; decided by: qpn; .*delivered; ib0.red" "${request[@]}" qpn "$red"
topology_ip red link set ib0.red down
topology_ip red link set ib0.red name eth0
follows "renamed, and down" "ingress: +eth0 .*ingress netdev down" "${request[@]}" qpn "$red"
topology_ip red link set eth0 up
follows "up again" "ingress: +eth0 .*route: +delivered" "${request[@]}" qpn "$red"

topology_ip blue link set ib0.blue netns red
topology_ip red link set ib0.blue up
topology_ip red addr add 10.0.0.5/32 dev ib0.blue
blue=$(topology_qpn red ib0.blue)
follows "a netdev moved here takes the address" "decided by: ambiguous; candidates: 2" "${request[@]}"
follows "its QPN is known" "ingress: +ib0.blue .*decided by: qpn" "${request[@]}" qpn "$blue"
topology_ip red link set ib0.blue netns blue
follows "and moved away" "decided by: address; candidates: 1" "${request[@]}"
follows "its QPN is nobody's here" "decided by: unresolved.*names no netdev of this namespace" "${request[@]}" qpn "$blue"

topology_ip red link del eth0
follows "deleted" "no netdev.*decided by: unresolved" "${request[@]}" qpn "$red"
topology_child red ib0 ib0.new 0xffff
topology_ready
topology_address red ib0.new 10.0.0.5/24
follows "made anew" "ingress: +ib0.new .*decided by: qpn.*delivered" "${request[@]}" qpn "$(topology_qpn red ib0.new)"
topology_ip red addr del 10.0.0.5/24 dev ib0.new
follows "without the address" "decided by: gid.*no route" "${request[@]}"
topology_address red ib0.new 10.0.0.5/24

# More changes than a queue of notifications holds.
many=$(mktemp)
for ((i = 0; i < 8000; i++)); do
	echo "addr add 10.$((100 + i / 65536)).$((i / 256 % 256)).$((i % 256))/32 dev ib0.new"
done >"$many"
topology_ip red -batch "$many"
follows "after 8,000 new addresses" "route: +delivered; ib0.new" 10.100.31.63 from 10.0.0.9 dev sib0/1
tap_equal "the process has not ended" 0 "$(kill -0 "$red_pid" && echo 0)"
input=${RED[1]}
exec {input}>&-
status=0
wait "$red_pid" || status=$?
tap_equal "and ends with its input" 0 "$status"

# RoCE's GIDs come some time after the address.
modprobe rdma_rxe
ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
rdma link add rxe0 type rxe netdev v0
coproc RED { exec "$RDMA_NS" --batch - 2>&1; }
roce=(192.168.0.1 from 192.168.0.9 dev rxe0)
follows "rxe, no address yet" "decided by: unresolved" "${roce[@]}"
ip addr add 192.168.0.1/24 dev v0
now() { ask "${roce[@]}"; [[ $answer == *"decided by: gid"* ]]; }
tap_within 10 "rxe, an address" now
ip addr del 192.168.0.1/24 dev v0
follows "rxe, no address any more" "decided by: unresolved" "${roce[@]}"
input=${RED[1]}
exec {input}>&-

# rdma-ns show.
topology_listen red listener --bind 10.0.0.5
pid=$(pgrep -x cmwho)
show=$("$RDMA_NS" --json show)
tap_equal "show: a listener" "LISTEN tcp 10.0.0.5:7471 sib0 1 $pid cmwho red ib0.new" \
	"$(jq -r '.show[] | [.state, .port_space, .local, .device, .port, .pid, .command, .netns, .netdev] | join(" ")' <<<"$show")"
tap_equal "show: as many as the rdma command has" "$(rdma resource show cm_id | wc -l)" "$(jq '.show | length' <<<"$show")"
tap_equal "show: other commands beside" "$(rdma -j resource show cm_id | jq -r '.[].state')" "$(jq -r '.show[].state' <<<"$show")"
topology_silence
tap_equal "show: none" "0" "$("$RDMA_NS" --json show | jq '.show | length')"
tap_end
