#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What rdma-ns says on a kernel without RDMA: one line that names what is missing, and status 1.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"

says() # PATTERN WORD...
{
	local output status=0
	output=$("$tree/build/bin/rdma-ns" "${@:2}" 2>&1) || status=$?
	tap_match "${*:2}" "^1: rdma-ns: $1\$" "$status: $output"
}

if [[ -e /sys/class/infiniband ]]; then
	tap_skip "a kernel without RDMA" "this one has it"
	exit 0
fi
says "netdevs: this kernel has no RDMA: load ib_core and the driver of a device" netdevs
says "audit: this kernel has no RDMA: load ib_core and the driver of a device" audit --openmetrics
says "this kernel has no RDMA netlink: load ib_core" show
says "no RDMA device with port sib0/1 in this namespace: .*" resolve 10.0.0.5 from 10.0.0.9 dev sib0
says "ping: /dev/infiniband/rdma_cm cannot be opened \(.*\): load the module rdma_ucm" ping 10.0.0.5
says "listen: /dev/infiniband/rdma_cm cannot be opened \(.*\): load the module rdma_ucm" listen
tap_match "features says what there is" "unknown +0 +0 No such file or directory" \
	"$("$tree/build/bin/rdma-ns" --no-headings features)"
tap_end
