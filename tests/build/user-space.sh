#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# User space builds without a warning, with gcc and with clang under the sanitizers, and installs.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

build() # FOLDER TARGET OPTION...
{
	cmake -S . -B "$1" -DRDMA_NS_WERROR=ON -DRDMA_NS_TESTS=ON "${@:3}" &&
		cmake --build "$1" --target "$2" --parallel "$(nproc)"
}

installs()
{
	cmake --install build --prefix "$prefix" && "$prefix/bin/cmwho" --help && "$prefix/bin/rdma-ns" --version
}

headers_compile_alone()
{
	local header language
	for header in "$prefix"/include/rdma/*.h; do
		for language in c c++; do
			gcc "-I$prefix/include" -x "$language" -Wall -Wextra -Wpedantic -Werror -fsyntax-only "$header" || return
		done
	done
}

# What differs for a 32-bit program does not compile.
uapi_is_the_same_for_32_bit()
{
	local file
	for file in kernel-headers/rdma/*.h librdmacm/exchange/layout.c; do
		gcc -m32 -ffreestanding "-I/usr/include/$(gcc -print-multiarch)" -Ikernel-headers -x c -Wall -Wextra -Wpedantic \
			-Werror -fsyntax-only "$file" || return
	done
}

exported() { nm -D --defined-only build/lib/librdma-ns.so | awk '{ print $3 }' | sort; }
declared()
{
	sed -n 's/^[a-z].*\(rdma_ns_[a-z_]*\)(.*/\1@@RDMA_NS_1.0/p' librdmacm/rdma/rdma_ns.h
	echo RDMA_NS_1.0
}

prefix=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXXXX")
trap 'rm -rf -- "$prefix"' EXIT
tap_run "gcc builds it without a warning" build build all
tap_run "clang builds it without a warning, with sanitizers" build build/sanitize all \
	-DCMAKE_C_COMPILER=clang -DRDMA_NS_SANITIZE=ON -DRDMA_NS_MAN=OFF
tap_run "and the unit tests with ThreadSanitizer" build build/threads unit-tests \
	-DCMAKE_C_COMPILER=clang -DRDMA_NS_SANITIZE_THREADS=ON -DRDMA_NS_MAN=OFF
tap_run "cmake --install, and what it installed starts" installs
tap_run "headers compile alone, as C and as C++" headers_compile_alone
tap_run "uAPI headers compile for 32-bit programs with the same layout" uapi_is_the_same_for_32_bit
tap_equal "the library exports what its header declares, and nothing else" "$(declared | sort)" "$(exported)"
tap_end
