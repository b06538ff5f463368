#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: ./demo.sh [--kernel VERSION]
#
# Shows, on a real kernel with software InfiniBand in a virtual machine, how an RDMA CM connection
# meant for one container is delivered to another, how librdma-ns refuses that, and how the extended
# kernel delivers it to whom it was meant for, in bare namespaces and in OCI containers. Installs and
# builds what it needs first.
#
#   --kernel VERSION   the guest's kernel, such as 6.12 (the distribution's own)
#   -h, --help
#
# Exit status: 0 the story went as told, 1 it did not, or something failed, 2 usage.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

kernel=
log=build/demo.log

while (($#)); do
	case $1 in
	--kernel=*) kernel=${1#*=}; shift ;;
	--kernel)
		(($# > 1)) || { echo "demo.sh: option '$1' needs a value" >&2; exit 2; }
		kernel=$2
		shift 2
		;;
	-h | --help) sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' demo.sh; exit 0 ;;
	*) echo "demo.sh: unexpected argument '$1'; see --help" >&2; exit 2 ;;
	esac
done
[[ -z $kernel || $kernel =~ ^[0-9]+\.[0-9]+$ ]] || { echo "demo.sh: kernel version '$kernel' is not of the form 6.1" >&2; exit 2; }

part() # TITLE COMMAND...
{
	local title=$1 start=$SECONDS status=0
	shift
	printf '%-58s' "$title ..."
	"$@" >>"$log" 2>&1 || status=$?
	if ((status)); then
		printf 'failed\n'
		tail -n 20 "$log" >&2
		echo "demo.sh: '$*' ended with status $status; all of its output is in $log" >&2
		exit 1
	fi
	printf '%4d s\n' $((SECONDS - start))
}

build_programs()
{
	cmake -S . -B build
	cmake --build build --parallel "$(nproc)" --target cmwho rdma-ns-command rdma-ns-preload
}

story()
{
	vm/run --kernel "$kernel" --timeout 240 -- bash -c \
		'vm/fabric up --hosts 2 >/dev/null && exec tests/violation/story.sh --keep'
}

mkdir -p build 2>/dev/null && : 2>/dev/null >"$log" || {
	echo "demo.sh: $PWD/build cannot be written: run this as the tree's owner, in a copy that can be written, or make room on the disk" >&2
	exit 1
}
scripts/setup.sh
kernel=${kernel:-$(. vm/lib.sh && vm_default_kernel)}
part "librdma-ns, and the program that asks who answers (cmwho)" build_programs
part "Linux $kernel, the distribution's own" vm/kernel "$kernel"
part "Software InfiniBand for it (sib)" vm/module --kernel "$kernel" providers/sib sib
part "The extended rdma_cm for it" kernel/build --kernel "$kernel"
echo "Starting the virtual machine, two hosts and a switch ..."

status=0
story || status=$?
case $status in
0) exit 0 ;;
124) echo "demo.sh: the story did not end within four minutes" >&2 ;;
125) echo "demo.sh: the guest's kernel warned; its lines are above" >&2 ;;
esac
exit 1
