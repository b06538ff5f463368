#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Exclusive RDMA namespace mode: librdma-ns listens in another namespace, with that one's device, and says
# what cannot be done from outside.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/peers.sh
trap 'topology_silence; ip netns del tenant 2>/dev/null || true; ip netns del host; ip addr flush dev ib0' EXIT
peers_client=host

adopted() { ip link set ib1 netns tenant && ip -n tenant addr add 10.0.0.9/24 dev ib1 && ip -n tenant link set ib1 up; }
reached() { ip netns exec tenant busybox ping -c 1 -w 1 10.0.0.5; }
free() { [[ $(rdma dev show) == *sib0*sib1* || $(rdma dev show) == *sib1*sib0* ]]; }

ip link set ib0 up
ip addr add 10.0.0.5/24 dev ib0
ip netns attach host $$
# The kernel says EBUSY until the last namespace is wholly gone.
tap_within 20 "exclusive mode" rdma system set netns exclusive
ip netns add tenant
ip -n tenant link set lo up
rdma dev set sib1 netns tenant
tap_within 20 "the tenant has the netdev" adopted
tap_within 20 "it reaches the host" reached
qpn=$(topology_qpn tenant ib1)
busybox ping -c 1 -w 5 10.0.0.9 >/dev/null

serve host tenant -N tenant -p strict 10.0.0.9
tap_equal "from the host, a listener in the tenant's namespace" "ESTABLISHED | as aimed | $qpn" \
	"$(ask -p strict 10.0.0.9 | fields event who peer_qpn)"
tap_equal "it knows the netdev and device there" \
	"accept | ib1 | sib1 | $(ip netns exec tenant stat -Lc %i /proc/self/ns/net) | $qpn | qpn | delivered" \
	"$(last tenant | fields verdict netdev device netns netdev_qpn by route)"
tap_equal "and answers again" "ESTABLISHED" "$(ask 10.0.0.9 | fields event)"
topology_silence
serve host tenant -N tenant -u 10.0.0.9
tap_equal "datagrams" "ESTABLISHED | as aimed" "$(ask -u 10.0.0.9 | fields event who)"
topology_silence
for address in 0.0.0.0 ::; do
	tap_equal "a wildcard ($address) is not supported" '{"event":"rdma_ns_bind_addr","status":-95}' \
		"$("$PEER" listen -N tenant $address 2>&1)"
done
tap_equal "an address that the tenant does not have" '{"event":"rdma_ns_bind_addr","status":-99}' \
	"$("$PEER" listen -N tenant 10.0.0.5 2>&1)"
tap_equal "connecting from there is not supported" '{"event":"rdma_ns_resolve_addr","status":-95}' \
	"$(ask -N tenant 10.0.0.5)"
tap_equal "nothing of it still listens" "" "$(ip netns exec tenant rdma resource show cm_id | grep LISTEN || true)"
serve tenant tenant 0.0.0.0
tap_equal "a program that runs there may" "ESTABLISHED" "$(ask 10.0.0.9 | fields event)"
topology_silence
ip netns del tenant
tap_within 20 "the host has the device again" free
tap_within 20 "shared mode again" rdma system set netns shared
tap_end
