# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by the tests of rdma-ns-kernel and of the scripts of the package rdma-ns-dkms, with $tree set: goes on in
# file systems that exist for the test alone, with the DKMS that is installed, on hosts that are made up. Their
# kernels are folders, and "building" takes the compiler a moment. DKMS=FILE, in the environment, is another DKMS.
#
#   host                                a host that runs $old, which has headers, and has the package
#   kernel_of RELEASE, headers_of RELEASE
#   source_of VERSION REVISION [SIZE]   what the package would install
#   run COMMAND...                      sets $said and $status
#   next RELEASE                        which revision of ours modprobe would load; nothing where it is stock, and "none" if
#                                       the file of any of the four is missing
#   from                                in which folders modprobe would find the four for $old
#   taken RELEASE                       the stock modules are where DKMS 3.2 moves them when it installs
#   unlinked RELEASE                    that install was killed before it had ended
#   upgrade REVISION                    upgrades the package, in the same version
#   loaded VERSION REVISION             as if they had been loaded
#   says_not TEXT                       fails if $said has it
#   link                                where DKMS finds the source
#   begin COMMAND...                    begins it, up to where it builds; sets $begun to its process, a session's
#   proceed                             lets it go on; sets $status
#   secure_boot                         the firmware demands signatures; /mnt/enrolled exists if DKMS's key is enrolled
#   signer_of RELEASE                   gives DKMS what signs modules, which writes what the kernel's own would write
#   signer MODULE                       whose key has signed what modprobe would load for $old
#   many_modules RELEASE                makes the kernel's index large

if [[ ${1-} != inside ]]; then
	for command in dkms depmod openssl; do
		command -v "$command" >/dev/null || { tap_skip "rdma-ns-kernel" "'$command' is missing"; exit 0; }
	done
	unshare --mount mount -t tmpfs tmpfs /mnt 2>/dev/null ||
		{ tap_skip "rdma-ns-kernel" "no mount namespace can be made here"; exit 0; }
	exec unshare --mount "$0" inside
fi

made_up=(/usr/lib/modules /usr/src /var/lib /boot /sys /run /etc/dkms)
[[ $(readlink /proc/self/ns/mnt) != "$(readlink "/proc/$PPID/ns/mnt")" ]]
mount -t tmpfs tmpfs /mnt
mkdir /mnt/{bin,module}
for folder in usr etc; do
	mkdir "/mnt/$folder" "/mnt/$folder-work"
	mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/mnt/$folder,workdir=/mnt/$folder-work" "/$folder"
done
mkdir -p /usr/lib/modules /etc/depmod.d
[[ -z ${DKMS-} ]] || cp -- "$DKMS" /usr/sbin/dkms
for folder in "${made_up[@]}"; do
	mount -t tmpfs tmpfs "$folder"
done
PATH=/mnt/bin:$PATH
export TMPDIR=/mnt

cp -r "$tree/kernel/rdma-ns-kernel" "$tree/kernel/host" /mnt/bin/
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
chmod +x /mnt/bin/{rdma-ns-kernel,prerm,postinst,postrm,uname,lsinitramfs,mokutil,make-module,sleep}

modules=(rdma_cm rdma_ucm ib_ipoib ib_uverbs)
old=6.1.0-27-amd64
new=6.1.0-28-amd64
for module in ib_core "${modules[@]}"; do
	make-module "/mnt/module/$module.ko" "" ""
done

source_of()
{
	local source=/usr/src/rdma-ns-$1
	mkdir -p "$source/kernel"
	sed "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" "$tree/kernel/dkms.conf" >"$source/dkms.conf"
	cat >"$source/kernel/dkms-build" <<-end
		#!/bin/bash
		echo "building for \$1"
		[[ ! -p /mnt/gate ]] || { touch /mnt/at-gate; cat /mnt/gate; }
		[[ ! -e /boot/broken-\$1 ]] || { echo "kernel/dkms-build: the source of kernel \$1 is missing" >&2; exit 1; }
		mkdir -p "\$3"
		for module in ${modules[*]}; do make-module "\$3/\$module.ko" rdma-ns-$1 revision-$2 ${3-}; done
		echo "$2 \$1" >>/mnt/builds
	end
	chmod +x "$source/kernel/dkms-build"
}

headers_of()
{
	mkdir -p "/usr/lib/modules/$1/build/include/generated/uapi/linux"
	echo "$1" >"/usr/lib/modules/$1/build/Module.symvers"
}

