#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# In a fresh minimal root of Debian 12 and of 13: set-up, build, unit tests and a virtual machine, with what
# the tree itself installs and nothing else. This downloads much and takes long, so it
# runs only with RDMA_NS_ROOTS=1 (or RDMA_NS_ROOTS="trixie sid" for those). It needs root and mmdebstrap.
# Timeout: 3600
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

suites=${RDMA_NS_ROOTS-}
[[ $suites != 1 ]] || suites="bookworm trixie"
if [[ -z $suites ]]; then
	tap_skip "fresh roots of Debian" "only with RDMA_NS_ROOTS=1, since it downloads all packages anew"
	exit
fi
work=$tree/build/roots
mkdir -p "$work"
archive=$(apt-get indextargets --format '$(ORIGIN)/$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's#^Debian/Debian ##p' | head -n 1)

make_root() # SUITE
{
	local lines=("deb $archive $1 main")
	[[ $1 == sid || $1 == unstable ]] ||
		lines+=("deb $archive $1-updates main" "deb ${archive%/debian*}/debian-security $1-security main")
	rm -rf --one-file-system -- "$root"
	mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' "$1" "$root" "${lines[@]}" || return
	mkdir "$root/rdma-ns"
	git ls-files -z | tar --null -cf - -T - | tar -xf - -C "$root/rdma-ns"
}

inside() # COMMAND...
{
	unshare --mount --pid --fork --kill-child -- sh -c \
		'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && root=$1 && shift &&
		exec chroot "$root" /usr/bin/env -i -C /rdma-ns PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"' sh "$root" "$@"
}

for suite in $suites; do
	root=$work/$suite
	tap_run "$suite: a minimal root" make_root "$suite"
	tap_run "$suite: scripts/setup.sh installs what is missing" inside scripts/setup.sh
	tap_run "$suite: a second time there is nothing to do" inside scripts/setup.sh
	tap_run "$suite: it builds without a warning" inside sh -c 'cmake -B build -DRDMA_NS_WERROR=ON && cmake --build build --parallel 2'
	tap_run "$suite: ctest" inside ctest --test-dir build --output-on-failure
	tap_run "$suite: the distribution's own kernel boots" inside vm/run true
	tap_note "$suite: $(inside bash -c '. vm/lib.sh && echo "Linux $(vm_release "$(vm_default_kernel)")"')"
	rm -rf --one-file-system -- "$root"
done
tap_end
