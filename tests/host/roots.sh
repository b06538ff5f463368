#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# In a fresh minimal root of Debian 12 and of 13: set-up, build, unit tests, a virtual machine and the demo, with
# what the tree itself installs and nothing else. This downloads much and takes long, so it runs only with
# RDMA_NS_ROOTS=1 (or RDMA_NS_ROOTS="trixie sid" for those). With RDMA_NS_ROOTS_TEST=1 all tests run there as well,
# which takes half an hour more; with RDMA_NS_ROOTS_KEEP=1 the roots stay in build/roots. It needs root and
# mmdebstrap. It says how long each part took.
# Timeout: 7200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/vm/suite.sh"
cd "$tree"

suites=${RDMA_NS_ROOTS-}
[[ $suites != 1 ]] || suites="bookworm trixie"
if [[ -z $suites ]]; then
	tap_skip "fresh roots of Debian" "only with RDMA_NS_ROOTS=1, since it downloads all packages anew"
	exit
fi
command -v mmdebstrap >/dev/null || { echo "roots.sh: 'mmdebstrap' is missing: install the package mmdebstrap" >&2; exit 1; }
[[ -n $(suite_mirror) ]] || { echo "roots.sh: apt knows no Debian archive" >&2; exit 1; }
work=$tree/build/roots
mkdir -p "$work"

make_root() # SUITE
{
	rm -rf --one-file-system -- "$root"
	suite_sources "$1" >"$work/sources.list"
	mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --aptopt='Acquire::Check-Valid-Until "false"' \
		"$1" "$root" "$work/sources.list" || return
	git clone --quiet --no-hardlinks "$tree" "$root/rdma-ns"
	git ls-files -z | tar --null -cf - -T - | tar -xf - -C "$root/rdma-ns"
}

inside() # COMMAND...
{
	unshare --mount --pid --fork --kill-child -- sh -c \
		'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -t sysfs sysfs "$1/sys" && mount --rbind /dev "$1/dev" && root=$1 && shift &&
		exec chroot "$root" /usr/bin/env -i -C /rdma-ns PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"' sh "$root" "$@"
}

# A check, and its seconds.
part() # NAME COMMAND...
{
	local began=$SECONDS
	tap_run "$@"
	tap_note "$1: $((SECONDS - began)) s"
}

as_user() # COMMAND...: who has the tree, and no more
{
	inside sh -c 'chown -R 1000:1000 . && exec setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs "$@"' sh "$@"
}

all_tests() { inside ./test.sh >"$work/$suite.log" 2>&1 || { grep '^not ok' "$work/$suite.log"; return 1; }; }

for suite in $suites; do
	root=$work/$suite
	part "$suite: a minimal root" make_root "$suite"
	[[ -d $root/rdma-ns ]] || continue
	part "$suite: scripts/setup.sh installs what is missing" inside scripts/setup.sh
	part "$suite: a second time there is nothing to do" inside scripts/setup.sh
	part "$suite: it builds without a warning" inside sh -c 'cmake -B build -DRDMA_NS_WERROR=ON && cmake --build build --parallel 2'
	part "$suite: ctest" inside ctest --test-dir build --output-on-failure
	part "$suite: the distribution's own kernel boots" inside vm/run true
	part "$suite: ./demo.sh shows the theft, and its end, to who is not root" as_user ./demo.sh
	if [[ ${RDMA_NS_ROOTS_TEST-} == 1 ]]; then
		inside sh -c 'chown -R 0:0 .'
		part "$suite: ./test.sh" all_tests
		tap_note "$suite: $(tail -n 1 "$work/$suite.log"); all of it is in build/roots/$suite.log"
	fi
	tap_note "$suite: $(inside bash -c '. vm/lib.sh && echo "Linux $(vm_release "$(vm_default_kernel)")"')"
	[[ ${RDMA_NS_ROOTS_KEEP-} == 1 ]] || rm -rf --one-file-system -- "$root"
done
tap_end
