#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A connect or accept names a QP of the caller's own. Else a container could end the connections of another one on
# the same HCA, whose QP number it names to their peer, and over iWARP take its QP. Who may name a QP: its process,
# also with another user by now, and whoever has the file open through which it was made.
# Kernels: (all)
# Fabric: --hosts 2 --extended
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/links.sh
. tests/lib/foreign.sh
trap 'topology_down; links_down; settings_reset' EXIT
peer=10.0.0.9
held=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/qp-held

topology_container red ib0
topology_container blue ib0
topology_container client ib1
topology_ready
topology_batch red "addr add 10.0.0.5/24 dev ib0.red"
topology_batch blue "addr add 10.0.0.6/24 dev ib0.blue"
topology_batch client "addr add $peer/24 dev ib1.client"
chmod 666 /dev/infiniband/*

name_qp() { topology_exec "$1" timeout "$(tap_slow 30)" "$FOREIGN" connect "$2" "$3" "$4"; } # NETNS HOW ADDRESS PORT

destroy_named() { topology_exec b timeout "$(tap_slow 60)" "$held" 10.2.0.1 7504 2>&1 || true; }

# Strangers' QPs named so far.
named() { settings_counter foreign_qps "$1"; } # CALL

more_waited() { (($(settings_waiting) > before)); }
is_destroyed() { grep -q destroyed "$topology_scratch/again"; }

until_true() # COMMAND...
{
	local i
	for ((i = 0; i < topology_patience; i++)); do
		! "$@" || break
		topology_nap
	done
}

here() { settings_series || echo ", refused here: $1"; } # NUMBER

asks=Y
# Nobody has the peer's address, so the request is refused. It waits until somebody has the address again, and COMMAND
# comes in between. Whose QP it names is asked, if at all, only from then on.
try_again() # HOW COMMAND...
{
	local asker before
	settings_own_qp N
	topology_ip client addr del $peer/24 dev ib1.client
	topology_ip blue neigh replace $peer lladdr "$(topology_lladdr client ib1.client)" dev ib0.blue nud reachable
	before=$(settings_waiting)
	name_qp blue "$1" $peer 7502 >"$topology_scratch/again" &
	asker=$!
	until_true more_waited
	"${@:2}"
	settings_own_qp "$asks"
	topology_ip client addr add $peer/24 dev ib1.client
	wait $asker || true
	outcome=$(tail -n 1 "$topology_scratch/again")
}

# A slow machine may be too late for the time that such a request waits. Where nothing is counted, none of these may get
# through.
again() # HOW COMMAND...
{
	local i refused
	refused=$(named send_again)
	for ((i = 0; i < 8; i++)); do
		try_again "$@"
		[[ $outcome == "REJECTED 28" && $(named send_again) == "$refused" ]] || break
	done
	settings_series || outcome+=", refused here: $(($(named send_again) - refused))"
}

# How blue fares, and red's connection.
attack() # PORT
{
	local outcome i
	topology_start red held "$FOREIGN" hold $peer 7500
	outcome=$(name_qp blue "$(foreign_qpn held)" $peer "$1")
	for ((i = 0; i < $(tap_slow 20); i++)); do
		[[ $(<"$(topology_log held)") != *lost* ]] || break
		topology_nap
	done
	kill "$topology_started"
	wait "$topology_started" || true
	echo "$outcome, red's connection: $(tail -n 1 "$(topology_log held)" | sed 's/listening.*/held/')"
}

settings_watch
topology_start client server "$FOREIGN" serve rc 7500
topology_start client own "$FOREIGN" serve rc 7502
settings_own_qp N
tap_equal "nobody asks: blue ends red's connection, without a listener even" \
	"REJECTED 10, red's connection: lost" "$(attack 7501)"
settings_own_qp Y
cp "$FOREIGN" "$topology_scratch"/$'odd\e[2J'
tap_equal "a program with an odd name" EPERM \
	"$(topology_exec blue timeout 30 "$topology_scratch"/$'odd\e[2J' connect 0xfffffe $peer 7502)"
