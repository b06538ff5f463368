# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by the scripts of this folder and by whoever needs a kernel's files:
#   VM_KERNELS             the kernels that this tree is made for, oldest first; no other place lists them
#   vm_kernels_here        those of them that the suites of this machine have, likewise
#   vm_default_kernel      $RDMA_NS_KERNEL, or the newest of them that is the kernel of one of these suites
#   vm_cache VERSION       the kernel's folder in the cache
#   vm_release VERSION     its release, such as 6.1.0-56-amd64
#   vm_headers VERSION     the folder for "make -C" (kernel headers)
#   vm_source VERSION      drivers/infiniband and include/ of the distribution's source, and what kernel/series runs of it
#   vm_modules VERSION     the folder of its modules (lib/modules/RELEASE)
# and what kernel/kbuild.sh has.

VM_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
VM_TREE=${VM_DIR%/*}
VM_KERNELS=(6.1 6.12 7.2 7.3)
VM_SCRIPT=${VM_SCRIPT:-vm/${0##*/}}
KBUILD_NAME=$VM_SCRIPT
. "$VM_TREE/kernel/kbuild.sh"
# The path is made absolute because some callers change folders.
[[ ${RDMA_NS_CACHE:-/} == /* ]] || RDMA_NS_CACHE=$PWD/$RDMA_NS_CACHE

# A cache that another recipe made is rebuilt. Raise this number when vm/kernel changes what it makes.
VM_RECIPE=1

vm_die() # STATUS MESSAGE...
{
	local status=$1
	shift
	echo "$VM_SCRIPT: $*" >&2
	exit "$status"
}

vm_usage_error()
{
	vm_die 2 "$*; see '$VM_SCRIPT --help'"
}

# The header comment of a script is its help text.
vm_help()
{
	sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	exit 0
}

vm_check_version()
{
	[[ $1 =~ ^[0-9]+\.[0-9]+(-debug)?$ ]] || vm_usage_error "kernel version '$1' is not of the form 6.1"
}

vm_kernels_here()
{
	local version names
	names=$(apt-cache pkgnames linux-image- 2>/dev/null) || true
	for version in "${VM_KERNELS[@]}"; do
		if grep -qE "^linux-image-${version//./\\.}\.[0-9].*-amd64$" <<<"$names" || vm_kernel_ready "$version"; then
			echo "$version"
		fi
	done
}

# linux-image-amd64 is the distribution's own word. Where apt does not say, any kernel that is there will do.
vm_ask_default_kernel()
{
	local own version
	own=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -nE 's/^ *Depends: linux-image-([0-9]+\.[0-9]+)\..*/\1/p') || true
	for version in "${VM_KERNELS[@]}"; do
		[[ $version != "$own" ]] || { echo "$version"; return; }
	done
	version=$(vm_kernels_here | tail -n 1)
	echo "${version:-${VM_KERNELS[1]}}"
}

# apt takes a second for each answer, so it is kept in the cache until apt's lists change.
vm_default_kernel()
{
	local version kept lists=/var/lib/apt/lists
	kept=$(vm_cache_root)/default-kernel
	if [[ -n ${RDMA_NS_KERNEL-} ]]; then
		version=$RDMA_NS_KERNEL
	elif [[ -r $kept && $kept -nt $lists && $kept -nt /etc/os-release ]]; then
		version=$(<"$kept")
	else
		version=$(vm_ask_default_kernel)
		[[ ! -w $(vm_cache_root) ]] || echo "$version" >"$kept"
	fi
	echo "$version"
}

vm_cache_root() { echo "${RDMA_NS_CACHE:-$VM_TREE/build/cache}"; }
vm_cache() { echo "$(vm_cache_root)/$1"; }
vm_release() { cat -- "$(vm_cache "$1")/release"; }
vm_modules() { echo "$(vm_cache "$1")/lib/modules/$(vm_release "$1")"; }
vm_headers() { echo "$(vm_cache "$1")/usr/src/linux-headers-$(vm_release "$1")"; }
vm_source() { echo "$(vm_cache "$1")/source"; }

vm_kernel_ready()
{
	[[ -r $(vm_cache "$1")/ready && $(<"$(vm_cache "$1")/ready") == "$VM_RECIPE" ]]
}
