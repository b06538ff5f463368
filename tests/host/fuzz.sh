#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The fuzzers find nothing: each runs its seeds, what was found once among them, and then goes on for
# twenty seconds, one for each processor at a time. tests/fuzz/run does it for longer.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
lines=40
input_max=4096

# A line has its test's number before it, whichever else is running.
output=$(ctest --test-dir build/sanitize --verbose --parallel "$(nproc)" -R '^fuzz_' 2>&1) || true

said() # TARGET
{
	local number
	number=$(sed -n "s/^ *Start *\([0-9]*\): fuzz_$1\$/\1/p" <<<"$output")
	sed -n "s/^${number:-none}: //p" <<<"$output"
}

# What it ended with, without its progress, and what it was given then: libFuzzer prints that itself up to 256 bytes.
explain() # TARGET
{
	local all input
	all=$(said "$1" | sed '/^#[0-9]/d')
	tap_note "$(tail -n "$lines" <<<"$all")"
	input=$(sed -n 's/.*Test unit written to //p' <<<"$all" | tail -n 1)
	[[ -f $input && $all != *Base64:* ]] || return 0
	tap_note "${input##*/}: $(stat -c %s "$input") bytes, in base64 the first $input_max"
	tap_note "$(head -c "$input_max" "$input" | base64 -w 120)"
}

while read -r target; do
	result=$(sed -n "s/.* Test *#[0-9]*: fuzz_$target [.]*\**//p" <<<"$output")
	if [[ $result =~ ^\ *Passed ]]; then
		tap_result 0 "$target"
		continue
	fi
	reason=$(said "$target" | sed -n 's/^SUMMARY: //p' | tail -n 1)
	tap_result 1 "$target: ${result:-no such test}${reason:+; $reason}"
	explain "$target"
done < <(tests/fuzz/run --list)
tap_end
