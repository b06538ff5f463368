#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns-kernel and the scripts of the package rdma-ns-dkms when modprobe's index is not what it should be: on a full
# disk, by the administrator's rules, or after a kill. The hosts are made up.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/tests/lib/kernel-host.sh"

filler=/usr/lib/modules/filler

fill() # [KIB]: /lib/modules, but for these
{
	mount -o remount,size=16M /usr/lib/modules
	cat /dev/zero >>"$filler" 2>/dev/null || true
	truncate -s "-$((${1-0} * 1024))" "$filler"
}

# The file that modprobe would load for $old exists.
found() { [[ -e $(modinfo -k "$old" -F filename "$1") ]]; }

large_host()
{
	host
	many_modules "$old"
}

large_host
run rdma-ns-kernel enable
fill
run rdma-ns-kernel disable
tap_match "disable fails if the index cannot be written, and names the disk" \
	"^1 .*kernel $old: .*free space in /lib/modules, then run 'depmod $old'" "$status $said"
tap_fail "since modprobe would not find the module" found rdma_cm
run rdma-ns-kernel status
tap_match "status says so" "^3 .*kernel $old" "$status $said"
fill
run prerm remove
fill
run postrm remove
tap_match "the package can go, but says it" "^0 .*kernel $old: run 'depmod $old', and free space in /lib/modules if that fails" "$status $said"
rm "$filler"
run rdma-ns-kernel disable
tap_equal "with room, disable makes the index anew" "0 " "$status $(next "$old")"
tap_run "modprobe finds the module" found rdma_cm

large_host
run rdma-ns-kernel enable
fill
run prerm remove
rm "$filler"
run postrm remove
tap_equal "so does removing the package, if the disk was full only at first" "0 " "$status $(next "$old")"
tap_run "modprobe finds the module" found rdma_ucm

large_host
run rdma-ns-kernel enable
rm -r "/usr/lib/modules/$old/updates/dkms" /var/lib/dkms/rdma-ns
run rdma-ns-kernel status
tap_match "status names an index of files that are gone" "^3 " "$status $said"
run rdma-ns-kernel disable
tap_equal "which disable makes anew" "0 " "$status $(next "$old")"
tap_run "modprobe finds the module" found rdma_cm

large_host
fill 100
run rdma-ns-kernel enable
tap_match "enable refuses a disk without room for the index, and names it" \
	"^1 .*kernel $old: the modules need [0-9]+ KiB in /lib/modules, where [0-9]+ are free: free space" "$status $said"
tap_match "modprobe loads what it loaded before" "0 $old/kernel/rdma_cm.ko" \
	"$(modprobe -S "$old" --show-depends rdma_cm >/dev/null; echo $?) $(modinfo -k "$old" -F filename rdma_cm | sed 's#.*/lib/modules/##')"
rm "$filler"
# It fills up later.
printf '#!/bin/sh\n[ "$1" = -n ] || cat /dev/zero >>%s 2>/dev/null\nexec /usr/sbin/depmod "$@"\n' "$filler" >/mnt/bin/depmod
chmod +x /mnt/bin/depmod
run rdma-ns-kernel enable
tap_match "if the disk fills up later, it does not say that modprobe loads what it did" \
	"^1 .*kernel $old: .*free space in /lib/modules, then run 'depmod $old'" "$status $said"
tap_run "which would not be so" says_not "loads what it loaded before"
tap_match "what DKMS said is kept" "depmod" "$(cat "/var/lib/rdma-ns/$old.log")"
run rdma-ns-kernel status
tap_equal "status fails" 3 "$status"
run rdma-ns-kernel disable
tap_match "disable fails, too" "^1 .*free space in /lib/modules" "$status $said"
rm "$filler" /mnt/bin/depmod
run rdma-ns-kernel disable
tap_equal "with room, it makes the index anew" "0 " "$status $(next "$old")"
tap_run "modprobe finds the module" found rdma_cm

# So does a revision. DKMS would take away what is there.
for room in 0 20; do
	large_host
	run rdma-ns-kernel enable
	fill "$room"
	source_of 1.0.0 2
	run rdma-ns-kernel enable
	tap_match "with $room KiB left, a revision is refused" \
		"^1 .*the modules need [0-9]+ KiB .*kernel $old: modprobe loads what it loaded before" "$status $said"
	tap_equal "which is so" "revision-1 updates/dkms" "$(next "$old") $(from)"
	rm "$filler"
	run rdma-ns-kernel enable
	tap_equal "with room, the revision takes its place" "0 revision-2 updates/dkms" "$status $(next "$old") $(from)"
done

# A copy, or a clock that was set, makes one file newer than another.
host
touch -d "+1 hour" "/usr/lib/modules/$old/modules.dep"
run rdma-ns-kernel status
tap_equal "where nothing was ever enabled, times say nothing of the index" 0 "$status"
tap_run "and status says nothing of it" says_not index
run rdma-ns-kernel enable
touch -d "+1 hour" "/usr/lib/modules/$old/modules.dep"
run rdma-ns-kernel status
tap_match "where something was, they do" "^3 .*kernel $old has an index .*: run 'rdma-ns-kernel enable'" "$status $said"
run rdma-ns-kernel enable
run rdma-ns-kernel status
tap_equal "which makes it again" 0 "$status"

