#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Options of ids, and what a listener is told of a request, over software RoCE.
. "$(dirname "$0")/lib.sh"

need ip modprobe rdma sysctl
need_settings
need_rxe
program=$(dirname "$0")/cm_options
[[ -x $program ]] || skip_all "cm_options is not built"
own_qp=$(sysctl -n net.rdma_cm.own_qp)
trap 'remove_rxe; sysctl -qw net.rdma_cm.own_qp=$own_qp' EXIT
sysctl -qw net.rdma_cm.own_qp=1
make_rxe
"$program" cm_dummy 192.0.2.1