kernel_of()
{
	mkdir -p "/usr/lib/modules/$1/kernel"
	cp /mnt/module/*.ko "/usr/lib/modules/$1/kernel/"
	printf 'kernel/%s.ko\n' ib_core "${modules[@]}" >"/usr/lib/modules/$1/modules.order"
	: >"/usr/lib/modules/$1/modules.builtin"
	depmod "$1" 2>/dev/null
}

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

loaded()
{
	local module
	for module in "${modules[@]}"; do
		mkdir -p "/sys/module/$module"
		echo "$1" >"/sys/module/$module/version"
		echo "$2" >"/sys/module/$module/srcversion"
	done
}

run()
{
	status=0
	said=$("$@" 2>&1) || status=$?
}

next()
{
	local module file
	for module in "${modules[@]}"; do
		file=$(modinfo -k "$1" -F filename "$module" 2>/dev/null) && [[ -e $file ]] || { echo none; return; }
	done
	modinfo -k "$1" -F srcversion rdma_cm
}

from()
{
	local file
	for file in $(modinfo -k "$old" -F filename "${modules[@]}" 2>/dev/null || echo none); do
		if [[ -e $file ]]; then dirname "$file"; else echo none; fi
	done | sed 's#.*/modules/[^/]*/##' | sort -u | paste -sd' '
}

taken()
{
	local module kept
	kept=/var/lib/dkms/rdma-ns/original_module/$1/$(uname -m)
	mkdir -p "$kept"
	for module in "${modules[@]}"; do
		# It may have done so itself.
		[[ -e /usr/lib/modules/$1/kernel/$module.ko ]] || continue
		mv "/usr/lib/modules/$1/kernel/$module.ko" "$kept/"
		echo "/lib/modules/$1/kernel/$module.ko" >"$kept/$module.ko.origin"
	done
}

unlinked()
{
	taken "$1"
	rm -f "/var/lib/dkms/rdma-ns/kernel-$1-$(uname -m)"
}

upgrade()
{
	prerm upgrade "1.0.0-$1" && source_of 1.0.0 "$1" && postinst configure 1.0.0-1
}

says_not() { [[ $said != *"$1"* ]] || { echo "$said"; return 1; }; }

link() { readlink /var/lib/dkms/rdma-ns/1.0.0/source; }

secure_boot()
{
	mkdir -p /sys/firmware/efi/efivars
	printf '\6\0\0\0\1' >/sys/firmware/efi/efivars/SecureBoot-made-up
}

# sign-file comes with the kernel's headers, which the tests' host need not have.
signer_of()
{
	local file=/usr/lib/modules/$1/build/scripts/sign-file
	mkdir -p "${file%/*}"
	cat >"$file" <<-'end'
		#!/bin/bash
		set -e
		[[ ! -e /mnt/sign-fails ]] || exit 1
		openssl x509 -inform DER -in "$3" -out /mnt/signer.pem
		openssl cms -sign -binary -noattr -nocerts -nosmimecap -md "$1" -signer /mnt/signer.pem -inkey "$2" \
			-outform DER -in "$4" -out /mnt/signature
		size=$(printf %08x "$(stat -c %s /mnt/signature)")
		{
			cat /mnt/signature
			printf '\0\0\2\0\0\0\0\0'
			printf "\\x${size:0:2}\\x${size:2:2}\\x${size:4:2}\\x${size:6:2}~Module signature appended~\n"
		} >>"$4"
	end
	chmod +x "$file"
	echo 'CONFIG_MODULE_SIG_HASH="sha256"' >"/usr/lib/modules/$1/build/.config"
	mkdir -p /etc/dkms
	echo "sign_file=/lib/modules/\$kernelver/build/scripts/sign-file" >/etc/dkms/framework.conf
}

signer() { modinfo -k "$old" -F signer "$1"; }

many_modules()
{
	local i
	if [[ ! -d /mnt/many ]]; then
		mkdir /mnt/many
		make-module /mnt/many/m.ko "" ""
		for i in {1..500}; do
			ln /mnt/many/m.ko "/mnt/many/a_module_with_a_long_name_to_make_the_index_large_$i.ko"
		done
	fi
	cp -a /mnt/many "/usr/lib/modules/$1/kernel/"
	depmod "$1" 2>/dev/null
}

begin()
{
	rm -f /mnt/gate /mnt/at-gate
	mkfifo /mnt/gate
	setsid "$@" >/mnt/begun 2>&1 &
	begun=$!
	until [[ -e /mnt/at-gate ]]; do sleep; done
}

proceed()
{
	mv /mnt/gate /mnt/opened
	: >/mnt/opened
	status=0
	wait "$begun" || status=$?
}

