#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns-kernel and the scripts of the package rdma-ns-dkms, on hosts that are made up.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/tests/lib/kernel-host.sh"

host
run rdma-ns-kernel enable
tap_equal "enable succeeds" 0 "$status"
tap_match "and says what modprobe loads" "^kernel $old: modprobe loads the extended modules of rdma-ns 1.0.0" "$said"
tap_equal "which is so" revision-1 "$(next "$old")"
run rdma-ns-kernel status
tap_equal "status has nothing to complain of" 0 "$status"
mkdir -p /sys/module/rdma_cm/parameters
echo verify >/sys/module/rdma_cm/parameters/policy
run rdma-ns-kernel status
tap_match "it tells the policy, which falls back to report if an option is lost" "the host's policy is verify" "$said"
tap_equal "of other settings it says nothing" "" "$(grep -o '[a-z_]*_qp[a-z]*=.' <<<"$said")"
echo N | tee /sys/module/rdma_cm/parameters/{heed_qpn,own_qp} >/sys/module/rdma_cm/parameters/explain_refusals
run rdma-ns-kernel status
tap_equal "but tells those with which less is protected" "heed_qpn=N own_qp=N" \
	"$(grep -oE '^(heed_qpn|send_qpn|own_qp|explain_refusals)=.' <<<"$said" | paste -sd ' ')"
rm -r /sys/module/rdma_cm
run rdma-ns-kernel enable
tap_equal "what has been built is not built again" "1 $old" "$(cat /mnt/builds)"

run upgrade 2
tap_equal "a revision of the same version is built" revision-2 "$(next "$old")"
tap_equal "DKMS keeps the link to the source" /usr/src/rdma-ns-1.0.0 "$(link)"
kernel_of "$new"
headers_of "$new"
run postinst triggered /usr/src
tap_equal "so the next kernel has it, too" revision-2 "$(next "$new")"
tap_match "which has to be booted" "kernel $new: after booting it, modprobe loads" "$said"
: >/mnt/builds
run upgrade 2
tap_equal "the same revision, installed again, is not built again" "" "$(cat /mnt/builds)"
prerm upgrade 1.1.0-1
tap_match "the source of another version takes the place of this one's" '^/var/lib/rdma-ns/source-1.0.0$' "$(link)"
run postinst abort-upgrade 1.1.0-1
tap_equal "it is back if that fails" /usr/src/rdma-ns-1.0.0 "$(link)"
touch "/boot/broken-$old"
run upgrade 3
tap_equal "where a revision cannot be built, the one before stays" "revision-2 revision-3" "$(next "$old") $(next "$new")"
tap_match "and the reason is said" \
	"kernel $old: kernel/dkms-build: the source of kernel $old is missing; see /var/lib/rdma-ns/$old.log" "$said"
tap_match "that log is of this kernel, though another was built later" "building for $old" \
	"$(cat "/var/lib/rdma-ns/$old.log")"
run rdma-ns-kernel enable
tap_equal "enable fails if the running kernel has no modules of this revision" 1 "$status"
rm "/boot/broken-$old"
run rdma-ns-kernel enable
tap_equal "later they are built" "0 revision-3" "$status $(next "$old")"
tap_fail "and the log is gone" test -e "/var/lib/rdma-ns/$old.log"
: >/mnt/builds
echo "$old, updated" >"/usr/lib/modules/$old/build/Module.symvers"
run rdma-ns-kernel enable
tap_equal "they are built again for a kernel that was updated" "3 $old" "$(cat /mnt/builds)"

loaded rdma-ns-1.0.0 revision-3
run rdma-ns-kernel enable
tap_run "nothing is said of modules that are loaded as modprobe would load them" says_not "loaded, and unchanged"
run upgrade 4
tap_match "it is of those of another revision" "loaded, and unchanged .*: ${modules[*]}" "$said"
run rdma-ns-kernel status
tap_match "also by status" "rdma_cm +extended 1.0.0 +extended 1.0.0 .*; another one runs until it is loaded again" "$said"
tap_equal "for which they are extended" 0 "$status"