# One release's name is the beginning of another's.
host
kernel_of 6.1
touch -d "+1 hour" /usr/lib/modules/6.1/modules.dep
before=$(stat -c %y /usr/lib/modules/6.1/modules.dep)
run rdma-ns-kernel enable
run rdma-ns-kernel status
tap_equal "another kernel's modules say nothing of an index" 0 "$status"
run postrm remove
tap_equal "nor is it made again when the package goes" "0 $before" "$status $(stat -c %y /usr/lib/modules/6.1/modules.dep)"

host
mount -t tmpfs tmpfs /etc/depmod.d
echo "search built-in updates" >/etc/depmod.d/own.conf
: >/mnt/indexed
printf '#!/bin/sh\n[ "$1" = -n ] || echo "$*" >>/mnt/indexed\nexec /usr/sbin/depmod "$@"\n' >/mnt/bin/depmod
chmod +x /mnt/bin/depmod
run rdma-ns-kernel enable
tap_match "enable fails if the administrator's rules prefer another module" \
	"^1 .*kernel $old: modprobe would load .*/kernel/rdma_cm.ko instead .*depmod.d\\(5\\)" "$status $said"
tap_equal "and no extended module is left" kernel "$(from)"
run rdma-ns-kernel status
tap_match "so does status, and names it" "^3 .*kernel $old: modprobe would load .*/kernel/rdma_cm.ko instead" "$status $said"
tap_equal "nothing is built that would not be loaded, nor the index made again" "0 " "$(wc -l </mnt/builds) $(cat /mnt/indexed)"
echo "override rdma_cm $old kernel" >/etc/depmod.d/own.conf
run rdma-ns-kernel enable
tap_match "so it is if they prefer one module" "^1 .*kernel $old: modprobe would load .*/kernel/rdma_cm.ko instead" "$status $said"
tap_equal "since the others do not load above it" kernel "$(from)"
rm /etc/depmod.d/own.conf
run rdma-ns-kernel enable
tap_equal "without them, the modules are put in place, and not built again" "0 updates/dkms 1" \
	"$status $(from) $(wc -l </mnt/builds)"
echo "override rdma_cm $old kernel" >/etc/depmod.d/own.conf
run rdma-ns-kernel enable
depmod "$old"
run postinst triggered /usr/src
tap_equal "a rule that comes later counts with the next trigger" "kernel 1" "$(from) $(wc -l </mnt/builds)"
rm /etc/depmod.d/own.conf
run rdma-ns-kernel enable
echo "override rdma_cm $old kernel" >/etc/depmod.d/own.conf
mount --bind /usr/lib/modules /usr/lib/modules
mount -o remount,ro,bind /usr/lib/modules
run rdma-ns-kernel enable
tap_match "where ours cannot be removed then, the files are named" "^1 .*kernel $old still has .*updates/dkms/rdma_cm.ko" \
	"$status $said"
tap_run "and nobody says that modprobe loads none of them" says_not "loads none of the extended modules"
mount -o remount,rw,bind /usr/lib/modules
rm /etc/depmod.d/own.conf
host
mkdir -p "/usr/lib/modules/$old/updates"
cp "/usr/lib/modules/$old/kernel/rdma_cm.ko" "/usr/lib/modules/$old/updates/"
depmod "$old"
run rdma-ns-kernel enable
tap_match "another vendor's file is named" \
	"^1 .*kernel $old: modprobe would load .*/updates/rdma_cm.ko instead .*remove .*the file" "$status $said"
tap_equal "and its modules and the distribution's remain" "kernel updates" "$(from)"
rm -f "/usr/lib/modules/$old/updates/rdma_cm.ko"
run rdma-ns-kernel enable
tap_equal "without it, all is well" "0 updates/dkms 1" "$status $(from) $(wc -l </mnt/builds)"
for folder in updates updates/dkms extra; do
	host
	make-module /mnt/foreign.ko foreign 1
	mkdir -p "/usr/lib/modules/$old/$folder"
	cp /mnt/foreign.ko "/usr/lib/modules/$old/$folder/ib_ipoib.ko"
	depmod "$old"
	run rdma-ns-kernel enable
	tap_match "another vendor's file in $folder is named" "^1 .*kernel $old: modprobe would load .*/$folder/ib_ipoib.ko instead" "$status $said"
	tap_equal "and stays there" foreign "$(modinfo -F version "/usr/lib/modules/$old/$folder/ib_ipoib.ko")"
	run rdma-ns-kernel disable
	tap_run "also after disable" test -e "/usr/lib/modules/$old/$folder/ib_ipoib.ko"
done
host
run rdma-ns-kernel enable
kernel_of "$new"
headers_of "$new"
run rdma-ns-kernel enable
echo "override rdma_cm $new kernel" >/etc/depmod.d/own.conf
depmod "$new"
run rdma-ns-kernel status
tap_match "the newest kernel counts as well" \
	"^3 .*kernel $new: modprobe would load .*/kernel/rdma_cm.ko instead .*remove the rule" "$status $said"
rm /etc/depmod.d/own.conf
run rdma-ns-kernel enable
tap_equal "and so it is for enable" "0 revision-1" "$status $(next "$new")"
tap_end
