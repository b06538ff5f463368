#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns-kernel and the scripts of the package rdma-ns-dkms, with the DKMS that is installed, on hosts that are
# made up: their kernels are folders, and "building" takes the compiler a moment. All of it is in file systems
# that exist for this test alone.
# Timeout: 900
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
PATH=$PATH:/usr/sbin:/sbin

if [[ ${1-} != inside ]]; then
	for command in dkms depmod openssl; do
		command -v "$command" >/dev/null || { tap_skip "rdma-ns-kernel" "'$command' is missing"; exit 0; }
	done
	unshare --mount mount -t tmpfs tmpfs /mnt 2>/dev/null ||
		{ tap_skip "rdma-ns-kernel" "no mount namespace can be made here"; exit 0; }
	exec unshare --mount "$0" inside
fi

made_up=(/usr/lib/modules /usr/src /var/lib /boot /sys)
[[ $(readlink /proc/self/ns/mnt) != "$(readlink "/proc/$PPID/ns/mnt")" ]]
mount -t tmpfs tmpfs /mnt
mkdir /mnt/{bin,upper,work,module}
mount -t overlay overlay -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /usr
mkdir -p /usr/lib/modules
for folder in "${made_up[@]}"; do
	mount -t tmpfs tmpfs "$folder"
done
PATH=/mnt/bin:$PATH
export TMPDIR=/mnt

cp "$tree/kernel/rdma-ns-kernel" /mnt/bin/
for script in prerm postinst postrm; do
	sed 's/#VERSION#/1.0.0/; /#DEBHELPER#/d' "$tree/debian/rdma-ns-dkms.$script" >"/mnt/bin/$script"
done
cat >/mnt/bin/uname <<'end'
#!/bin/sh
[ "$*" = -r ] && exec cat /mnt/running || exec /usr/bin/uname "$@"
end
# More than fits into a pipe, after what is looked for.
cat >/mnt/bin/lsinitramfs <<'end'
#!/bin/sh
cat "$1" && seq 100000
end
cat >/mnt/bin/mokutil <<'end'
#!/bin/sh
[ -e "$2" ] || exit
if [ -e /mnt/enrolled ]; then echo "$2 is already enrolled"; else echo "$2 is not enrolled"; fi
end
# A module says its version, and from which revision of the source it was made.
cat >/mnt/bin/make-module <<'end'
#!/bin/sh
printf 'char info[] __attribute__((section(".modinfo"))) = "license=GPL\\0version=%s\\0srcversion=%s"; char size[%s] = { 1 };' \
	"$2" "$3" "${4:-1}" | gcc -xc -c -o "$1" -
end
# DKMS sleeps to show progress.
cat >/mnt/bin/sleep <<'end'
#!/bin/sh
exec /usr/bin/sleep 0.02
end
chmod +x /mnt/bin/*

modules=(rdma_cm rdma_ucm ib_ipoib ib_uverbs)
old=6.1.0-27-amd64
new=6.1.0-28-amd64
for module in ib_core "${modules[@]}"; do
	make-module "/mnt/module/$module.ko" "" ""
done

source_of() # VERSION REVISION [SIZE]: what the package would install
{
	local source=/usr/src/rdma-ns-$1
	mkdir -p "$source/kernel"
	sed "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" "$tree/kernel/dkms.conf" >"$source/dkms.conf"
	cat >"$source/kernel/dkms-build" <<-end
		#!/bin/bash
		echo "building for \$1"
		[[ ! -e /boot/broken-\$1 ]] || { echo "kernel/dkms-build: the source of kernel \$1 is missing" >&2; exit 1; }
		mkdir -p "\$3"
		for module in ${modules[*]}; do make-module "\$3/\$module.ko" rdma-ns-$1 revision-$2 ${3-}; done
		echo "$2 \$1" >>/mnt/builds
	end
	chmod +x "$source/kernel/dkms-build"
}

headers_of() # RELEASE
{
	mkdir -p "/usr/lib/modules/$1/build/include/generated/uapi/linux"
	echo "$1" >"/usr/lib/modules/$1/build/Module.symvers"
}

kernel_of() # RELEASE
{
	mkdir -p "/usr/lib/modules/$1/kernel"
	cp /mnt/module/*.ko "/usr/lib/modules/$1/kernel/"
	: >"/usr/lib/modules/$1/modules.order"
	: >"/usr/lib/modules/$1/modules.builtin"
	depmod "$1" 2>/dev/null
}

# A host that runs $old, which has headers, and has the package.
host()
{
	local folder
	for folder in "${made_up[@]}"; do
		umount --recursive "$folder"
		mount -t tmpfs tmpfs "$folder"
	done
	mkdir /var/lib/dkms
	: >/mnt/builds
	echo "$old" >/mnt/running
	kernel_of "$old"
	headers_of "$old"
	source_of 1.0.0 1
}

loaded() # VERSION REVISION: as if they had been loaded
{
	local module
	for module in "${modules[@]}"; do
		mkdir -p "/sys/module/$module"
		echo "$1" >"/sys/module/$module/version"
		echo "$2" >"/sys/module/$module/srcversion"
	done
}

run() # COMMAND...: sets $said and $status
{
	status=0
	said=$("$@" 2>&1) || status=$?
}

# Which revision of ours modprobe would load; nothing where it is stock.
next() { modinfo -k "$1" -F srcversion rdma_cm; } # RELEASE

upgrade() # TO-REVISION
{
	prerm upgrade "1.0.0-$1" && source_of 1.0.0 "$1" && postinst configure 1.0.0-1
}

says_not() { [[ $said != *"$1"* ]] || { echo "$said"; return 1; }; } # TEXT

link() { readlink /var/lib/dkms/rdma-ns/1.0.0/source; }

host
run rdma-ns-kernel enable
tap_equal "enable succeeds" 0 "$status"
tap_match "and says what modprobe loads" "^kernel $old: modprobe loads the extended modules of rdma-ns 1.0.0" "$said"
tap_equal "which is so" revision-1 "$(next "$old")"
run rdma-ns-kernel status
tap_equal "status has nothing to complain of" 0 "$status"
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
mkdir -p /sys/firmware/efi/efivars
printf '\6\0\0\0\1' >/sys/firmware/efi/efivars/SecureBoot-made-up
run rdma-ns-kernel enable
tap_equal "with Secure Boot, enable fails while the key is not enrolled" 1 "$status"
tap_match "and says how to enrol it" "run 'mokutil --import /var/lib/dkms/mok.pub', reboot, confirm" "$said"
tap_run "the certificate is there" openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout
tap_run "and its key" openssl pkey -in /var/lib/dkms/mok.key -noout
touch /mnt/enrolled
run rdma-ns-kernel enable
tap_equal "with the key enrolled, they are built" "0 revision-1" "$status $(next "$old")"

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
