#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The net_devs of a port, over software RoCE. cm_siblings.sh asks for those of InfiniBand.
. "$(dirname "$0")/lib.sh"

need ip modprobe rdma
need_settings
need_netdevs
need_rxe
trap 'ip netns delete cm_netdevs 2>/dev/null; remove_rxe' EXIT
make_rxe
ip netns add cm_netdevs || skip_all "no network namespace can be made"
index=$(device_index cm_rxe)

listed()
{
	"$netdevs" "$index" 1
}

only_are_listed() # NAME...
{
	local name
	for name; do
		echo "$(<"/sys/class/net/$name/ifindex") $name"
	done | cmp -s - <(listed | sort -n)
}

is_refused() # ARGUMENT...
{
	! "$netdevs" "$@" 2>/dev/null
}

plan 7
check "the net_dev of a port is listed" only_are_listed cm_dummy
ip link add link cm_dummy name cm_vlan type vlan id 7 && ip address add 198.51.100.1/24 dev cm_vlan
ip link set cm_vlan up
check "so is a VLAN on it, once it has a GID" wait_for 20 only_are_listed cm_dummy cm_vlan
check "nobody else's is, in another namespace" \
	[ "$(ip netns exec cm_netdevs "$netdevs" "$index" 1 2>&1)" = "" ]
check "which may ask" ip netns exec cm_netdevs "$netdevs" "$index" 1
check "there is no port 2" is_refused "$index" 2
check "nor a device without a number" is_refused 4096 1
check "what the kernel does not know is refused" is_refused "$index" 1 9999
finish
