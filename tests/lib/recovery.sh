# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after tap.sh, topology.sh and script.sh by tests in which an address comes to be at another netdev than a client's
# neighbour entry says, without a word: no gratuitous ARP, no ping.
#
#   recovery_topology       the container red with $pod and $pod6 on ib0, and client on ib1
#   recovery_listen NETNS   cmwho there, for RC and SIDR, and a listener of TCP
#   recovery_restart        red's netdev is made anew, with the same addresses and another QPN
#   recovery_restart6       and it has had time to join the multicast groups of IPv6, without which nobody can find it
#   recovery_move NETNS NETDEV    $pod and $pod6 move there; they are at $recovery_at
#   recovery_age STATE      client's entries are the ones of now, in that state: stale, reachable
#   recovery_time COMMAND...      how long until it succeeds in client's namespace, tried again and again, in ms, or "never"
#   recovery_tcp            the same for a TCP connection

pod=10.0.0.5
pod6=fd00::5
recovery_port=7480
recovery_limit=$(tap_slow 90)
recovery_at="red ib0.red"

recovery_listen() # NETNS
{
	topology_listen "$1" "$1" --bind ::
	topology_listen "$1" "$1-udp" --bind :: --port-space udp
	recovery_listen_tcp "$1"
}

recovery_listen_tcp() # NETNS
{
	session create "tcp-$1" tcp "$1" >/dev/null
	session bind "tcp-$1" 0.0.0.0 "$recovery_port" >/dev/null
	session listen "tcp-$1" >/dev/null
}

recovery_addresses() { topology_batch "$1" "addr add $pod/24 dev $2" "addr add $pod6/64 dev $2 nodad"; }

recovery_topology()
{
	topology_container red ib0
	topology_container client ib1
	topology_ready
	recovery_addresses red ib0.red
	topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad"
	recovery_at="red ib0.red"
}

recovery_restart()
{
	local before
	before=$(topology_qpn red ib0.red)
	topology_ip red link del ib0.red
	topology_child red ib0 ib0.red 0xffff
	topology_ready
	recovery_addresses red ib0.red
	[[ $(topology_qpn red ib0.red) != "$before" ]] || topology_die "the new netdev has the old one's QPN, $before"
}

# OpenSM is asked for one group after the other.
recovery_restart6()
{
	recovery_restart
	sleep 2
}

recovery_move() # NETNS NETDEV
{
	local netns netdev
	read -r netns netdev <<<"$recovery_at"
	topology_batch "$netns" "addr del $pod/24 dev $netdev" "addr del $pod6/64 dev $netdev"
	recovery_addresses "$@"
	recovery_at="$1 $2"
}

recovery_age() # STATE
{
	local netns netdev lladdr
	read -r netns netdev <<<"$recovery_at"
	lladdr=$(topology_lladdr "$netns" "$netdev")
	topology_batch client "neigh replace $pod lladdr $lladdr dev ib1.client nud $1" \
		"neigh replace $pod6 lladdr $lladdr dev ib1.client nud $1"
}

recovery_time() # COMMAND...
{
	local begin=${EPOCHREALTIME/./} end
	end=$((begin + recovery_limit * 1000000))
	until topology_exec client "$@" >/dev/null 2>&1; do
		if ((${EPOCHREALTIME/./} > end)); then
			echo never
			return
		fi
	done
	echo $(((${EPOCHREALTIME/./} - begin) / 1000))
}

recovery_tcp() { recovery_time timeout "$recovery_limit" bash -c "exec 3<>/dev/tcp/$pod/$recovery_port"; }
