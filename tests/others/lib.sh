# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by tests/others/run before the files that say which programs of others to run, and how:
#
#   package NAME CONNECTS      what follows is of this package; CONNECTS: whether its programs connect by RDMA CM
#   alone COMMAND [PATTERN]    a row: COMMAND ends with status 0 in time, and PATTERN is in its output
#   pair SERVER CLIENT [PATTERN]   a row: both do, each in its own namespace; PATTERN is in the client's output
#   serve SERVER CLIENT [PATTERN]  a row: the client does; the server would stay and is ended
#   skip COLUMNS REASON        the rows below, of this file, cannot be run in these columns
#   known COLUMNS CELL [TEXT]  CELL, an extended regular expression for a whole cell, is what the row above may come to in
#                              these columns, and why; without TEXT the cell itself says why. The columns of sib must still
#                              agree: all their cells are the same, or one known explains them all
#
# COLUMNS is a pattern of bash. Commands are a shell's; a row is named by its client's. In them stand SERVER, CLIENT
# (addresses), SERVER6 (IPv6), DEV0, DEV1 (the devices of server and client), LID0, LID1, SWITCH (LIDs), GID (an option,
# where one is needed), TESTS (pyverbs') and, in front, RSOCKETS, with which a program's sockets are librdmacm's: its server must
# listen by RDMA CM. What stands before a row holds for that row only:
#
#   connects=yes|no            unlike the package's others: yes, and the library, where it is used, must log a request and a
#                              connection; no, and it must log neither
#   patience=SECONDS           it has so long (60)
#   blind=SECONDS              it cannot be seen whether the server listens; so long should do
#   environment=(NAME=VALUE)   for its programs
#   judge=FUNCTION             makes the row's others_cell of its status, others_status, and the file $1 with its output
#
# others_row does the work: it prints "begin", tab, row, and, when that has ended, "row", tab, row, tab, cell.

. tests/lib/perftest.sh

others_list=0
declare -A others_wanted=()
others_skip=
others_reason=
others_key=
others_scratch=$(mktemp -d)
others_files=$(mktemp -d)
others_under=()
others_observations=
others_package_connects=
others_connects=
connects=
patience=60
blind=
environment=()
judge=

others_die()
{
	echo "tests/others: $*" >&2
	exit 1
}

# Processes are slow to start in an emulated machine, so few are. timeout makes itself the leader of a process group, by which
# everything that the program starts can be ended.
others_start() # LOG NETNS COMMAND; its process is $others_pid
{
	local command=()
	[[ $2 == host ]] || command=(ip netns exec "$2")
	others_fill "$3"
	command+=(timeout --kill-after=5 "$((patience * ${RDMA_NS_SLOW:-1}))" "${others_under[@]}" bash -c "$others_filled")
	env "${environment[@]}" "${command[@]}" </dev/null >"$1" 2>&1 &
	others_pid=$!
}

others_fill() # COMMAND, into others_filled
{
	local word text=$1
	for word in SERVER6 SERVER CLIENT DEV0 DEV1 LID0 LID1 SWITCH GID TESTS RSOCKETS; do
		text=${text//$word/${others_words[$word]-}}
	done
	others_filled=$text
}

# One that the kernel does not let go is left behind.
others_end() # PID SECONDS; others_status is its status, or "hangs"
{
	local i
	for ((i = 0; i < $2 * 20; i++)); do
		kill -0 "$1" 2>/dev/null || break
		topology_nap
	done
	others_status=hangs
	if kill -0 "$1" 2>/dev/null; then
		kill -KILL -- "-$1" 2>/dev/null || true
		sleep 1
		! kill -0 "$1" 2>/dev/null || return 0
		wait "$1" 2>/dev/null || true
		return 0
	fi
	others_status=0
	wait "$1" 2>/dev/null || others_status=$?
	[[ $others_status != 124 && $others_status != 137 ]] || others_status=hangs
	kill -KILL -- "-$1" 2>/dev/null || true
}

others_listens() # NETNS PID LOG
{
	local line file joined=
	for file in tcp tcp6; do
		while read -r line; do
			[[ $line != *:0000\ 0A\ * ]] || return 0
		done <"/proc/$2/net/$file"
	done
	# Where there is none yet, $(<...) would end this script, whatever catches it.
	[[ ! -e $3 ]] || joined=$(<"$3")
	[[ $joined == *joined* ]] || [[ $(topology_exec "$1" rdma resource show cm_id) == *LISTEN* ]]
} 2>/dev/null

# Over TCP, as if there were no rsockets, everything would go as well.
others_listens_by_cm() # NETNS PID, which leads a process group
{
	local id stat
	while read -r id; do
		[[ $id =~ \ state\ LISTEN\ .*\ pid\ ([0-9]+) ]] || continue
		read -r stat <"/proc/${BASH_REMATCH[1]}/stat" || continue
		# Behind the name: state, parent, group.
		[[ ! ${stat##*) } =~ ^.\ [0-9]+\ $2\  ]] || return 0
	done < <(topology_exec "$1" rdma resource show cm_id)
	return 1
} 2>/dev/null

others_words_of() # LOG: the last line, fit for a cell
{
	tr -cd '[:print:]\t\n' <"$1" | tr '\t|<>`' '  ()'"'" | sed '/^[- ]*$/d' | tail -n 1 | cut -c 1-70 | sed 's/^ *//; s/ *$//'
}

others_verdict() # WHO STATUS LOG
{
	local words
	words=$(others_words_of "$3")
	if [[ $2 == hangs ]]; then
		others_cell="no: the $1 hangs"
	elif [[ $2 != 0 ]]; then
		others_cell="no: the $1 ends with $2${words:+: $words}"
	fi
}

# A program that does not load the library ends as well as one that does.
others_observed()
{
	local side sides=()
	[[ -n $others_observations && $others_cell == ok* ]] || return 0
	for side in passive active; do
		! grep -q "\"side\":\"$side\"" "$others_observations" 2>/dev/null || sides+=("$side")
	done
	case $others_connects:${sides[*]-} in
	yes:"passive active" | no:) ;;
	no:*) others_cell="no: librdma-ns saw RDMA CM's connections, where none are expected" ;;
	yes:) others_cell="no: librdma-ns saw no connection" ;;
	yes:*) others_cell="no: librdma-ns saw only the ${sides[*]} side" ;;
	esac
}

