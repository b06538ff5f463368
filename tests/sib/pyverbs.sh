#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# pyverbs' own tests of RDMA CM, as rdma-core's package has them: they find the address to use by way of the HCA's
# parent device, and skip without it.
# Fabric: --hosts 1
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
package=/usr/share/doc/rdma-core/tests
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

if [[ ! -d $package ]]; then
	tap_skip "pyverbs' tests" "this machine keeps no documentation of packages"
	exit 0
fi
cp -r $package "$scratch/tests"
find "$scratch/tests" -name '*.gz' -exec gunzip {} +
ip addr add 10.0.0.5/24 dev ib0
ip link set ib0 up
topology_ready
tap_within 20 "the port's address is usable" ping -c 1 -W 1 10.0.0.5

names=(test_rdmacm_sync_traffic test_rdmacm_async_traffic test_rdmacm_async_reject_traffic)
said=$(timeout 120 /usr/bin/python3 -B "$scratch/tests/run_tests.py" -v --dev sib0 \
	"${names[@]/#/test_rdmacm.CMTestCase.}" 2>&1) || true
for name in "${names[@]}"; do
	tap_match "$name passes" "(^|"$'\n'")$name [^"$'\n'"]*\.\.\. ok" "$said"
done
tap_end