echo usr/lib/rdma_cm.ko >"/boot/initrd.img-$old"
touch -d yesterday "/boot/initrd.img-$old"
run rdma-ns-kernel enable
tap_match "an initramfs with older modules is named" \
	"the initramfs of $old has RDMA modules: run 'update-initramfs -u -k $old'" "$said"
touch "/boot/initrd.img-$old"
run rdma-ns-kernel enable
tap_run "until it is made again" says_not initramfs
run prerm remove
tap_match "removing the package says so too" "update-initramfs -u -k $old" "$said"
tap_match "and what remains loaded" "loaded, and unchanged .*: ${modules[*]}" "$said"
tap_equal "the stock module is back" "" "$(next "$old")$(dkms status -m rdma-ns)"
run postinst abort-remove
tap_equal "unless the removal is aborted" "0 revision-4" "$status $(next "$old")"

host
run dkms install -m rdma-ns -v 1.0.0 -k "$old"
tap_equal "DKMS installs the modules by hand" "0 revision-1" "$status $(next "$old")"
run prerm remove
tap_equal "removing the package removes them" "0 " "$status $(next "$old")$(dkms status -m rdma-ns)"
run postrm remove
tap_fail "and nothing is left" test -e /var/lib/rdma-ns

host
kernel_of "$new"
run rdma-ns-kernel enable
tap_equal "enable fails if the newest kernel has no headers" "1 revision-1" "$status $(next "$old")"
tap_match "it names them" \
	"kernel $new has no headers: install linux-headers-$new and, for later kernels, linux-headers-amd64" "$said"
run rdma-ns-kernel status
tap_equal "status fails then" 3 "$status"
tap_match "and names them" "kernel $new has no headers: install" "$said"
headers_of "$new"
touch "/boot/broken-$new"
run rdma-ns-kernel enable
run rdma-ns-kernel status
tap_equal "so it does if they cannot be built" 3 "$status"
tap_match "and says where the reason is" "kernel $new has no extended modules .*$new.log.*: run 'rdma-ns-kernel enable'" "$said"
rm "/boot/broken-$new"
run rdma-ns-kernel enable
run rdma-ns-kernel status
tap_equal "when they are built, all is well" 0 "$status"
mkdir -p "/usr/lib/modules/$old/updates/other"
cp "/usr/lib/modules/$old/kernel/ib_core.ko" "/usr/lib/modules/$old/updates/other/"
depmod "$old"
run rdma-ns-kernel enable
tap_equal "another vendor's ib_core is an error, also when it comes later" 1 "$status"
run rdma-ns-kernel status
tap_match "status says so, and fails" "^3 .*kernel $old would load another vendor's ib_core" "$status $said"

host
rm "/usr/lib/modules/$old/kernel/ib_core.ko"
echo kernel/drivers/infiniband/core/ib_core.ko >"/usr/lib/modules/$old/modules.builtin"
depmod "$old"
run rdma-ns-kernel enable
tap_match "an ib_core that is built in is told from another vendor's" "^1 .*kernel $old has ib_core built in" "$status $said"

host
kernel_of "$new"
headers_of "$new"
echo "$new" >/mnt/running
touch "/boot/broken-$old"
run rdma-ns-kernel enable
tap_equal "an older kernel may lack the modules" "0  revision-1" "$status $(next "$old") $(next "$new")"
tap_match "which is said" "kernel $old: modprobe loads what it loaded before" "$said"
run rdma-ns-kernel status
tap_match "also by status, which does not fail" "^0 .*kernel $old has no extended modules" "$status $said"
echo "$old" >/mnt/running
run rdma-ns-kernel enable
tap_equal "the running kernel may not" 1 "$status"

host
rm -r "/usr/lib/modules/$old/build"
headers_of "$new"
run rdma-ns-kernel enable
tap_equal "with the headers of another kernel alone, enable fails" 1 "$status"
tap_match "and names those of the running one" "kernel $old has no headers: install linux-headers-$old" "$said"