others_begin() # COMMAND; 1 if it is not to be run
{
	others_key=${1/ GID/}
	others_key=${others_key#RSOCKETS }
	others_cell=ok
	others_connects=${connects:-$others_package_connects}
	[[ $others_connects =~ ^(yes|no)$ ]] || others_die "$others_key: connects is '$others_connects', neither yes nor no"
	if ((others_list)); then
		printf 'row\t%s\n' "$others_key"
		[[ $others_connects == no ]] || printf 'connects\t%s\n' "$others_key"
		[[ -z $others_skip ]] || known "$others_skip" "-: $others_reason"
	elif [[ -n ${others_wanted[$others_key]-} ]]; then
		printf 'begin\t%s\n' "$others_key"
		# shellcheck disable=SC2053
		if [[ -n $others_skip && $others_column == $others_skip ]]; then
			others_cell="-: $others_reason"
		elif ! command -v "${others_key%% *}" >/dev/null; then
			others_cell="-: ${others_key%% *} is not installed"
		elif [[ $1 == "RSOCKETS "* && ! -e $rsockets ]]; then
			others_cell="-: librspreload.so is not installed"
		else
			return 0
		fi
		others_tell
	fi
	others_reset
	return 1
}

others_reset()
{
	connects=
	patience=60
	blind=
	environment=()
	judge=
}

others_tell()
{
	printf 'row\t%s\t%s\n' "$others_key" "$others_cell"
	if [[ $others_cell == no:* ]]; then
		echo "== $others_key: $others_cell"
		tail -n 30 "$others_scratch"/*
	fi >&2
	rm -f -- "$others_scratch"/*
}

others_matches() # LOG PATTERN
{
	others_fill "$2"
	[[ -z $2 ]] || grep -qE -- "$others_filled" "$1" || others_cell="no: its output lacks '$2': $(others_words_of "$1")"
}

alone() # COMMAND [PATTERN]
{
	local log=$others_scratch/program
	others_begin "$1" || return 0
	others_start "$log" host "$1"
	others_end "$others_pid" $(($(tap_slow "$patience") + 10))
	if [[ -n $judge ]]; then
		"$judge" "$log"
	else
		others_verdict program "$others_status" "$log"
		[[ $others_cell != ok ]] || others_matches "$log" "${2-}"
	fi
	others_observed
	others_tell
	others_reset
}

others_pair() # pair|serve SERVER CLIENT [PATTERN]
{
	local try
	others_begin "$3" || return 0
	for ((try = 0; try < 5; try++)); do
		others_try "$@"
		perftest_asked_early "$3" "$others_client_status" "$others_scratch/client" || break
		others_cell=ok
	done
	others_observed
	others_tell
	others_reset
}

others_try() # pair|serve SERVER CLIENT [PATTERN]
{
	local server i log=$others_scratch/client
	others_start "$others_scratch/server" "$others_left" "$2"
	server=$others_pid
	for ((i = SECONDS + ${blind:-$patience} * ${RDMA_NS_SLOW:-1}; SECONDS < i; )); do
		topology_nap
		! others_listens "$others_left" "$server" "$others_scratch/server" || break
		kill -0 "$server" 2>/dev/null || break
	done
	# A server that has ended already shows in what the client says.
	if [[ $2 == "RSOCKETS "* ]] && kill -0 "$server" 2>/dev/null && ! others_listens_by_cm "$others_left" "$server"; then
		others_cell="no: the server does not listen by RDMA CM"
	fi
	others_start "$log" "$others_right" "$3"
	others_end "$others_pid" $(($(tap_slow "$patience") + 10))
	others_client_status=$others_status
	[[ $others_cell != ok ]] || others_verdict client "$others_status" "$log"
	[[ $others_cell != ok ]] || others_matches "$log" "${4-}"
	if [[ $1 == serve ]]; then
		kill -KILL -- "-$server" 2>/dev/null || true
		others_end "$server" 5
	else
		# After the client has failed the server may wait for ever.
		others_end "$server" "$([[ $others_cell == ok ]] && tap_slow 20 || echo 3)"
		[[ $others_cell != ok ]] || others_verdict server "$others_status" "$others_scratch/server"
	fi
}

pair() { others_pair pair "$@"; }
serve() { others_pair serve "$@"; }

package() # NAME CONNECTS
{
	others_package_connects=$2
	((!others_list)) || printf 'package\t%s\n' "$1"
}

skip() # COLUMNS REASON
{
	others_skip=$1
	others_reason=$2
}

known() # COLUMNS CELL [TEXT]
{
	((!others_list)) || printf 'known\t%s\t%s\t%s\t%s\n' "$others_key" "$1" "$2" "${3-}"
}
