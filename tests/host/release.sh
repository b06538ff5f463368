#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What a release says in several places is the same everywhere, and the packages' lists have what there is.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
version=$(<VERSION)

tap_equal "DKMS's version" "$version" "$(set +u && . kernel/dkms.conf && echo "$PACKAGE_VERSION")"
tap_equal "the version of the spec" "$version" "$(sed -n "s/^Version: *//p" redhat/rdma-ns.spec)"
tap_match "the version of debian/changelog" "^rdma-ns \\(${version//./\\.}-[0-9]+\\) " "$(head -n 1 debian/changelog)"
tap_run "CHANGELOG.md has it" grep -qxF "## $version" CHANGELOG.md
tap_equal "the command's version" "rdma-ns $version" "$(build/bin/rdma-ns --version | head -n 1)"
tap_equal "debian's symbols are those of the map" \
	"$(sed -n 's/^\t\t\(rdma_ns_[a-z_]*\);$/\1/p' librdmacm/librdma-ns.map | sort)" \
	"$(sed -n 's/^ \(rdma_ns_[a-z_]*\)@.*/\1/p' debian/librdma-ns1.symbols | sort)"
# The whole build in clean roots is packaging/check's.
tap_equal "DKMS builds what kernel/build builds" "ib_ipoib ib_uverbs rdma_cm rdma_ucm" \
	"$(set +u && . kernel/dkms.conf && printf '%s\n' "${BUILT_MODULE_NAME[@]}" | sort | paste -sd' ')"

# What debian/rules makes of the modules' sources, also for a version that is not literally the release's.
if command -v make >/dev/null && [[ -e /usr/share/dpkg/pkg-info.mk ]]; then
	work=$(mktemp -d)
	trap 'rm -rf -- "$work"' EXIT
	cp -r VERSION debian kernel kernel-headers providers "$work/"
	tap_run "debian/rules installs the modules' sources" make -s -C "$work" -f debian/rules \
		DEB_VERSION_UPSTREAM=1.2.3~rc1+ds execute_after_dh_auto_install
	package=$work/debian/rdma-ns-dkms
	tap_equal "their version is that of the folder" 1.2.3~rc1+ds \
		"$(set +u && . "$package/usr/src/rdma-ns-1.2.3~rc1+ds/dkms.conf" && echo "$PACKAGE_VERSION")"
	tap_match "rdma-ns-kernel is installed with what it needs" "^module +running" \
		"$("$package/usr/sbin/rdma-ns-kernel" status 2>&1 || true)"
else
	tap_skip "debian/rules installs the modules' sources" "make or dpkg-dev is missing"
fi
for file in kernel/dkms-build kernel/rdma-ns-kernel packaging/check packaging/check-rpm packaging/core/{check,packages} packaging/rdma-core packaging/theft; do
	tap_match "$file --help tells its use" "^Usage: .*Exit status: " "$("$file" --help | paste -sd' ')"
	status=0
	"$file" --bogus >/dev/null 2>&1 || status=$?
	tap_equal "$file refuses an unknown option" 2 "$status"
done

# Module parameters have their entries.
missing=
for name in $(grep -ohE 'module_param(_cb)?\([a-z_]+' providers/sib/*.c kernel/*.c | sed 's/.*(//'); do
	grep -qxF "**$name**" man/sib.4.md man/rdma-ns-kernel.8.md || missing+="$name "
done
tap_equal "each module parameter is on a page" "" "$missing"

# Each page of docs/ is linked by README, and names only files that are there.
missing=
for page in docs/*.md; do
	grep -q "$(basename "$page")" README.md || missing+="$page "
done
tap_equal "README names each page of docs/" "" "$missing"
missing=
for name in $(grep -ohE '(^|[^/a-z])(kernel|kernel-headers|librdmacm|packaging|providers|scripts|tests|vm)/[a-z0-9_./-]*[a-z0-9]' docs/*.md README.md CHANGELOG.md | sed 's/^[^a-z]//' | sort -u); do
	[[ -e $name ]] || missing+="$name "
done
tap_equal "the files that README and docs/ name exist" "" "$missing"
tap_end
