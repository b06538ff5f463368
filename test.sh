#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: ./test.sh [OPTION]...
#
# Runs all tests: installs what is missing (scripts/setup.sh), builds everything, runs the host's tests
# (tests/host, tests/vm), then most others in one virtual machine with the distribution's kernel 6.1
# (tests/guest) and a few with 6.12. Prints "ok - FILE: NAME", "not ok - ..." or "skip - ..." for each
# check, what a failed file had to say, and at the end how many passed, failed and were skipped.
#
#   --only PATTERN    only test files whose name has PATTERN, an extended regular expression, in it
#                     (such as "verbs" or "guest/50"); the build always runs
#   --list            print the names of the test files
#   -h, --help
#
# All output is kept in build/test-logs. What runs where and how a test file looks: tests/run --help.
# Exit status: 0 all passed, 1 something failed, or nothing was checked, 2 usage.
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 1

usage_error()
{
	echo "test.sh: $*; see './test.sh --help'" >&2
	exit 2
}

only=
list=0
while (($#)); do
	case $1 in
	--only=*) only=${1#*=} ;;
	--only)
		(($# > 1)) || usage_error "option '$1' wants a value"
		only=$2
		shift
		;;
	--list) list=1 ;;
	-h | --help) sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' test.sh; exit 0 ;;
	*) usage_error "unexpected argument '$1'" ;;
	esac
	shift
done
[[ ! a =~ $only || $? != 2 ]] || usage_error "--only: '$only' is no extended regular expression"

build_files=(tests/host/[01]*.sh)
host_files=(tests/host/[2-9]*.sh)
guest_files=(tests/guest/[0-9]*.sh)
# Those that say that they run on other kernels as well.
mapfile -t files_6_12 < <(grep -l '^# Kernels: .*6\.12' "${guest_files[@]}")

if ((list)); then
	tests/run --list --only "$only" "${build_files[@]}" "${host_files[@]}" "${guest_files[@]}"
	exit
fi

logs=build/test-logs
transcript=$logs/all
mkdir -p "$logs" || exit 1
find "$logs" -mindepth 1 -delete
started=$SECONDS

say() { echo "$@" | tee -a "$transcript"; }

# Files on this machine.
host() # PATTERN FILE...
{
	mkdir -p "$logs/host"
	tests/run --log "$logs/host" --only "$1" "${@:2}" 2>&1 | tee -a "$transcript"
}

any() # PATTERN FILE...
{
	[[ -n $(tests/run --list --only "$@") ]]
}

# Files in one boot of a kernel.
guest() # KERNEL TIMEOUT FILE...
{
	local kernel=$1 timeout=$2 folder=$logs/guest-$1 status failures
	shift 2
	any "$only" "$@" || return 0
	mkdir -p "$folder"
	say "# a virtual machine with kernel $kernel"
	vm/run --kernel "$kernel" --timeout "$timeout" --memory 3G --output "$folder" -- \
		tests/run --log "$folder" --only "$only" "$@" 2>&1 | tee "$folder/all" | tee -a "$transcript"
	status=${PIPESTATUS[0]}
	failures=$(grep -c '^not ok - ' "$folder/all")
	case $status in
	0) ;;
	1) ((failures)) || say "not ok - guest with kernel $kernel: all files were run (status 1)" ;;
	124) say "not ok - guest with kernel $kernel: ended in time ($timeout s)" ;;
	# The file at fault has been named already, unless it was after the last one.
	125) ((failures)) || say "not ok - guest with kernel $kernel: the kernel had nothing to report" ;;
	*) say "not ok - guest with kernel $kernel: all files were run (status $status)" ;;
	esac
}

finish()
{
	local passed failed skipped
	passed=$(grep -c '^ok - ' "$transcript")
	failed=$(grep -c '^not ok - ' "$transcript")
	skipped=$(grep -c '^skip - ' "$transcript")
	if ((failed)); then
		echo "# what failed (all output is in $logs):"
		grep '^not ok - ' "$transcript" | sed 's/^/# /'
	fi
	echo "# $((SECONDS - started)) s"
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0 && passed > 0))
	exit
}

scripts/setup.sh || {
	say "not ok - scripts/setup.sh installed what is missing"
	finish
}
host '' "${build_files[@]}"
if grep -q '^not ok - ' "$transcript"; then
	say "# without a build there is nothing to test"
	finish
fi
if any "$only" "${host_files[@]}"; then
	host "$only" "${host_files[@]}"
fi
guest 6.1 1800 "${guest_files[@]}"
guest 6.12 600 "${files_6_12[@]}"
finish