# The folder that modules are installed to has little room.
host
rm -r /usr/src/rdma-ns-1.0.0
source_of 0.9.0 0
updates=/usr/lib/modules/$old/updates
mkdir "$updates"
mount -t tmpfs -o size=64K tmpfs "$updates"
run rdma-ns-kernel enable
source_of 1.0.0 1 100000
run rdma-ns-kernel enable
tap_equal "where there is no room for a newer version, the older one stays" "1 revision-0" "$status $(next "$old")"
tap_match "which is said" "kernel $old: DKMS cannot install what it has built" "$said"
for module in "${modules[@]}"; do
	tap_equal "$module is whole" rdma-ns-0.9.0 "$(modinfo -k "$old" -F version "$module")"
done
mount -o remount,size=500K "$updates"
run rdma-ns-kernel enable
tap_equal "with room, the newer one takes its place" "0 revision-1" "$status $(next "$old")"
tap_equal "and DKMS forgets the older one" 1.0.0 "$(dkms status -m rdma-ns | sed 's#^rdma-ns/\([^,:]*\).*#\1#')"
source_of 1.0.0 2 200000
run rdma-ns-kernel enable
tap_equal "so it is with a revision" "1 revision-1" "$status $(next "$old")"

host
secure_boot
signer_of "$old"
run rdma-ns-kernel enable
tap_equal "with Secure Boot, enable fails while the key is not enrolled" 1 "$status"
tap_match "and says how to enrol it" "run 'mokutil --import /var/lib/dkms/mok.pub', reboot, confirm" "$said"
tap_run "the certificate is there" openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout
tap_run "and its key" openssl pkey -in /var/lib/dkms/mok.key -noout
touch /mnt/enrolled
run rdma-ns-kernel enable
tap_equal "with the key enrolled, they are built" "0 revision-1" "$status $(next "$old")"
run rdma-ns-kernel status
tap_equal "and status has nothing to complain of" 0 "$status"
rm /mnt/enrolled
run rdma-ns-kernel status
tap_match "it says so if the key is no longer enrolled" "^3 .*Secure Boot is on, .*mokutil --import" "$status $said"
printf '\6\0\0\0\1' >/sys/firmware/efi/efivars/MokSBStateRT-made-up
run rdma-ns-kernel status
tap_equal "unless shim does not check, and the kernel then neither" 0 "$status"
mkdir -p /sys/module/module/parameters /sys/kernel/security
echo Y >/sys/module/module/parameters/sig_enforce
run rdma-ns-kernel status
tap_match "the kernel's own demand for signatures counts" "^3 .*module.sig_enforce is on, .*mokutil --import" "$status $said"
rm /sys/module/module/parameters/sig_enforce
echo "none integrity confidentiality" >/sys/kernel/security/lockdown
run rdma-ns-kernel status
tap_equal "no lockdown demands none" 0 "$status"
echo "none [integrity] confidentiality" >/sys/kernel/security/lockdown
run rdma-ns-kernel enable
tap_match "but lockdown does" "^1 .*the kernel is locked down, .*mokutil --import" "$status $said"
mkdir /etc/dkms/framework.conf.d
echo 'dkms_tree="/mnt/tree"' >/etc/dkms/framework.conf.d/tree.conf
run rdma-ns-kernel enable
tap_match "enable names a folder of DKMS's that is not the usual one" "^1 .*dkms_tree=/mnt/tree: remove that" "$status $said"
rm /etc/dkms/framework.conf.d/tree.conf
echo 'mok_certificate="/mnt/$kernelver.der"; mok_signing_key=/mnt/own.key' >/etc/dkms/framework.conf.d/own.conf
run rdma-ns-kernel enable
tap_match "the key is the one that DKMS is configured to use" "mokutil --import /mnt/$old.der'" "$said"
tap_run "which is made there" openssl x509 -inform DER -in "/mnt/$old.der" -noout
openssl x509 -inform DER -in "/mnt/$old.der" -noout -ext subjectKeyIdentifier | sed -n '2s/[ :]//gp' >/mnt/identifier
sed 's/.*/1 I------ 1 perm 1f030000 0 0 asymmetri own: \L&: X509.rsa &/' /mnt/identifier >/mnt/keys
mount --bind /mnt/keys /proc/keys
run rdma-ns-kernel enable
umount /proc/keys
tap_equal "a kernel that was built with the key needs no other" 0 "$status"

