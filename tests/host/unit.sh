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

# Some of them wait for what never answers, so the folders do not wait for each other.
for folder in "${folders[@]}"; do
	ctest --test-dir "$folder" --output-on-failure -E '^fuzz_' >"$scratch/${folder##*/}" 2>&1 &
done
wait
for folder in "${folders[@]}"; do
	while read -r name; do
		tap_match "$name in $folder" ": $name [.]* +Passed" "$(<"$scratch/${folder##*/}")"
	done < <(ctest --test-dir "$folder" -N -E '^fuzz_' | sed -n 's/^ *Test *#[0-9]*: //p')
done
tap_end
