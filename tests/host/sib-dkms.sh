#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The scripts of the package sib-dkms, with the DKMS that is installed (or DKMS=FILE), on a host that is made up: its kernels are
# folders, and "building" sib is a copy. No kernel that sib cannot be built for makes a package fail. Nothing of
# this is seen outside.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
PATH=$PATH:/usr/sbin:/sbin

if [[ ${1-} != inside ]]; then
	namespaces=(--mount)
	((EUID == 0)) || namespaces+=(--user --map-root-user)
	command -v dkms depmod >/dev/null || { tap_skip "the scripts of sib-dkms" "DKMS is missing"; exit 0; }
	unshare "${namespaces[@]}" mount -t tmpfs tmpfs /mnt 2>/dev/null ||
		{ tap_skip "the scripts of sib-dkms" "no mount namespace can be made here"; exit 0; }
	exec unshare "${namespaces[@]}" "$0" inside
fi

mount -t tmpfs tmpfs /mnt
mkdir /mnt/{upper,work}
export TMPDIR=/mnt
mount -t overlay overlay -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /usr
mkdir -p /usr/lib/modules
for folder in /usr/lib/modules /usr/src /var/lib; do
	mount -t tmpfs tmpfs "$folder"
done
[[ -z ${DKMS-} ]] || cp -- "$DKMS" /usr/sbin/dkms
mkdir -p /var/lib/dkms /usr/src/sib-1.0.0
touch /usr/src/sib-1.0.0/{sib.c,Kbuild}
sed 's/#MODULE_VERSION#/1.0.0/' "$tree/debian/sib-dkms.dkms" >/usr/src/sib-1.0.0/dkms.conf
echo 'int sib;' >/mnt/sib.c
gcc -c -o /mnt/sib.ko /mnt/sib.c
for script in postinst prerm; do
	sed 's/#VERSION#/1.0.0/; /#DEBHELPER#/d' "$tree/debian/sib-dkms.$script" >"/mnt/$script"
	chmod +x "/mnt/$script"
done

kernel() # RELEASE CONFIG MAKE-COMMAND
{
	local build=/usr/lib/modules/$1/build
	mkdir -p "$build/include" "/usr/lib/modules/$1/kernel"
	echo "$2" >"$build/.config"
	printf 'modules:\n\t%s\nclean:\n' "$3" >"$build/Makefile"
}
builds_for() { dkms status -m sib | sed -n 's#^sib/[^,]*, \([^,]*\),.*: installed.*#\1#p' | sort | paste -sd' '; }

kernel 6.1.0-1-amd64 CONFIG_INFINIBAND_RDMAVT=m 'cp /mnt/sib.ko $(M)/'
kernel 6.1.0-1-arm64 '# CONFIG_INFINIBAND_RDMAVT is not set' 'cp /mnt/sib.ko $(M)/'
kernel 7.0.0-1-amd64 CONFIG_INFINIBAND_RDMAVT=m false
tap_run "the package is configured though one kernel's interface is another" /mnt/postinst configure
tap_equal "sib is there for the kernel that has what it needs" 6.1.0-1-amd64 "$(builds_for)"
tap_match "what is not built is named" 'kernel 7\.0\.0-1-amd64 has no sib' "$(/mnt/postinst configure 2>&1)"
for release in 6.1.0-1-arm64 7.0.0-1-amd64; do
	tap_run "headers of $release are configured: DKMS builds nothing by itself" dkms autoinstall -k "$release"
done
kernel 6.1.0-2-amd64 CONFIG_INFINIBAND_RDMAVT=m 'cp /mnt/sib.ko $(M)/'
tap_run "a later kernel triggers the package" /mnt/postinst triggered /usr/src
tap_equal "which builds sib for it" "6.1.0-1-amd64 6.1.0-2-amd64" "$(builds_for)"
# An installation that was interrupted.
interrupted()
{
	/mnt/prerm remove
	mkdir -p /var/lib/dkms/sib/1.0.0/build
}

interrupted
tap_run "the package is configured again after an interruption" /mnt/postinst configure
tap_equal "and builds sib" "6.1.0-1-amd64 6.1.0-2-amd64" "$(builds_for)"
interrupted
tap_run "it is removed after one" /mnt/prerm remove
tap_fail "and nothing is left" test -e /var/lib/dkms/sib/1.0.0
/mnt/postinst configure
mv /usr/src/sib-1.0.0 /usr/src/lost
tap_run "it is removed where DKMS has lost its source" /mnt/prerm remove
tap_equal "and nothing is left" "" "$(ls -d /var/lib/dkms/sib /usr/lib/modules/*/updates/dkms/sib.ko* 2>/dev/null)"
tap_equal "nor does modprobe look for it" "" "$(modinfo -k 6.1.0-1-amd64 -F filename sib 2>/dev/null)"
mv /usr/src/lost /usr/src/sib-1.0.0
/mnt/postinst configure
rm -r /var/lib/dkms/sib
tap_run "it is removed where DKMS knows nothing of it" /mnt/prerm remove
tap_equal "and nothing is left" "" "$(ls /usr/lib/modules/*/updates/dkms/sib.ko* 2>/dev/null)"
tap_equal "nor does modprobe look for it" "" "$(modinfo -k 6.1.0-1-amd64 -F filename sib 2>/dev/null)"
for i in {1..300}; do
	ln /mnt/sib.ko "/mnt/a_module_with_a_long_name_to_make_the_index_large_$i.ko"
done
cp -a /mnt/a_module_* /usr/lib/modules/6.1.0-1-amd64/kernel/
/mnt/postinst configure
mount -o remount,size=4M /usr/lib/modules
# It stays full.
mkdir /mnt/bin
printf '#!/bin/sh\ncat /dev/zero >>/usr/lib/modules/filler 2>/dev/null\nexec /usr/sbin/depmod "$@"\n' >/mnt/bin/depmod
chmod +x /mnt/bin/depmod
said=$(PATH=/mnt/bin:$PATH /mnt/prerm remove 2>&1) && status=0 || status=$?
tap_match "where the disk is full, it is removed, and says what to do" \
	"^0 .*kernel 6.1.0-1-amd64: .*run 'depmod 6.1.0-1-amd64', and free space in /lib/modules if that fails" "$status $said"
rm /usr/lib/modules/filler
depmod 6.1.0-1-amd64
tap_equal "which is enough" "" "$(modinfo -k 6.1.0-1-amd64 -F filename sib 2>/dev/null)"
/mnt/postinst configure
tap_run "the package is removed" /mnt/prerm remove
tap_equal "and what was built goes with it" "" "$(dkms status -m sib; find /usr/lib/modules -name 'sib.ko*')"
tap_end
