#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns-kernel and the scripts of the package rdma-ns-dkms when something else has gone wrong: killed, purged half
# way, two at once, a full or read-only disk. The hosts are made up.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/tests/lib/kernel-host.sh"

# Of somebody else, which DKMS builds by itself.
other_module()
{
	mkdir -p /usr/src/zzz-1.0
	: >/usr/src/zzz-1.0/m.c
	cat >/usr/src/zzz-1.0/dkms.conf <<-'end'
		PACKAGE_NAME="zzz"
		PACKAGE_VERSION="1.0"
		MAKE[0]="env make-module $dkms_tree/zzz/1.0/build/zzz.ko other 1"
		CLEAN="true"
		BUILT_MODULE_NAME[0]="zzz"
		DEST_MODULE_LOCATION[0]="/updates/dkms"
		AUTOINSTALL="yes"
	end
	dkms install -m zzz -v 1.0 -k "$old" >/dev/null 2>&1
}

next_kernel() # what DKMS builds for it by itself
{
	kernel_of "$new"
	headers_of "$new"
	dkms autoinstall -k "$new" >/dev/null 2>&1 || true
	modinfo -k "$new" -F version zzz 2>/dev/null
}

ours() { find /usr/lib/modules/*/updates -name '*.ko*' ! -name 'zzz*'; dkms status -m rdma-ns; ls -d /var/lib/dkms/rdma-ns /var/lib/rdma-ns; }

for to in 1.1.0-1 1.0.0-2; do
	host
	other_module
	run rdma-ns-kernel enable
	prerm upgrade "$to"
	rm -r /usr/src/rdma-ns-1.0.0
	run postrm remove
	run postrm purge
	tap_equal "purged while $to is only unpacked, the package leaves nothing" "0 " "$status $({ ours; ls /run/rdma-ns*; } 2>/dev/null)"
	tap_equal "modprobe loads the stock module" "" "$(next "$old")"
	tap_equal "and DKMS builds other modules for the next kernel" other "$(next_kernel)"
done
host
other_module
run rdma-ns-kernel enable
mv /usr/sbin/dkms /mnt/dkms
rm -r /usr/src/rdma-ns-1.0.0
run postrm remove
mv /mnt/dkms /usr/sbin/dkms
tap_equal "nor does it where DKMS is no longer there" "0 " "$status $(ours 2>/dev/null)"
tap_equal "which builds other modules when it is back" " other" "$(next "$old") $(next_kernel)"

host
run rdma-ns-kernel enable
source_of 1.0.0 2
begin rdma-ns-kernel enable
kill -KILL -- "-$begun"
wait "$begun" 2>/dev/null || true
rm /mnt/gate
run rdma-ns-kernel disable
tap_equal "an enable that was killed while it built leaves nothing that disable forgets" "0  " \
	"$status $(next "$old") $(ours 2>/dev/null)"

host
run rdma-ns-kernel enable
source_of 1.0.0 2
begin rdma-ns-kernel enable
kill -KILL -- "-$begun"
wait "$begun" 2>/dev/null || true
rm /mnt/gate
touch "/boot/broken-$old"
prerm upgrade 1.1.0-1
rm -r /usr/src/rdma-ns-1.0.0
source_of 1.1.0 9
run postinst configure 1.0.0-1
tap_equal "nor are its modules taken for another version's" "revision-1 rdma-ns/1.0.0" \
	"$(next "$old") $(dkms status -m rdma-ns | grep installed | sed 's/,.*//')"
run rdma-ns-kernel status
tap_match "status says which version the kernel has" \
	"^3 .*kernel $old has modules of 1.0.0, but the package has 1.1.0 \\(/var/lib/rdma-ns/$old.log tells why\\)" "$status $said"
rm "/boot/broken-$old"
run rdma-ns-kernel enable
tap_equal "the version is built when it can be" "0 revision-9" "$status $(next "$old")"
run rdma-ns-kernel status
tap_equal "and status has nothing to complain of" 0 "$status"

host
run rdma-ns-kernel enable
rm -r /var/lib/dkms/rdma-ns /var/lib/rdma-ns
run rdma-ns-kernel status
tap_match "modules that nobody has enabled are named" "^3 .*not enabled.*$old has .*updates/dkms/rdma_cm.ko" "$status $said"
run rdma-ns-kernel disable
tap_equal "disable removes what DKMS does not know" "0  " "$status $(next "$old") $(ours 2>/dev/null)"
run rdma-ns-kernel status
tap_match "then status has nothing to complain of" "^0 .*not enabled" "$status $said"

host
run rdma-ns-kernel enable
mount --bind /usr/lib/modules /usr/lib/modules
mount -o remount,ro,bind /usr/lib/modules
run rdma-ns-kernel disable
tap_match "where nothing can be deleted, disable fails and names the files" \
	"^1 .*kernel $old still has .*updates/dkms/rdma_cm.ko" "$status $said"
run prerm remove
tap_equal "but the package can go" 0 "$status"
mount -o remount,rw,bind /usr/lib/modules
run rdma-ns-kernel disable
tap_equal "and disable succeeds when they can be deleted" "0 " "$status $(next "$old")"

# apt's trigger, and the operator.
host
run rdma-ns-kernel enable
source_of 1.0.0 2
begin postinst triggered /usr/src
rdma-ns-kernel enable >/mnt/second 2>&1 &
second=$!
tap_within 60 "a second enable says that it waits" grep "waits for it" /mnt/second
proceed
first=$status
status=0
wait "$second" || status=$?
tap_equal "both succeed" "0 0 revision-2" "$first $status $(next "$old")"
tap_equal "and nothing was built twice" 2 "$(wc -l </mnt/builds)"
source_of 1.0.0 3
begin postinst triggered /usr/src
rdma-ns-kernel disable >/mnt/second 2>&1 &
second=$!
tap_within 60 "disable waits, too" grep "waits for it" /mnt/second
proceed
status=0
wait "$second" || status=$?
tap_equal "so nothing is left" "0  " "$status $(next "$old") $(ours 2>/dev/null)"

host
run rdma-ns-kernel enable
echo updated >"/usr/lib/modules/$old/build/Module.symvers"
touch "/boot/broken-$old"
run postinst triggered /usr/src
run rdma-ns-kernel status
tap_match "status tells of modules that were made for the kernel before its update" \
	"^3 .*kernel $old has modules of 1.0.0 that were made before the package or the kernel was updated .*$old.log" "$status $said"
rm "/boot/broken-$old"
run rdma-ns-kernel enable
touch "/boot/broken-$old"
run upgrade 2
run rdma-ns-kernel status
tap_match "likewise of another revision's" "^3 .*kernel $old has modules of 1.0.0 that were made before" "$status $said"

host
(umask 077 && rdma-ns-kernel enable >/dev/null)
run setpriv --reuid=65534 --regid=65534 --clear-groups rdma-ns-kernel status
tap_match "whatever the umask, everybody may read the status" "^0 .*enabled" "$status $said"
tap_run "which is the right one" says_not "not enabled"

host
run rdma-ns-kernel enable
: >"/boot/initrd.img-$old"
touch -d yesterday "/boot/initrd.img-$old"
mv /mnt/bin/lsinitramfs /mnt/bin/lsinitrd
printf '#!/bin/sh\nexit 1\n' >/mnt/bin/lsinitramfs
chmod +x /mnt/bin/lsinitramfs
echo usr/lib/rdma_cm.ko >"/boot/initrd.img-$old"
touch -d yesterday "/boot/initrd.img-$old"
run rdma-ns-kernel enable
tap_match "dracut's initramfs is read" "the initramfs of $old has RDMA modules: run" "$said"
cp /mnt/bin/lsinitramfs /mnt/bin/lsinitrd
run rdma-ns-kernel enable
tap_match "one that cannot be read is named" "whether the initramfs of $old has RDMA modules cannot be told" "$said"

# Of /var, the log cannot be written.
host
run rdma-ns-kernel enable
touch "/boot/broken-$old"
source_of 1.0.0 2
mkdir "/var/lib/rdma-ns/$old.log"
run rdma-ns-kernel enable
tap_match "the reason is said though the log cannot be written" \
	"kernel $old: kernel/dkms-build: the source of kernel $old is missing; /var/lib/rdma-ns/$old.log cannot be written" "$said"
tap_end
