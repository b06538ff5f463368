# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/build and vm/lib.sh, which set KBUILD_NAME to the name that messages begin with:
#   kbuild_need COMMAND PACKAGE       ends the script if there is no COMMAND
#   kbuild_check_path FOLDER          ends the script if kbuild cannot work there
#   kbuild_make HEADERS ARGUMENT...   runs make against kernel headers, with the compiler that there is
#   kbuild_headers_version HEADERS    the kernel's version, such as 6.1.170
#   kbuild_source_version SOURCE      likewise; nothing if the folder has no Makefile

kbuild_need()
{
	local path=$PATH:/usr/local/sbin:/usr/sbin:/sbin
	PATH=$path command -v "$1" >/dev/null || {
		echo "$KBUILD_NAME: '$1' is missing: install the package $2" >&2
		exit 1
	}
}

kbuild_check_path()
{
	[[ $1 != *[[:space:]:]* ]] || {
		echo "$KBUILD_NAME: the kernel's build system cannot work in '$1', which has a space or a colon: move the tree, or set RDMA_NS_CACHE to another folder" >&2
		exit 1
	}
}

# If the compiler that built the kernel is not installed, this machine's own replaces it, without the options
# that it does not know. KCPPFLAGS is used because KCFLAGS belongs to the caller.
kbuild_make()
{
	local compiler=
	# BTF is not made here, so the version of pahole does not matter.
	# shellcheck disable=SC2016 # make's own variable
	local -a arguments=('PAHOLE_VERSION=$(CONFIG_PAHOLE_VERSION)')
	[[ ! -r $1/.kernelvariables ]] ||
		compiler=$(sed -nE 's/^CC *[:?]?=.*\$\(CROSS_COMPILE\)(gcc-[0-9]+)$/\1/p' "$1/.kernelvariables")
	if [[ -n $compiler ]] && ! command -v "$compiler" >/dev/null; then
		kbuild_need gcc gcc
		arguments+=(CC=gcc KCPPFLAGS=-Wno-attributes)
		gcc -fmin-function-alignment=16 -xc -c -o /dev/null /dev/null 2>/dev/null ||
			arguments+=(CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=)
	fi
	make -C "$1" "${arguments[@]}" "${@:2}"
}

kbuild_headers_version()
{
	awk '$2 == "LINUX_VERSION_CODE" { printf "%d.%d.", $3 / 65536, $3 / 256 % 256 }
		$2 == "LINUX_VERSION_SUBLEVEL" { sublevel = $3 }
		END { print sublevel }' "$1/include/generated/uapi/linux/version.h"
}

kbuild_source_version()
{
	[[ -r $1/Makefile ]] || return 0
	awk -F ' *= *' '$1 == "VERSION" || $1 == "PATCHLEVEL" { printf "%s.", $2 }
		$1 == "SUBLEVEL" { print $2; exit }' "$1/Makefile"
}
