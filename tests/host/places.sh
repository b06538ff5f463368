#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Where the tree cannot be worked in, one line says so, and nothing is left behind.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/vm/lib.sh"
cd "$tree"
kernel=$(vm_default_kernel)
work=$(mktemp -d "${TMPDIR:-/tmp}/places.XXXXXXXX")
trap 'rm -rf -- "$work"' EXIT
unset RDMA_NS_CACHE

# What is said, in one line, and the status.
says() # COMMAND...
{
	local output status=0
	output=$("$@" 2>&1 >/dev/null) || status=$?
	printf '%s; status %s' "${output//$'\n'/ | }" "$status"
}

here() { (cd -- "$1" && says "${@:2}"); } # FOLDER COMMAND...

mkdir -p "$work/two words"
git ls-files -z | tar --null -cf - -T - | tar -xf - -C "$work/two words"
tap_match "a path with a space: vm/kernel" \
	"^vm/kernel: the kernel's build system cannot work in '$work/two words/build/cache/$kernel', which has a space [^|]*; status 1$" \
	"$(here "$work/two words" vm/kernel)"
tap_match "kernel/build" '^(vm/kernel|kernel/build): the kernel.s build system cannot work in [^|]*; status 1$' \
	"$(here "$work/two words" kernel/build)"
# With a cache elsewhere, what needs no module of the tree works there.
tap_run "vm/run works there if the cache is elsewhere" \
	env -C "$work/two words" RDMA_NS_CACHE="$(vm_cache_root)" vm/run true

if ((EUID)) || ! unshare -m true 2>/dev/null; then
	tap_skip "a tree that cannot be written, a full disk, no network" "this needs root"
	tap_end
	exit
fi
# In a mount namespace of its own.
apart() # MOUNT-COMMAND COMMAND...
{
	says unshare -m -- bash -c 'eval "$1" && shift && exec "$@"' apart "$@"
}
rm -rf "$work/two words/build"
mv "$work/two words" "$work/tree"
read_only="mount --bind '$work/tree' '$work/tree' && mount -o remount,bind,ro '$work/tree' && cd '$work/tree'"
tap_match "a tree that cannot be written: ./demo.sh" \
	"^demo.sh: $work/tree/build cannot be written: [^|]*; status 1$" "$(apart "$read_only" ./demo.sh)"
tap_match "./test.sh" "^test.sh: $work/tree/build/test-logs cannot be written: [^|]*; status 1$" \
	"$(apart "$read_only" ./test.sh)"
tap_match "vm/kernel" "^vm/kernel: $work/tree/build/cache cannot be written: [^|]*; status 1$" \
	"$(apart "$read_only" vm/kernel)"
mkdir "$work/small"
small="mount -t tmpfs -o size=20m none '$work/small'; export RDMA_NS_CACHE='$work/small'"
tap_match "a full disk" "^vm/kernel: there is no space for kernel ${kernel/./\\.}: $work/small has [0-9]+ MB and 700 are needed; [^|]*; status 1$" \
	"$(apart "$small" vm/kernel)"
no_network() { RDMA_NS_CACHE=$work/none says unshare -n vm/kernel "$kernel"; }
tap_match "no network" 'vm/kernel: apt-get could not download [^|]*: check the network[^|]*; status 1$' "$(no_network)"
tap_equal "nothing of the kernel is left" "" "$(find "$work/none" -mindepth 1 ! -name '*lock')"
tap_end
