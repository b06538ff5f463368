# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after tap.sh and topology.sh by tests that run cm-script.
#
#   session_begin [COMMAND...]   start cm-script, under COMMAND such as setpriv, to be spoken to line by line
#   session COMMAND...           the result of one command
#   session_end
#   script NAME [KIND [COMMAND...]]   standard input is a script of cm-script's commands, KIND for each word
#                        "K"; a line "COMMAND => RESULT" must end so, any other one with "ok". All of it is one
#                        check. With COMMAND, such as setpriv, cm-script runs under it

CM_SCRIPT=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cm-script

# TCP and RDMA say the same in different words.
script_result()
{
	sed -E 's/^(ECONNREFUSED|RDMA_CM_EVENT_(REJECTED|UNREACHABLE) .*)$/refused/; s/^EADDRNOTAVAIL$/EADDRINUSE/'
}

script() # NAME [KIND [COMMAND...]]
{
	local kind=${2:-} line commands=() wanted=() got=() i wrong=0
	while read -r line; do
		[[ -n $line && $line != \#* ]] || continue
		[[ $line != *' => '* ]] && line+=' => ok'
		wanted+=("${line##* => }")
		line=${line% => *}
		commands+=("${line// K / $kind }")
	done
	mapfile -t got < <(printf '%s\n' "${commands[@]}" | "${@:3}" "$CM_SCRIPT" 2>&1 |
		if [[ -n $kind ]]; then script_result; else cat; fi)
	for i in "${!commands[@]}"; do
		# shellcheck disable=SC2053
		[[ ${got[i]-nothing} == ${wanted[i]} ]] || wrong=1
	done
	tap_result "$wrong" "$1"
	((wrong)) || return 0
	for i in "${!commands[@]}"; do
		# shellcheck disable=SC2053
		tap_note "${commands[i]}: ${got[i]-nothing}$([[ ${got[i]-nothing} == ${wanted[i]} ]] || echo "   <-- not ${wanted[i]}")"
	done
}

session_begin() # COMMAND...
{
	coproc SESSION { exec "$@" "$CM_SCRIPT" 2>&1; }
	session_pid=$SESSION_PID
	exec {session_in}<&"${SESSION[0]}" {session_out}>&"${SESSION[1]}"
}

session() # COMMAND...
{
	local answer=nothing
	echo "$*" >&"$session_out"
	read -rt "$(tap_slow 110)" -u "$session_in" answer || true
	echo "$answer"
}

session_end()
{
	local out=${SESSION[1]-}
	exec {session_out}>&- {session_in}<&-
	[[ -z $out ]] || eval "exec $out>&-"
	wait "$session_pid" || true
}

[[ -x $CM_SCRIPT ]] || topology_die "$CM_SCRIPT is missing: cmake -B build && cmake --build build"