inode=$(topology_exec blue stat -Lc %i /proc/self/ns/net)
tap_match "the kernel's log does not have it as it is, but tells whose it was" \
	"refused: odd\\\\e\\[2J\\[[0-9]+\\], user 0, network namespace $inode, named QP 16777214" "$(dmesg | tail -n 5)"
tap_equal "red's QP number, where nobody listens: red keeps its connection" \
	"EPERM, red's connection: held" "$(attack 7501)"
tap_equal "red's QP number, where somebody listens" "EPERM, red's connection: held" "$(attack 7502)"

for how in own ud context thread user parent child passed headless; do
	tap_equal "a QP of the caller's own: $how" "CONNECT_RESPONSE 0" "$(name_qp blue $how $peer 7502)"
done
for how in stranger device 0 1 0xfffffe "$(topology_qpn blue ib0.blue)" "$(topology_qpn red ib0.red)"; do
	tap_equal "not a QP of the caller's own: $how" EPERM "$(name_qp blue "$how" $peer 7502)"
done

# Numbers are used again. A request that is sent again must not name one that nobody has by now or, as if it had been
# made meanwhile, another process.
topology_exec blue sysctl -qw net/ipv4/neigh/ib0.blue/retrans_time_ms=100 net/ipv4/neigh/ib0.blue/mcast_solicit=60
again own true
tap_equal "a refused request is sent again" "CONNECT_RESPONSE 0$(here 0)" "$outcome"
again headless true
tap_equal "also of a process whose first thread has ended, with a QP of a file that was passed to it" \
	"CONNECT_RESPONSE 0$(here 0)" "$outcome"
asks=N
again gone until_true is_destroyed
tap_equal "nobody asks: it names a QP that has been destroyed" "CONNECT_RESPONSE 0$(here 0)" "$outcome"
asks=Y
again gone until_true is_destroyed
tap_equal "not if its QP has been destroyed" "REJECTED 28$(here 1)" "$outcome"
again stranger true
tap_equal "not if its QP is another process's" "REJECTED 28$(here 1)" "$outcome"

# The same for who accepts. The connecting side has no QP in use that could be ended.
for space in rc ud; do
	topology_start client "accept-$space" "$FOREIGN" serve $space 7503 "$(topology_qpn client ib1.client)"
	if [[ $space == rc ]]; then
		name_qp blue own $peer 7503 >/dev/null
	else
		topology_exec blue "$CMWHO" connect --port-space udp --port 7503 $peer >/dev/null 2>&1 || true
	fi
	tap_equal "accepting with a QP that is not the caller's own, $space" EPERM \
		"$(tail -n 1 "$(topology_log "accept-$space")")"
done
topology_silence

connects=$(named connect)
accepts=$(named accept)
name_qp blue stranger $peer 7502 >/dev/null
tap_counted tap_equal "a refused connect is counted" "$((connects + 1)) $accepts" "$(named connect) $(named accept)"
tap_counted tap_match "refused accepts have been, too" '^[1-9]' "$(named accept)"
tap_counted tap_fail "not for a container to read" ip netns exec blue cat "$settings_parameters/foreign_qps"
tap_fail "only the host's administrator turns it off" ip netns exec blue unshare -Ur \
	bash -c ". tests/lib/settings.sh && settings_own_qp N"
tap_equal "and it is on" Y "$(settings_own_qp)"

# Over iWARP it is the QP itself that is taken.
links_siw
topology_start a siw "$FOREIGN" serve rc 7504
for how in own parent; do
	tap_equal "iWARP, a QP of the caller's own: $how" "ESTABLISHED 0" "$(name_qp b $how 10.2.0.1 7504)"
done
tap_equal "iWARP, another process's QP" EPERM "$(name_qp b stranger 10.2.0.1 7504)"
tap_equal "iWARP, a QP that is destroyed while the connect that names it is made to wait" "connect: EPERM" \
	"$(destroy_named)"
settings_own_qp N
tap_equal "iWARP, nobody asks: what has the number by then is connected, here nothing" "connect: EINVAL" \
	"$(destroy_named)"
tap_equal "iWARP, nobody asks: another process's QP is taken" "ESTABLISHED 0" "$(name_qp b stranger 10.2.0.1 7504)"
tap_end
