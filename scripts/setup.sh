#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: scripts/setup.sh [--others] [--list]
#
# Installs the packages that building, running and testing need, all by name, and nothing else. It says
# what it does, asks for sudo only if not run by root, and does nothing if all are installed. --list prints
# the names. This is for Debian, Ubuntu and what is made of them. Elsewhere it looks for the programs, and
# names those that are missing. --others adds what only packaging/rdma-core --check and tests/proof need: what
# builds rdma-core, and the programs of others.
#
# Exit status: 0 all packages are installed, 1 something is missing, 2 usage.
set -euo pipefail

build=(
	abigail-tools binutils ca-certificates clang clang-format cmake g++ gcc git groff-base libc6-dev make mandoc
	pandoc pkg-config shellcheck
	libclang-rt-dev libcmocka-dev libibmad-dev libibumad-dev libibverbs-dev libjson-c-dev
	libnl-3-dev librdmacm-dev libsmartcols-dev valgrind zlib1g-dev
)
# Other architectures.
cross=(gcc-aarch64-linux-gnu gcc-i686-linux-gnu libc6-dev-arm64-cross libc6-dev-i386-cross)
# Kernel modules: what kbuild runs, what applies the hooks of kernel/, and what kernel/series runs.
kernel=(bc bison coccinelle flex libelf-dev libssl-dev unifdef)
# What looks for faults, in the kernel's half, and in programs that run (tests/sanitize).
faults=(sparse valgrind)
# What the package's command asks for the modules.
packaging=(dkms openssl)
# vm/: the machine, its initramfs, the kernel's packages.
machine=(busybox-static cpio kmod procps qemu-system-x86 util-linux xz-utils zstd)
# What runs in the guest.
rdma=(
	ethtool ibverbs-providers ibverbs-utils infiniband-diags iproute2 iputils-ping jq
	open-iscsi opensm perftest python3-prometheus-client python3-pyverbs python3-yaml rdma-core rdmacm-utils strace
)
# Containers in the guest.
containers=(containernetworking-plugins crun podman runc)
# What only packaging/rdma-core --check and --packages need, and who builds the packages that it makes.
core=(
	cython3 debhelper dh-python libnl-route-3-dev libsystemd-dev libudev-dev ninja-build python3-dev python3-docutils
	mmdebstrap python3-pkg-resources rpm
)
# What only tests/proof runs.
others=(iperf3 libfabric-bin netcat-openbsd netcat-traditional netpipe-openmpi openmpi-bin qperf ucx-utils)

usage_error()
{
	echo "scripts/setup.sh: $*; see 'scripts/setup.sh --help'" >&2
	exit 2
}

die()
{
	echo "scripts/setup.sh: $*" >&2
	exit 1
}

packages=("${build[@]}" "${cross[@]}" "${kernel[@]}" "${faults[@]}" "${packaging[@]}" "${machine[@]}" "${rdma[@]}"
	"${containers[@]}")
if [[ ${1-} == --others ]]; then
	packages+=("${core[@]}" "${others[@]}")
	shift
fi
[[ $# -le 1 ]] || usage_error "too many arguments"
case ${1-} in
-h | --help)
	sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	exit 0
	;;
--list)
	printf '%s\n' "${packages[@]}" | sort
	exit 0
	;;
'') ;;
*) usage_error "unknown option '$1'" ;;
esac

# One program of each package, where packages have other names.
missing_programs()
{
	local program
	for program in bc bison clang cmake cpio depmod flex g++ gcc git ibv_devinfo ip jq make mandoc opensm pandoc \
			pkg-config qemu-system-x86_64 rping spatch strip xz zstd; do
		PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$program" >/dev/null || echo "$program"
	done
}
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	mapfile -t missing < <(missing_programs)
	((${#missing[@]})) || exit 0
	die "this system has no apt: install what has ${missing[*]}, as 'scripts/setup.sh --list' names it for Debian"
fi

installed=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package} ' "${packages[@]}" 2>/dev/null || true)"
missing=()
for package in "${packages[@]}"; do
	[[ $installed == *" ii $package "* || $installed == *" hi $package "* ]] || missing+=("$package")
done

# vm/kernel asks apt for the kernel's packages, so the lists must be there too.
lists=1
[[ $(apt-cache policy linux-image-amd64 2>/dev/null) == *"Candidate: "[0-9]* ]] || lists=0
((${#missing[@]} || !lists)) || exit 0

as_root=()
if ((EUID != 0)); then
	command -v sudo >/dev/null || die "not root and no sudo: as root, run apt-get install ${missing[*]}"
	as_root=(sudo)
fi
run()
{
	echo "+ ${as_root[*]:+sudo }$*" >&2
	${as_root[@]+"${as_root[@]}"} "$@"
}

run apt-get -qq update || die "apt-get update failed: check the network and /etc/apt/sources.list.d"
((${#missing[@]})) || exit 0
# These run in the guest. On a machine with InfiniBand, OpenSM must not begin to manage that fabric, nor may
# iscsid attach disks; and nobody asked for podman's service. What is masked is not begun by its package, either.
units=()
[[ " ${missing[*]} " != *" opensm "* ]] || units+=(opensm.service)
[[ " ${missing[*]} " != *" open-iscsi "* ]] || units+=(open-iscsi.service iscsid.service iscsid.socket)
[[ " ${missing[*]} " != *" podman "* ]] || units+=(podman.socket podman.service podman-restart.service
	podman-auto-update.service podman-auto-update.timer)
[[ -d /run/systemd/system ]] || units=()

# What was not installed in the end has no unit.
release_units()
{
	local unit
	run systemctl --quiet unmask --runtime "${units[@]}" || true
	for unit in "${units[@]}"; do
		run systemctl --quiet disable --now "$unit" 2>/dev/null || true
	done
}

if ((${#units[@]})); then
	trap release_units EXIT
	run systemctl --quiet mask --runtime "${units[@]}" || die "systemd does not let ${units[*]} be masked"
fi
run env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null ||
	die "not everything could be installed: apt's words are above"
