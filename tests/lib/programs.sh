# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after tap.sh and topology.sh by tests that run unmodified programs against each other.
#
#   programs_pair NAME SERVER-NETNS "SERVER COMMAND" CLIENT-NETNS "CLIENT COMMAND"
#                     one check: both end with status 0 in time. Their output is left in
#                     $programs_server_log and $programs_client_log
#   programs_run SERVER-NETNS "SERVER COMMAND" CLIENT-NETNS "CLIENT COMMAND"
#                     the same without the check: the statuses are $programs_server_status, which is
#                     "silent" if it does not listen, and $programs_client_status. What is perftest's own fault is
#                     tried again
#   programs_check NAME    and the check
#   programs_start NETNS "COMMAND"    start it, wait until it listens; its process is $programs_pid
#   programs_stop PID                 end it
#   programs_exec     "rdma-ns exec", an array
#   programs_under LOG SERVER-POLICY CLIENT-POLICY    what follows runs under rdma-ns exec
#
# NETNS "host" is the initial namespace.

. tests/lib/perftest.sh

programs_server_log=$(mktemp "${TMPDIR:-/tmp}/server.XXXXXXXX")
programs_client_log=$(mktemp "${TMPDIR:-/tmp}/client.XXXXXXXX")
programs_time=$(tap_slow 150)
programs_pid=
programs_server_status=
programs_client_status=
programs_commands=()
programs_under_log=
# A sanitized library needs the sanitizer's runtime in programs of others.
programs_exec=(env ${RDMA_NS_RUNTIME:+"LD_PRELOAD=$RDMA_NS_RUNTIME"} "${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns" exec)
programs_server_under=()
programs_client_under=()

programs_under() # LOG SERVER-POLICY CLIENT-POLICY
{
	programs_under_log=$1
	programs_server_under=("${programs_exec[@]}" --json --log "$1" --policy "$2" --)
	programs_client_under=("${programs_exec[@]}" --json --log "$1" --policy "$3" --)
}

programs_listens() # NETNS PID COMMAND
{
	local line
	case $3 in
	mckey*)	# it does not listen: it has joined, and says so
		grep -q 'joined\|receiving' "$programs_server_log"
		;;
	*pingpong* | ib_*)
		if [[ $3 == *" -R"* ]]; then
			[[ $(topology_exec "$1" rdma resource show cm_id) == *LISTEN* ]]
			return
		fi
		while read -r line; do
			[[ $line != *:4853\ *:0000\ 0A\ * ]] || return 0
		done <"/proc/$2/net/tcp"
		while read -r line; do
			[[ $line != *:4853\ *:0000\ 0A\ * ]] || return 0
		done <"/proc/$2/net/tcp6"
		return 1
		;;
	*) [[ $(topology_exec "$1" rdma resource show cm_id) == *LISTEN*"comm ${3%% *}"* ]] ;;
	esac
} 2>/dev/null

programs_start() # NETNS COMMAND
{
	local i
	: >"$programs_server_log"
	local command=(timeout --kill-after=5 "$programs_time" stdbuf -oL)
	[[ $1 == host ]] || command=(ip netns exec "$1" "${command[@]}")
	# shellcheck disable=SC2086
	"${command[@]}" "${programs_server_under[@]}" $2 >"$programs_server_log" 2>&1 &
	programs_pid=$!
	for ((i = 0; i < $(tap_slow 100); i++)); do
		if programs_listens "$1" "$programs_pid" "$2"; then
			return 0
		fi
		kill -0 "$programs_pid" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

programs_stop() # PID
{
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# rping destroys its channel while its other thread may be about to wait for an event there, which ends rping
# with 255 unless it has ended by itself. On a busy machine, or with a sanitizer, whose search for leaks comes first,
# it has not. Nothing else may have gone wrong; state 10 is that of a connection that has ended.
programs_ended_late() # STATUS LOG
{
	[[ $1 == 255 && $(tail -n 1 "$2") == "rdma_get_cm_event: Bad file descriptor" ]] &&
		! grep -Eq 'failed|error|mismatch|bogus|unhandled|Unknown|removal|state ([^1]|1$|1[^0])' "$2"
}

programs_run() # SERVER-NETNS SERVER CLIENT-NETNS CLIENT
{
	local try
	for ((try = 0; try < 5; try++)); do
		programs_run_once "$@"
		perftest_asked_early "$4" "$programs_client_status" "$programs_client_log" || return 0
		# Of a try that counts for nothing, nothing may be left.
		[[ -z $programs_under_log ]] || : >"$programs_under_log"
	done
}

programs_run_once() # SERVER-NETNS SERVER CLIENT-NETNS CLIENT
{
	programs_commands=("$2" "$4")
	programs_server_status=0
	programs_client_status=0
	if ! programs_start "$1" "$2"; then
		programs_server_status=silent
		programs_stop "$programs_pid"
		return
	fi
	# shellcheck disable=SC2086
	topology_exec "$3" timeout --kill-after=5 "$programs_time" "${programs_client_under[@]}" $4 \
		>"$programs_client_log" 2>&1 </dev/null || programs_client_status=$?
	! programs_ended_late "$programs_client_status" "$programs_client_log" || programs_client_status=0
	((!programs_client_status)) || sleep 1
	((!programs_client_status)) || kill "$programs_pid" 2>/dev/null || true
	wait "$programs_pid" || programs_server_status=$?
	! programs_ended_late "$programs_server_status" "$programs_server_log" || programs_server_status=0
}

programs_check() # NAME
{
	if [[ $programs_server_status == silent ]]; then
		tap_result 1 "$1"
		tap_note "'${programs_commands[0]}' does not listen:"
		tap_note "$(<"$programs_server_log")"
		return
	fi
	tap_result $((programs_client_status || programs_server_status)) "$1"
	if ((programs_client_status || programs_server_status)); then
		tap_note "server '${programs_commands[0]}': status $programs_server_status" "$(tail -n 15 "$programs_server_log")"
		tap_note "client '${programs_commands[1]}': status $programs_client_status" "$(tail -n 15 "$programs_client_log")"
	fi
}

programs_pair() # NAME SERVER-NETNS SERVER CLIENT-NETNS CLIENT
{
	programs_run "${@:2}"
	programs_check "$1"
}
