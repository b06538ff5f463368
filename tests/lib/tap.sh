# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by tests written in shell: each check prints "ok - NAME" or "not ok - NAME" and goes on.
#
#   tap_equal NAME EXPECTED ACTUAL
#   tap_match NAME PATTERN ACTUAL        PATTERN: an extended regular expression
#   tap_run NAME COMMAND...              its status must be 0; its output is shown when it is not
#   tap_fail NAME COMMAND...             its status must not be 0
#   tap_within SECONDS NAME COMMAND...   its status becomes 0 in that time; tried again and again
#   tap_slow NUMBER                      how many times as long: NUMBER, or $RDMA_NS_SLOW times as much
#   tap_skip NAME REASON                 this cannot be checked here
#   tap_note TEXT...                     a line of explanation
#   tap_end                              sums up; 1 if anything failed or nothing was checked

tap_passed=0
tap_failed=0

tap_slow() { echo $(($1 * ${RDMA_NS_SLOW:-1})); }

tap_note() { printf '%s\n' "$*" | sed 's/^/# /'; }

tap_result() # STATUS NAME
{
	if (($1 == 0)); then
		tap_passed=$((tap_passed + 1))
		echo "ok - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok - $2"
	fi
}

tap_equal()
{
	if [[ $3 == "$2" ]]; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		tap_note "expected: $2"
		tap_note "saw:      $3"
	fi
}

tap_match()
{
	if [[ $3 =~ $2 ]]; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		tap_note "expected something like: $2"
		tap_note "saw: $3"
	fi
}

tap_run()
{
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	tap_result "$status" "$name"
	if ((status)); then
		tap_note "'$*' ended with status $status:"
		tap_note "$output"
	fi
}

tap_fail()
{
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	tap_result $((status == 0)) "$name"
	if ((status == 0)); then
		tap_note "'$*' ended with status 0:"
		tap_note "$output"
	fi
}

tap_within()
{
	local end=$((${EPOCHREALTIME/./} + $1 * ${RDMA_NS_SLOW:-1} * 1000000)) name=$2 output
	shift 2
	while ! output=$("$@" 2>&1); do
		if ((${EPOCHREALTIME/./} > end)); then
			tap_result 1 "$name"
			tap_note "'$*' still fails:"
			tap_note "$output"
			return
		fi
		sleep 0.1
	done
	tap_result 0 "$name"
}

tap_skip() { echo "skip - $1 ($2)"; }

tap_end()
{
	echo "# $tap_passed passed, $tap_failed failed"
	((tap_failed == 0 && tap_passed > 0))
}
