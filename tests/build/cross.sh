#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# User space builds without a warning for arm64 and for i386, where the unit tests run, too.
# Timeout: 600
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
tap_run "it builds for i386, and its unit tests pass" scripts/cross i386
tap_match "and the library is for i386" '80386' "$(machine i386)"
tap_run "it builds for arm64" scripts/cross arm64 -DRDMA_NS_TESTS=OFF
tap_match "and the library is for arm64" 'AArch64' "$(machine arm64)"
tap_fail "an unknown architecture is refused" scripts/cross vax
tap_end
