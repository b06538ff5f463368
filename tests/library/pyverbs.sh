#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# pyverbs-tests: unittests of the library, through its Python module and pyverbs, over software
# InfiniBand, RoCE and iWARP. Arguments are run's. PYVERBS_DEVICES (all three) are those on which something must have
# run, PYVERBS_LEVEL (1) is what the library has to say of the kernel.
# Fabric: --hosts 2
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh

if [[ ${1:-} == links ]]; then
	modprobe -a 8021q siw
	links_rxe
	# The client is on the listener's own netdev.
	ip link add v2 type veth peer name v3
	topology_batch host "link set v2 up" "link set v3 up" "addr add 10.2.0.1/24 dev v2"
	rdma link add siw0 type siw netdev v2
	exit
fi
said=$(mktemp)
trap 'topology_down; links_down; ip link del v2 2>/dev/null || true; rm -f -- "$said"' EXIT

# Without it, Python would start itself anew with it.
export LD_LIBRARY_PATH=${RDMA_NS_BUILD:-$PWD/build}/lib
[[ -z ${RDMA_NS_RUNTIME-} ]] || export LD_PRELOAD=$RDMA_NS_RUNTIME
status=0
# InfiniBand alone at first: whoever asks for netdevs reads the whole table of GIDs of each RoCE device.
pyverbs-tests/run -v --then "$0 links" "$@" | tee "$said" || status=$?
tap_equal "pyverbs-tests/run ends with status 0" 0 "$status"
for device in ${PYVERBS_DEVICES-sib0 rxe0 siw0}; do
	tap_run "and has run on $device" grep -q "^ok - $device: " "$said"
done
tap_equal "the library tells the level of this kernel" "${PYVERBS_LEVEL-1}" \
	"$("${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns" --json features | jq -r '.features[0].level')"
tap_equal "it leaves no namespace behind" "" "$(ip netns list)"
tap_equal "and no netdev" "" "$(ip -o link show | grep -o 'rns[^ ]*' || true)"
tap_end
