# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by the scripts of this folder and by whoever needs a kernel's files:
#   vm_cache VERSION       the kernel's folder in the cache
#   vm_release VERSION     its release, such as 6.1.0-56-amd64
#   vm_headers VERSION     the folder for "make -C" (kernel headers)
#   vm_source VERSION      drivers/infiniband and include/ of the distribution's source
#   vm_modules VERSION     the folder of its modules (lib/modules/RELEASE)
#   vm_make HEADERS ARGUMENT...  make against kernel headers, with the compiler that there is

VM_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
VM_TREE=${VM_DIR%/*}
VM_DEFAULT_KERNEL=${RDMA_NS_KERNEL:-6.1}
VM_NAME=${0##*/}
# The path is made absolute because some callers change folders.
[[ ${RDMA_NS_CACHE:-/} == /* ]] || RDMA_NS_CACHE=$PWD/$RDMA_NS_CACHE

# A cache that another recipe made is rebuilt. Raise this number when vm/kernel changes what it makes.
VM_RECIPE=1

vm_die() # STATUS MESSAGE...
{
	local status=$1
	shift
	echo "vm/$VM_NAME: $*" >&2
	exit "$status"
}

vm_usage_error()
{
	vm_die 2 "$*; see 'vm/$VM_NAME --help'"
}

# The header comment of a script is its help text.
vm_help()
{
	sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	exit 0
}

vm_check_version()
{
	[[ $1 =~ ^[0-9]+\.[0-9]+$ ]] || vm_usage_error "kernel version '$1' is not of the form 6.1"
}

vm_cache_root() { echo "${RDMA_NS_CACHE:-$VM_TREE/build/cache}"; }
vm_cache() { echo "$(vm_cache_root)/$1"; }
vm_release() { cat -- "$(vm_cache "$1")/release"; }
vm_modules() { echo "$(vm_cache "$1")/lib/modules/$(vm_release "$1")"; }
vm_headers() { echo "$(vm_cache "$1")/usr/src/linux-headers-$(vm_release "$1")"; }
vm_source() { echo "$(vm_cache "$1")/source"; }

# If the compiler that built the kernel is not installed, this machine's own replaces it, without the options
# that it does not know. KCPPFLAGS is used because KCFLAGS belongs to the caller.
vm_make() # HEADERS ARGUMENT...
{
	local compiler=
	# BTF is not made here, so the version of pahole does not matter.
	# shellcheck disable=SC2016 # make's own variable
	local -a arguments=('PAHOLE_VERSION=$(CONFIG_PAHOLE_VERSION)')
	[[ ! -r $1/.kernelvariables ]] ||
		compiler=$(sed -nE 's/^CC *[:?]?=.*\$\(CROSS_COMPILE\)(gcc-[0-9]+)$/\1/p' "$1/.kernelvariables")
	if [[ -n $compiler ]] && ! command -v "$compiler" >/dev/null; then
		vm_need gcc gcc
		arguments+=(CC=gcc KCPPFLAGS=-Wno-attributes)
		gcc -fmin-function-alignment=16 -xc -c -o /dev/null /dev/null 2>/dev/null ||
			arguments+=(CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=)
	fi
	make -C "$1" "${arguments[@]}" "${@:2}"
}

vm_kernel_ready()
{
	[[ -r $(vm_cache "$1")/ready && $(<"$(vm_cache "$1")/ready") == "$VM_RECIPE" ]]
}

vm_need() # COMMAND PACKAGE
{
	local path=$PATH:/usr/local/sbin:/usr/sbin:/sbin
	PATH=$path command -v "$1" >/dev/null ||
		vm_die 1 "'$1' is missing: install the package $2, or run scripts/setup.sh"
}
