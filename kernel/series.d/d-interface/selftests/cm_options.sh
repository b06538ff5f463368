#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Options of ids, and what a listener is told of a request, over software RoCE.
. "$(dirname "$0")/lib.sh"

need ip modprobe rdma
need_settings
modprobe -q rdma_rxe && modprobe -q dummy || skip_all "there is no rdma_rxe or no dummy"
program=$(dirname "$0")/cm_options
[[ -x $program ]] || skip_all "cm_options is not built"
ip link add cm_dummy type dummy || skip_all "no net_dev can be made"
trap 'rdma link delete cm_rxe; ip link delete cm_dummy' EXIT
ip address add 192.0.2.1/24 dev cm_dummy
ip link set cm_dummy up
rdma link add cm_rxe type rxe netdev cm_dummy || skip_all "no RoCE device can be made"
wait_for 20 grep -qs ffff:c000:0201 /sys/class/infiniband/cm_rxe/ports/1/gids/* ||
	skip_all "the address does not become a GID"
"$program" cm_dummy 192.0.2.1
