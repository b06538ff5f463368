# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by what starts many processes in the guest.
#
#   bring_programs TREE    brings what they need, TREE's own programs among it (or those of $RDMA_NS_BUILD), into the
#                          guest's memory

# Each open of one of the host's files is a question to the host, for each library of each program. What is
# changed is copied into the guest's memory: so set what they have already.
bring_programs() # TREE
{
	local build=${RDMA_NS_BUILD:-$1/build} program programs=() files
	for program in bash awk cat cut grep head ip ldd mkdir mkfifo mktemp modprobe paste rdma rm sed seq setsid sleep \
		sort ss sysctl tail timeout tr unshare wc rping; do
		program=$(type -P "$program") && programs+=("$program")
	done
	mapfile -t files < <(ldd "${programs[@]}" "$build"/bin/* 2>/dev/null |
		sed -n 's/.*[\t ]\(\/[^ ]*\) (0x.*/\1/p' | sort -u)
	chmod u+r "${files[@]}" "${programs[@]}" "$build"/bin/* /etc/libibverbs.d/* \
		/usr/lib/*/libibverbs/*.so 2>/dev/null || true
}
