#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# User space builds without a warning for arm64 and for i386, where the unit tests run, too.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

machine() # ARCHITECTURE
{
	readelf -h "build/cross/$1/build/lib/librdma-ns.so" | sed -n 's/^ *Machine: *//p'
}

if [[ $(uname -m) != x86_64 ]]; then
	tap_skip "user space builds for other architectures" "this machine is not amd64, for which the compilers are"
	exit
fi
# Of libraries that cannot be had, this tree knows nothing.
builds() # NAME ARCHITECTURE MACHINE OPTION...
{
	local output status=0
	output=$(scripts/cross "$2" "${@:4}" 2>&1) || status=$?
	if ((status)) && [[ $output == *"check the network"* ]]; then
		tap_skip "$1" "$(tail -n 1 <<<"$output")"
		return
	fi
	tap_equal "$1" 0 "$status"
	((!status)) || tap_note "$output"
	tap_match "and the library is for $2" "$3" "$(machine "$2")"
}
builds "it builds for i386, and its unit tests pass" i386 80386
builds "it builds for arm64" arm64 AArch64 -DRDMA_NS_TESTS=OFF
tap_fail "an unknown architecture is refused" scripts/cross vax
tap_end
