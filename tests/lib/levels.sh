# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by tests after which the guest must be as it was: what is in use of it, once nothing runs in it.
#
#   levels_take FILE              write it down, without what the kernel keeps only as long as nobody wants the room
#   levels_grown BEFORE AFTER     what has grown by more than the allowance, one a line
#   levels_show FILE              in words
#
# The allowance: no file descriptor, no network namespace, no RDMA object, $levels_memory KiB of the programs' memory and
# of the kernel's, and of each slab cache $levels_slab KiB and a tenth, which processors, netdevs and timers that are
# still to run keep.

levels_memory=4096
levels_slab=256

# How many there are once their number has not changed for half a second: namespaces end in a worker.
levels_namespaces()
{
	local i number last=-1 same=0
	for ((i = 0; i < 100 && same < 5; i++)); do
		echo 1 >/sys/kernel/slab/net_namespace/shrink
		number=$(awk '$1 == "net_namespace" { print $2 }' /proc/slabinfo)
		((number == last)) && same=$((same + 1)) || same=0
		last=$number
		sleep 0.1
	done
	echo "$number"
}

levels_take() # FILE
{
	local cache name value rest listed namespaces
	local -A memory=()
	namespaces=$(levels_namespaces)
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*; do
		[[ -L $cache ]] || echo 1 >"$cache/shrink"
	done 2>/dev/null
	while read -r name value rest; do memory[${name%:}]=$value; done </proc/meminfo
	# Free, too, but in the processors' lists.
	listed=$(awk '$1 == "count:" { pages += $2 } END { print pages * 4 }' /proc/zoneinfo)
	set -- "$1" /proc/[0-9]*/fd/*
	{
		value=$((memory[MemTotal] - memory[MemFree] - listed - memory[Buffers] - memory[Cached] - memory[SReclaimable]))
		echo "programs ${memory[AnonPages]}"
		echo "kernel $((value - memory[AnonPages]))"
		echo "descriptors $(($# - 1))"
		rdma resource show | sed -E 's/^[0-9]+: ([^:]*): (.*)$/rdma:\1 \2/; s/ /:/2g'
		echo "namespaces $namespaces"
		awk 'NR > 2 { print "slab:" $1, int($2 * $4 / 1024) }' /proc/slabinfo
	} >"$1"
}

levels_grown() # BEFORE AFTER
{
	awk -v memory="$levels_memory" -v slab="$levels_slab" '
		NR == FNR { before[$1] = $2; next }
		$1 ~ /^slab:/ { if ($2 > before[$1] * 1.1 + slab) print $1, before[$1] + 0, "KiB, then", $2; next }
		$1 == "kernel" || $1 == "programs" { if ($2 > before[$1] + memory) print $1, before[$1], "KiB, then", $2; next }
		$1 ~ /^rdma:/ { if ($2 != before[$1]) print $1, before[$1], "then", $2; next }
		$2 > before[$1] { print $1, before[$1], "then", $2 }' "$1" "$2"
}

levels_show() # FILE
{
	awk '/^slab:/ { slabs += $2; next } /^rdma:/ { next } { printf "%s %s, ", $1, $2 } END { print "slabs", slabs }' "$1"
}
