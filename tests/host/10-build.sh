#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# User space builds without a warning, with gcc and with clang under the sanitizers, and installs.
# Timeout: 300
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

build() # FOLDER OPTION...
{
	cmake -S . -B "$1" -DRDMA_NS_WERROR=ON -DRDMA_NS_TESTS=ON "${@:2}" &&
		cmake --build "$1" --parallel "$(nproc)"
}

installs()
{
	cmake --install build --prefix "$prefix" && "$prefix/bin/cmwho" --help
}

prefix=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXXXX")
trap 'rm -rf -- "$prefix"' EXIT
tap_run "gcc builds it without a warning" build build
tap_run "clang builds it without a warning, with sanitizers" build build/sanitize \
	-DCMAKE_C_COMPILER=clang -DRDMA_NS_SANITIZE=ON
tap_run "cmake --install, and what it installed starts" installs
tap_end
