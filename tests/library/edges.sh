#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns at its edges: ids by name in another namespace, addresses left out, a namespace that ends while the
# process lives on, a program of the library under the preload, hosts without /sys and /proc.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/peers.sh
BUILD=${RDMA_NS_BUILD:-$PWD/build}
PRELOAD=${RDMA_NS_RUNTIME:+$RDMA_NS_RUNTIME:}$BUILD/lib/rdma-ns/librdma-ns-preload.so
# A child whose namespace is gone comes back to the host.
trap 'topology_down; ip link del ib1.pod 2>/dev/null || true' EXIT
red=10.0.0.5

topology_container red ib0
topology_container client ib1
topology_container pod ib1
topology_ready
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
topology_address pod ib1.pod 10.0.0.11/24
topology_batch pod "link add vr type vrf table 100" "link set vr up"
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null
topology_exec pod busybox ping -c 1 -w 5 $red >/dev/null

# A daemon of the host's that has had ids in a pod.
topology_start host edges "$BUILD/bin/ns-edges" pod ib1.pod vr $red
tap_equal "ids of a pod, by the names of its netdevs" "by name: there ib1.pod verify
the VRF's index: ok
bound to the VRF by index: ok
then: there vr verify
by a name of this namespace: ENODEV
by name again: ok
ended: ok
then: there  verify
no address to bind to: EINVAL
held while an id is there: yes
no destination: EINVAL
only a port: ok RDMA_CM_EVENT_ADDR_RESOLVED 10.0.0.11:4791
an endpoint without a destination: EINVAL
an endpoint with only a port: ok 4792
listed there: some
sockets more: 0
held after the last id: 0
listening for a signal" "$(cat "$topology_scratch/edges")"
ip netns del pod
tap_equal "a pod that is gone does not answer, though the daemon had ids there" "no answer" \
	"$(topology_exec client busybox ping -c 2 -w 3 10.0.0.11 >/dev/null 2>&1 && echo answers || echo "no answer")"
topology_silence
# For topology_down.
ip netns add pod

# The preload leaves the program's own library alone.
LD_PRELOAD=$PRELOAD RDMA_NS_POLICY=report serve red red -e -p strict $red
tap_equal "synchronous ids of librdma-ns under the preload: the QPN is there" "ESTABLISHED | accept | qpn" \
	"$(LD_PRELOAD=$PRELOAD ask -e -p strict $red | fields event) | $(last red | fields verdict by)"
topology_silence
LD_PRELOAD=$PRELOAD RDMA_NS_POLICY=report serve red red -p strict $red
tap_equal "and those with a channel" "ESTABLISHED | accept | qpn" \
	"$(LD_PRELOAD=$PRELOAD ask -p strict $red | fields event) | $(last red | fields verdict by)"
topology_silence

# Containers without /sys.
# shellcheck disable=SC2016
without=(unshare -m bash -c 'while umount -l "$1" 2>/dev/null; do :; done; exec "${@:2}"' -)
topology_start red red "${without[@]}" /sys "$PEER" listen -p verify $red
tap_equal "no /sys: an honest client, verify" "ESTABLISHED | accept | qpn | ib0.red" \
	"$(ask -p verify $red | fields event) | $(last red | fields verdict by netdev)"
tap_equal "no /sys: a client sends its QPNs" "ESTABLISHED | sent" \
	"$(topology_exec client "${without[@]}" /sys "$PEER" connect $red 2>&1 | fields event sent)"
topology_silence
# The dynamic linker, too, needs /proc to find a library beside the program, and LeakSanitizer to find leaks.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
export LD_LIBRARY_PATH=$BUILD/lib
tap_equal "no /proc: the documented errno (ENOENT)" "rdma_ns_create_id | -2" \
	"$(topology_exec client "${without[@]}" /proc "$PEER" connect $red 2>&1 | fields event status)"
for words in "netdevs" "netdevs -A" "audit -A" "show" "listen"; do
	# shellcheck disable=SC2086
	tap_match "no /proc: rdma-ns $words names the remedy" "^rdma-ns: ${words%% *}: .*: /proc is not mounted: 'mount -t proc proc /proc'\$" \
		"$(topology_exec client "${without[@]}" /proc timeout 20 "$BUILD/bin/rdma-ns" $words 2>&1)"
done
tap_end
