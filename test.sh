#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: ./test.sh [OPTION]...
#
# Runs all tests: installs what is missing (scripts/setup.sh), builds everything, runs the host's tests
# (tests/build, tests/host), then the others in virtual machines: three with the distribution's own kernel,
# beside each other, since each of them often waits, and, for a few of them, one with the next kernel that this
# machine's suites have and this tree is made for (vm/lib.sh). Prints "ok - FILE: NAME", "not ok - ..." or
# "skip - ..." for each check, what a failed file had to say, and at the end how many passed, failed and were
# skipped. What the other machines have to say comes when the first has ended.
#
#   --only PATTERN    only test files whose name has PATTERN, an extended regular expression, in it
#                     (such as "verbs" or "kernel/"); the build always runs
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
		(($# > 1)) || usage_error "option '$1' needs a value"
		only=$2
		shift
		;;
	--list) list=1 ;;
	-h | --help) sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' test.sh; exit 0 ;;
	*) usage_error "unexpected argument '$1'" ;;
	esac
	shift
done
[[ a =~ $only ]] || (($? < 2)) || usage_error "--only: '$only' is not an extended regular expression"

# The kernels' builds, which seldom use more than one processor, run beside those of user space. All of the
# latter need the first one's.
kernel_builds=(tests/build/{modules,kernel-half,race-module,sparse}.sh)
build_files=(tests/build/user-space.sh)
for file in tests/build/*.sh; do
	[[ " ${kernel_builds[*]} ${build_files[*]} " == *" $file "* ]] || build_files+=("$file")
done
host_files=(tests/host/*.sh)
# What runs in the guest says which fabric it needs.
mapfile -t guest_files < <(grep -l '^# Fabric: ' tests/*/*.sh)
# Those that run with the other kernel as well; those with "(all)" only kernel/check-kernels runs there.
mapfile -t other_files < <(grep -l '^# Kernels: all$' "${guest_files[@]}")
# Those in which it matters that things happen at the same time. An emulated machine with one processor has a third
# less to do, so the others do without the second one.
mapfile -t busy_files < <(grep -l '^# Processors: 2$' "${guest_files[@]}")
mapfile -t calm_files < <(grep -L '^# Processors: 2$' "${guest_files[@]}")
# Three parts that take about as long: the host's own tests are with the first; with the third are those that need two
# processors, and the other kernel.
. tests/lib/balance.sh
. tests/lib/kernel_report.sh
. tests/lib/failures.sh
balance_seconds "${host_files[@]}"
host_seconds=$balance_sum
balance_seconds "${busy_files[@]}" "${other_files[@]}"
balance_split "$host_seconds 0 $balance_sum" "${calm_files[@]}"
mapfile -t first_files <<<"${balance_lists[0]-}"
mapfile -t second_files <<<"${balance_lists[1]-}"
mapfile -t third_files < <(balance_order "${busy_files[@]}" ${balance_lists[2]-})

if ((list)); then
	tests/run --list --only "$only" "${build_files[@]}" "${kernel_builds[@]}" "${host_files[@]}" "${guest_files[@]}"
	exit
fi

logs=build/test-logs
transcript=$logs/all
mkdir -p "$logs" 2>/dev/null && [[ -w $logs ]] || {
	echo "test.sh: $PWD/$logs cannot be written: run this as the tree's owner, in a copy that can be written, or make room on the disk" >&2
	exit 1
}
find "$logs" -mindepth 1 -delete
started=$SECONDS

# Files on this machine.
host() # PATTERN FILE...
{
	mkdir -p "$logs/host"
	tests/run --log "$logs/host" --only "$1" "${@:2}" 2>&1
}

any() # PATTERN FILE...
{
	[[ -n $(tests/run --list --only "$@") ]]
}

# Files in one boot of a kernel.
guest() # NAME KERNEL PROCESSORS TIMEOUT FILE...
{
	local name=$1 kernel=$2 processors=$3 timeout=$4 folder=$logs/$1 status failures
	shift 4
	[[ -n ${1-} ]] || return 0
	any "$only" "$@" || return 0
	mkdir -p "$folder"
	echo "# a virtual machine with kernel $kernel ($name), processors: $processors"
	vm/run --kernel "$kernel" --cpus "$processors" --timeout "$timeout" --memory 3G --output "$folder" -- \
		tests/run --log "$folder" --only "$only" "$@" 2>&1 | tee "$folder/all"
	status=${PIPESTATUS[0]}
	failures=$(grep -c '^not ok - ' "$folder/all")
	case $status in
	0) ;;
	1) ((failures)) || echo "not ok - $name: all files were run (status 1)" ;;
	124) echo "not ok - $name: ended in time ($timeout s)" ;;
	# The file at fault has been named already, unless the guest has died or it was after the last one.
	125) ((failures)) || echo "not ok - $name: the kernel had nothing to report ($(kernel_report "$folder/all"))" ;;
	*) echo "not ok - $name: all files were run (status $status)" ;;
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
		failures "$transcript"
	fi
	# What the next run divides by; on a machine where some of it failed the times are not worth keeping.
	if ((!failed)) && [[ -z $only && -w tests ]]; then
		balance_keep "$transcript"
	fi
	echo "# $((SECONDS - started)) s"
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0 && passed > 0))
	exit
}

scripts/setup.sh || {
	echo "not ok - scripts/setup.sh installed what is missing" | tee -a "$transcript"
	finish
}
. vm/lib.sh
kernel=$(vm_default_kernel)
other_kernel=$(vm_kernels_here | grep -vxF "$kernel" | head -n 1)
[[ -n $other_kernel ]] ||
	echo "skip - the tests with another kernel (this machine's suites have none but $kernel)" | tee -a "$transcript"
host '' "${kernel_builds[@]}" >"$logs/kernel-builds" &
host '' "${build_files[@]}" | tee -a "$transcript"
wait
tee -a "$transcript" <"$logs/kernel-builds"
if grep -q '^not ok - ' "$transcript"; then
	echo "# without a build there is nothing to test"
	finish
fi

# Job control: process groups of their own, which end with this script. In the background, or it would not
# hear a signal meanwhile.
set -m
{
	! any "$only" "${host_files[@]}" || host "$only" "${host_files[@]}"
	guest "guest-$kernel" "$kernel" 1 3600 "${first_files[@]}"
} 2>&1 </dev/null | tee -a "$transcript" &
first=$(jobs -p %%)
end_of_first=$!
guest "guest-$kernel-second" "$kernel" 1 3600 "${second_files[@]}" >"$logs/second" 2>&1 </dev/null &
second=$!
{
	guest "guest-$kernel-third" "$kernel" 2 3600 "${third_files[@]}"
	[[ -z $other_kernel ]] || guest "guest-$other_kernel" "$other_kernel" 1 1800 "${other_files[@]}"
} >"$logs/third" 2>&1 </dev/null &
third=$!
set +m
trap 'kill -- "-$first" "-$second" "-$third" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wait "$end_of_first"
wait "$second" "$third"
cat "$logs/second" "$logs/third" | tee -a "$transcript"
finish
