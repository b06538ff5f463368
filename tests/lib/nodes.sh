# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by tests in the guest: what a container's /dev/infiniband may be like.
#
#   with_nodes NODE... -- COMMAND...   only these device files
#   with_dev SCRIPT COMMAND...         an empty folder, in which SCRIPT has made files; OPTIONS in its environment are
#                                      those of its filesystem

with_nodes() # NODE... -- COMMAND...
{
	local nodes=()
	while [[ $1 != -- ]]; do
		nodes+=("$1")
		shift
	done
	# shellcheck disable=SC2016
	unshare -m bash -c '
		mkdir -p /run/nodes && mount --rbind /dev/infiniband /run/nodes && mount -t tmpfs none /dev/infiniband
		for node in $1; do touch /dev/infiniband/$node && mount --bind /run/nodes/$node /dev/infiniband/$node; done
		shift; exec timeout 60 "$@"' bash "${nodes[*]}" "${@:2}"
}

with_dev() # SCRIPT COMMAND...
{
	# shellcheck disable=SC2016
	unshare -m bash -c '
		mount -t tmpfs -o "${OPTIONS:-mode=755}" none /dev/infiniband && cd /dev/infiniband && eval "$1" && cd / || exit 9
		shift; exec timeout 60 "$@"' bash "$@"
}
