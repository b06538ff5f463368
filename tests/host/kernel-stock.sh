#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns-kernel and the scripts of the package rdma-ns-dkms never lose the distribution's modules, which DKMS 3.2 moves
# into its own tree. The hosts are made up, and so is what it has moved, so that any DKMS will do.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/tests/lib/kernel-host.sh"

stock() { (cd "/usr/lib/modules/$old" && sha256sum kernel/*.ko); }
in_place() { [[ $(stock) == "$original" ]]; }
archive=/var/lib/dkms/rdma-ns/original_module

host
original=$(stock)
run rdma-ns-kernel enable
tap_equal "the modules are enabled" "0 revision-1" "$status $(next "$old")"
tap_run "and the distribution's stay where they are" in_place
taken "$old"
run rdma-ns-kernel enable
tap_run "where DKMS has taken them away, enable puts them back" in_place
tap_equal "which changes nothing" "0 revision-1 1" "$status $(next "$old") $(wc -l </mnt/builds)"
taken "$old"
run upgrade 2
tap_run "so does an upgrade" in_place
tap_equal "to the next revision" "0 revision-2" "$status $(next "$old")"
taken "$old"
run rdma-ns-kernel disable
tap_equal "and so does disable" "0  kernel" "$status $(next "$old") $(from)"
tap_run "as they were" in_place
tap_fail "and nothing else is left" test -e /var/lib/dkms/rdma-ns

for end in disable prerm postrm; do
	host
	run rdma-ns-kernel enable
	unlinked "$old"
	case $end in
	disable) run rdma-ns-kernel disable ;;
	prerm) run prerm remove && run postrm remove ;;
	postrm) run postrm remove ;;
	esac
	tap_equal "they are back after a kill and $end" "0  kernel" "$status $(next "$old") $(from)"
	tap_fail "and DKMS knows nothing of ours" test -e /var/lib/dkms/rdma-ns
done
host
run rdma-ns-kernel enable
unlinked "$old"
source_of 1.0.0 2
run rdma-ns-kernel enable
tap_equal "enable goes on after a kill" "0 revision-2" "$status $(next "$old")"
tap_run "and takes none of ours for the distribution's" in_place
run rdma-ns-kernel disable
tap_equal "which disable shows" "0  kernel" "$status $(next "$old") $(from)"

# While it copies the second module.
host
cat >/mnt/bin/cp <<'end'
#!/bin/sh
case "$*" in *updates/dkms/rdma_ucm.ko) kill -KILL -- "-$(ps -o pgid= $$ | tr -d ' ')" ;; esac
exec /usr/bin/cp "$@"
end
chmod +x /mnt/bin/cp
setsid -w rdma-ns-kernel enable >/dev/null 2>&1 || true
rm /mnt/bin/cp
tap_run "an enable that is killed while DKMS installs leaves them where they are" in_place
run rdma-ns-kernel disable
tap_equal "disable undoes it" "0  kernel" "$status $(next "$old") $(from)"
tap_equal "all of it" "" "$(find /usr/lib/modules/*/updates -name '*.ko*' 2>/dev/null; ls -d /var/lib/dkms/rdma-ns 2>/dev/null)"

host
run rdma-ns-kernel enable
taken "$old"
mv /usr/sbin/dkms /mnt/dkms
run postrm remove
mv /mnt/dkms /usr/sbin/dkms
tap_equal "they are back where the package goes after DKMS" "0  kernel" "$status $(next "$old") $(from)"
tap_run "as they were" in_place

host
run rdma-ns-kernel enable
taken "$old"
rm -r /usr/src/rdma-ns-1.0.0 /var/lib/rdma-ns
run rdma-ns-kernel disable
tap_equal "and where DKMS has lost our source" "0  kernel" "$status $(next "$old") $(from)"

for script in "rdma-ns-kernel disable" "postrm remove"; do
	host
	run rdma-ns-kernel enable
	unlinked "$old"
	find "$archive" -name '*.origin' -delete || true
	# shellcheck disable=SC2086
	run $script
	tap_equal "$script: the kernel's list of its modules has what DKMS has not noted" "0  kernel" "$status $(next "$old") $(from)"
	host
	run rdma-ns-kernel enable
	unlinked "$old"
	make-module "/usr/lib/modules/$old/kernel/rdma_cm.ko" "" newer
	find "$archive" -name rdma_ucm.ko -exec head -c 100 {} \; >"/usr/lib/modules/$old/kernel/rdma_ucm.ko"
	# shellcheck disable=SC2086
	run $script
	tap_equal "$script: a later package's module stays" "0 newer" "$status $(next "$old")"
	tap_run "$script: half a module does not" cmp "/usr/lib/modules/$old/kernel/rdma_ucm.ko" /mnt/module/rdma_ucm.ko
	host
	kernel_of "$new"
	headers_of "$new"
	run rdma-ns-kernel enable
	unlinked "$new"
	rm -r "/usr/lib/modules/$new/kernel"
	# shellcheck disable=SC2086
	run $script
	tap_equal "$script: nothing comes back of a kernel that has gone" "0 " "$status $(find /usr/lib/modules/"$new" -name '*.ko*')"
	host
	run rdma-ns-kernel enable
	rm "/usr/lib/modules/$old/kernel/ib_ipoib.ko"
	# shellcheck disable=SC2086
	run $script
	tap_match "$script: a module that is lost is named" \
		"kernel $old has lost its own ib_ipoib: run 'apt install --reinstall linux-image-$old'" "$said"
	tap_run "$script: and modprobe is not said to load it" says_not "modprobe loads the distribution's"
	tap_fail "$script: but nobody will build for later kernels" test -e /var/lib/rdma-ns/kernel-enabled
done
run rdma-ns-kernel status
tap_match "status names it, too" "^3 .*kernel $old has lost its own ib_ipoib" "$status $said"
sed -i /ib_ipoib/d "/usr/lib/modules/$old/modules.order"
run rdma-ns-kernel status
tap_equal "unless the kernel came without it" 0 "$status"

host
run rdma-ns-kernel enable
unlinked "$old"
mount --bind /usr/lib/modules /usr/lib/modules
mount -o remount,ro,bind /usr/lib/modules
run rdma-ns-kernel disable
tap_match "where they cannot be put back, disable fails" "^1 .*kernel $old: $archive/.*\.ko cannot be put back to .*/kernel/.*\.ko" "$status $said"
run prerm remove
run postrm remove
tap_match "the package can go, and says it" "^0 .*$archive/.*\.ko cannot be put back to .*/kernel/.*\.ko" "$status $said"
tap_equal "but what DKMS has of them stays" 4 "$(find "$archive" -name '*.ko' | wc -l)"
mount -o remount,rw,bind /usr/lib/modules
run rdma-ns-kernel disable
tap_equal "so disable can put them back later" "0  kernel" "$status $(next "$old") $(from)"
tap_end