# The source of another version, as dkms-build would find it.
host
headers=/usr/src/linux-headers-$old
mkdir -p /mnt/linux-source-6.1 "$headers/include/generated/uapi/linux"
printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 123\n' >/mnt/linux-source-6.1/Makefile
tar -C /mnt -cJf /usr/src/linux-source-6.1.tar.xz linux-source-6.1
printf '#define LINUX_VERSION_CODE %d\n#define LINUX_VERSION_SUBLEVEL 119\n' $((6 * 65536 + 256 + 119)) \
	>"$headers/include/generated/uapi/linux/version.h"
: >"$headers/Makefile"
# shellcheck disable=SC2016 # the script's own
printf '#!/bin/sh\n[ "$4" = linux-headers-%s ] && echo 6.1.119-1\n' "$old" >/mnt/bin/dpkg-query
chmod +x /mnt/bin/dpkg-query
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/output
tap_match "dkms-build names the source that fits" \
	"the headers are those of 6.1.119, but the source is that of 6.1.123: .* 'apt install linux-source-6.1=6.1.119-1', or boot the newest kernel" "$said"
# An upgrade of the source may be older than its copy in the output.
pack_source() # SUBLEVEL
{
	printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = %s\n' "$1" >/mnt/linux-source-6.1/Makefile
	mkdir -p /mnt/linux-source-6.1/drivers/infiniband/{core,ulp/ipoib}
	tar -C /mnt -cJf /usr/src/linux-source-6.1.tar.xz linux-source-6.1
	touch -d "@$((1600000000 + $1))" /usr/src/linux-source-6.1.tar.xz
}

pack_source 119
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/output
tap_match "a source without what is needed is named" "is not a kernel source" "$said"
mkdir /mnt/small
mount -t tmpfs -o size=100K tmpfs /mnt/small
head -c 400000 /dev/urandom >/mnt/linux-source-6.1/drivers/infiniband/core/cma.c
: >/mnt/linux-source-6.1/drivers/infiniband/ulp/ipoib/ipoib_main.c
pack_source 119
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/small
tap_match "a disk that is too small for it is named" "linux-source-6.1.tar.xz cannot be unpacked in /mnt/small/.*No space left" "$said"
truncate -s 300000 /usr/src/linux-source-6.1.tar.xz
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/output
tap_match "so is an archive that is cut off" "linux-source-6.1.tar.xz cannot be unpacked in .*[Uu]nexpected (end|EOF)" "$said"
find /mnt/linux-source-6.1 -name "*.c" -delete
pack_source 120
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/output
tap_match "an upgraded source is looked at again" "the headers are those of 6.1.119, but the source is that of 6.1.120: " "$said"

# Of one kernel, but of two revisions of Debian's.
pack_source 119
cat >/mnt/bin/dpkg-query <<end
#!/bin/sh
case "\$*" in
*-S*/usr/src/linux-source-6.1.tar.xz) echo linux-source-6.1: /usr/src/linux-source-6.1.tar.xz ;;
*linux-headers-$old) echo 6.1.119-1 ;;
*linux-source-6.1) echo 6.1.119-2 ;;
*) exit 1 ;;
esac
end
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/output
tap_match "another revision of the source is refused" \
	"the headers are those of 6.1.119-1, but the source is that of 6.1.119-2: .* 'apt install linux-source-6.1=6.1.119-1'" "$said"
sed -i s/6.1.119-2/6.1.119-1/ /mnt/bin/dpkg-query
run "$tree/kernel/dkms-build" "$old" "$headers" /mnt/output
tap_match "and one of the same revision is not" "is not a kernel source" "$said"
tap_end
