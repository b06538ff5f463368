# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by test.sh, which runs test files in several virtual machines beside each other.
#
#   balance_split "SECONDS..." FILE...   into balance_lists, one for each of SECONDS with a file a line, so that all
#                                        take about as long. SECONDS: what each machine has to do besides
#   balance_seconds FILE...              how long these files take together, into balance_sum
#   balance_keep TRANSCRIPT              writes tests/times anew from what tests/run printed
#
# tests/times has a line "NAME SECONDS" for each test file, as measured by the last whole run that passed.

balance_file=tests/times
balance_default=20
declare -A balance_times=()
balance_lists=()
balance_sum=0

balance_read()
{
	local name seconds
	[[ -r $balance_file ]] || return 0
	while read -r name seconds; do
		[[ $seconds =~ ^[0-9]+$ ]] && balance_times[$name]=$seconds
	done <"$balance_file"
}

balance_name() # FILE, into balance_key
{
	balance_key=${1#tests/}
	balance_key=${balance_key%.sh}
}

balance_seconds() # FILE...
{
	local file
	balance_sum=0
	for file in "$@"; do
		balance_name "$file"
		balance_sum=$((balance_sum + ${balance_times[$balance_key]:-$balance_default}))
	done
}

# A fabric serves one file after the other, so files that need the same one stay together. The largest ones
# come last: the kernel needs long to remove them.
balance_order() # FILE...
{
	local file fabric place
	for file in "$@"; do
		fabric=$(sed -n '1,30s/^# Fabric: //p' "$file" | head -n 1)
		case $fabric in
		none) place=0 ;;
		"--hosts 2") place=1 ;;
		*--extended*) place=2 ;;
		*--rings*) place=4 ;;
		*) place=3 ;;
		esac
		printf '%s\t%s\t%s\n' "$place" "$fabric" "$file"
	done | LC_ALL=C sort | cut -f 3
}

balance_split() # "SECONDS..." FILE...
{
	local seconds file i least files
	local -a sums
	read -ra sums <<<"$1"
	shift
	balance_lists=()
	# The longest first, each to the machine that has least to do.
	while read -r seconds file; do
		least=0
		for i in "${!sums[@]}"; do
			((sums[i] >= sums[least])) || least=$i
		done
		balance_lists[least]+=$file$'\n'
		sums[least]=$((sums[least] + seconds))
	done < <(for file in "$@"; do
		balance_seconds "$file"
		echo "$balance_sum $file"
	done | LC_ALL=C sort -k1,1nr -k2)
	for i in "${!balance_lists[@]}"; do
		mapfile -t files < <(printf %s "${balance_lists[i]}")
		balance_lists[i]=$(balance_order "${files[@]}")
	done
}

balance_keep() # TRANSCRIPT
{
	# With two kernels a file has two times: the first one is that of the default kernel.
	sed -nE 's/^# ([a-z0-9/-]+): ([0-9]+) s$/\1 \2/p' "$1" | LC_ALL=C sort -s -u -k1,1 >"$balance_file.new" &&
		mv -- "$balance_file.new" "$balance_file"
}

balance_read
