#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The library's binary interface is the recorded one, and a comparison would find a difference.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
library=build/lib/librdma-ns.so
version=$(<VERSION)

# Compares with a record of which a line was changed.
after() # SED-PROGRAM
{
	local copy status=0
	copy=$(mktemp -d "${TMPDIR:-/tmp}/abi.XXXXXXXX")
	cp -r scripts librdmacm/abi "$copy"
	mkdir -p "$copy/librdmacm"
	mv "$copy/abi" "$copy/librdmacm/"
	sed -i "$1" "$copy/librdmacm/abi/librdma-ns-amd64.abi"
	cmp -s librdmacm/abi/librdma-ns-amd64.abi "$copy/librdmacm/abi/librdma-ns-amd64.abi" ||
		"$copy/scripts/abi" "$PWD/$library" || status=$?
	rm -rf -- "$copy"
	echo "$status"
}

if [[ $(uname -m) != x86_64 ]]; then
	tap_skip "the interface is the recorded one" "the record is amd64's"
else
	tap_run "the interface is the recorded one" scripts/abi "$library"
	tap_match "a field whose type has changed is found" 'ifindex.*1$' \
		"$(after "/var-decl name='ifindex'/s/type-id='[^']*'/type-id='type-id-1'/" | tr '\n' ' ' | sed 's/ $//')"
	tap_match "a function that is gone is found" 'rdma_ns_gone.*1$' \
		"$(after "/elf-symbol name='rdma_ns_accept'/{h;s/rdma_ns_accept/rdma_ns_gone/;H;x}" | tr '\n' ' ' | sed 's/ $//')"
fi
tap_equal "the SONAME has the major version" "librdma-ns.so.${version%%.*}" \
	"$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')"
tap_equal "the file name has the version" "librdma-ns.so.$version" "$(basename "$(realpath "$library")")"
# A release may add a field or a command, and no symbol.
newest=$(nm -D --defined-only "$library" | grep -o 'RDMA_NS_[0-9.]*$' | sort -V | tail -n 1)
none_newer_than() { printf '%s\n' "$newest" "RDMA_NS_$1" | sort -VC; }
tap_run "no symbol is newer than the version" none_newer_than "${version%.*}"
tap_run "a later version needs no later symbol" none_newer_than "${version%%.*}.10"
tap_fail "a symbol that is newer is found" none_newer_than 0.9
tap_match "--help tells the options" 'Usage: scripts/abi .*--record' "$(scripts/abi --help | tr '\n' ' ')"
tap_end
