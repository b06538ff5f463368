#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The unit tests, as built, and again under AddressSanitizer and UndefinedBehaviorSanitizer, and ThreadSanitizer.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
folders=(build build/sanitize build/threads)

# One of them looks at all processes of the machine, and must not find what the others have set up for it.
alone=()
((EUID)) || alone=(unshare --pid --fork --kill-child --mount-proc)

# Some of them wait for what never answers, so the folders do not wait for each other.
for folder in "${folders[@]}"; do
	"${alone[@]}" ctest --test-dir "$folder" --output-on-failure -E '^fuzz_' >"$scratch/${folder##*/}" 2>&1 &
done
wait
for folder in "${folders[@]}"; do
	output=$(<"$scratch/${folder##*/}")
	# Of a folder that has not been built, ctest says so, and names no tests.
	tap_match "$folder is built" "tests passed|tests failed" "$output"
	while read -r name; do
		# A log may be cut, but names of checks are not.
		failure=$(sed -n "/ $name [.]*[*]*Failed/,/ Start /s/^\[   LINE   \] --- //p" <<<"$output" | head -n 1)
		tap_match "$name in $folder${failure:+: $failure}" ": $name [.]* +Passed" "$output"
	done < <(ctest --test-dir "$folder" -N -E '^fuzz_' 2>&1 | sed -n 's/^ *Test *#[0-9]*: //p')
done
tap_end
