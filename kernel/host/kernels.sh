# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by rdma-ns-kernel, which has set $modules and $running: the host's kernels, and what modprobe would load
# for them.

has_headers() { [[ -e /lib/modules/$1/build/include ]]; } # RELEASE
is_kernel() { [[ -d /lib/modules/$1/kernel ]]; } # RELEASE

folders() # of kernels, also of those that have been removed, the newest last
{
	local folder
	for folder in /lib/modules/*/; do
		basename -- "$folder"
	done | sort -V
}

releases() # installed kernels, and those that have headers, the newest last
{
	local release
	for release in $(folders); do
		if is_kernel "$release" || has_headers "$release"; then
			echo "$release"
		fi
	done
}

# What DKMS's configuration, in which $kernelver may stand, makes of a variable.
dkms_setting() # NAME RELEASE
(
	set +eu
	name=$1
	kernelver=$2
	unset "$name"
	for file in /etc/dkms/framework.conf /etc/dkms/framework.conf.d/*.conf; do
		[[ ! -r $file ]] || . "$file" >/dev/null 2>&1
	done
	printf '%s\n' "${!name}"
)

newest_kernel()
{
	local release
	for release in $(releases); do
		! is_kernel "$release" || echo "$release"
	done | tail -n 1
}

# The host runs one of these kernels now or after its next boot. Others may lack what a build needs for good.
is_needed() # RELEASE
{
	is_kernel "$1" && [[ $1 == "$running" || $1 == "$(newest_kernel)" ]]
}

check_headers() # RELEASE
{
	local later=
	! has_headers "$1" || return 0
	# Debian's name of those of the newest kernel, such as linux-headers-amd64.
	[[ ! $1 =~ ^[^-]+(-[0-9]+)?-([a-z].*)$ ]] || later=" linux-headers-${BASH_REMATCH[2]}"
	say "kernel $1 has no headers: install linux-headers-$1${later:+ and, for later kernels,$later}, or boot the newest kernel"
	return 1
}

# Modules that were built against the distribution's ib_core do not load above another one.
check_core() # RELEASE
{
	local file
	file=$(modinfo -k "$1" -F filename ib_core 2>/dev/null) || return 0
	[[ $file != "(builtin)" ]] || {
		say "kernel $1 has ib_core built in, and with it rdma_cm, which no module can replace: boot a kernel that has them as modules"
		return 1
	}
	file=$(realpath -- "$file" 2>/dev/null || echo "$file")
	[[ $file == */lib/modules/"$1"/kernel/* ]] || {
		say "kernel $1 would load another vendor's ib_core ($file), above which these modules do not load"
		return 1
	}
}

description() { cat "/sys/module/$1/version" "/sys/module/$1/srcversion" 2>/dev/null || true; } # MODULE, which is loaded

field() { modinfo -k "$running" -F "$1" "$2" 2>/dev/null || true; } # FIELD MODULE, which modprobe would load

# Whether another build is loaded than modprobe would load.
is_outdated() # MODULE
{
	[[ -d /sys/module/$1 && -n $(field filename "$1") ]] &&
		[[ $(description "$1") != $(field version "$1"; field srcversion "$1") ]]
}

kind() # VERSION-OF-MODULE
{
	case $1 in
	rdma-ns-*) echo "extended ${1#rdma-ns-}" ;;
	*) echo stock ;;
	esac
}

# Those that DKMS has put there, and those that modprobe would load from elsewhere.
extended_files() # RELEASE
{
	local module file
	for module in "${modules[@]}"; do
		for file in "/lib/modules/$1/updates/dkms/$module.ko"* "$(modinfo -k "$1" -F filename "$module" 2>/dev/null)"; do
			[[ ! -f $file || $(modinfo -F version "$file" 2>/dev/null) != rdma-ns-* ]] || realpath -- "$file"
		done
	done | sort -u
}

# DKMS may have lost its knowledge of what it has installed, and does not fail where it can delete nothing.
remove_rest() # RELEASE
{
	local file left
	for file in $(extended_files "$1"); do
		[[ $file != */updates/dkms/* ]] || rm -f -- "$file" 2>/dev/null || true
	done
	index_mend "$1" || return
	left=$(extended_files "$1" | paste -sd' ')
	[[ -z $left ]] || {
		say "kernel $1 still has $left, which cannot be removed here: delete what is not the distribution's, and run 'depmod $1'"
		return 1
	}
}

list_initramfs() { lsinitramfs "$1" 2>/dev/null || lsinitrd "$1" 2>/dev/null; } # FILE

remind_initramfs() # RELEASE
{
	local image list again
	for image in "/boot/initrd.img-$1" "/boot/initramfs-$1.img"; do
		# DKMS runs depmod whenever it has changed modules.
		[[ -e $image && ! $image -nt /lib/modules/$1/modules.dep ]] || continue
		again="update-initramfs -u -k $1"
		command -v update-initramfs >/dev/null || ! command -v dracut >/dev/null || again="dracut --force $image $1"
		if ! list=$(list_initramfs "$image"); then
			echo "whether the initramfs of $1 has RDMA modules cannot be told; if so, run '$again'"
		elif grep -E '/(rdma_u?cm|ib_ipoib|ib_uverbs)\.ko' <<<"$list" >/dev/null; then
			echo "the initramfs of $1 has RDMA modules: run '$again'"
		fi
	done
}

remind() # RELEASE...: of what still has other modules
{
	local release module loaded=()
	for module in "${modules[@]}"; do
		! is_outdated "$module" || loaded+=("$module")
	done
	((!${#loaded[@]})) || echo "loaded, and unchanged until they are loaded again or the host is rebooted: ${loaded[*]}"
	for release in "$@"; do
		remind_initramfs "$release"
	done
}
