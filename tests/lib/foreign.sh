# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after topology.sh by tests in which a container names another one's QP to the peer of that.
#
#   foreign_begin VICTIM INTRUDER PEER ADDRESS   a connection from VICTIM to PEER, which has ADDRESS and where
#                     nothing listens at port 7601: there INTRUDER asks for connections, one after the other, with
#                     the number of VICTIM's QP
#   foreign_end       stop; the connection has been held or lost: $foreign_held; what became of the intruder's
#                     attempts, each kind once: $foreign_outcome; and their number: $foreign_attempts
#   foreign_qpn NAME  of the QP of the "cm-foreign hold" with that log

FOREIGN=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cm-foreign
foreign_intruder=
foreign_held=
foreign_outcome=
foreign_attempts=

foreign_qpn() # NAME
{
	[[ $(<"$(topology_log "$1")") =~ listening\ (0x[0-9a-f]+) ]] || topology_die "$1 says no QP number"
	echo "${BASH_REMATCH[1]}"
}

foreign_begin() # VICTIM INTRUDER PEER ADDRESS
{
	local qpn
	topology_start "$3" foreign-server "$FOREIGN" serve rc 7600
	topology_start "$1" foreign-victim "$FOREIGN" hold "$4" 7600
	qpn=$(foreign_qpn foreign-victim)
	ip netns exec "$2" bash -c "trap exit TERM; while :; do $FOREIGN connect $qpn $4 7601; done" \
		>"$topology_scratch/foreign-intruder" 2>/dev/null &
	foreign_intruder=$!
}

foreign_end()
{
	local log
	kill "$foreign_intruder" 2>/dev/null || true
	wait "$foreign_intruder" 2>/dev/null || true
	log=$(topology_log foreign-intruder)
	foreign_attempts=$(wc -l <"$log")
	foreign_outcome=$(sort -u "$log" | paste -sd ,)
	foreign_held=$(sed -n '$s/^listening.*/held/p; $s/^lost/lost/p' "$(topology_log foreign-victim)")
}

[[ -x $FOREIGN ]] || topology_die "$FOREIGN is missing: cmake -B build && cmake --build build"
