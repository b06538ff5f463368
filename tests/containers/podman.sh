#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# podman gives its containers netdevs by rdma-ns's hook: it finds the hook by the package's file, says why a container
# was refused, and a container that crashed or is restarted gets its address again.
# Fabric: --hosts 2
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/oci.sh
trap 'set +e; podman_ rm -af -t 0 >/dev/null 2>&1; rm -rf /opt/cni/bin/rdma-ns /var/lib/cni/networks/rdma; oci_down; topology_down' EXIT

# Without an image: what it sees is the guest's.
podman_()
{
	podman --cgroup-manager cgroupfs --storage-driver vfs --events-backend file --hooks-dir "$oci_scratch/hooks.d" \
		--runtime crun "$@" </dev/null
}
podman_run() # NAME ADDRESS COMMAND...
{
	podman_ run --detach --network none --ulimit memlock=-1 --cap-add NET_ADMIN --log-driver k8s-file \
		--device /dev/infiniband/rdma_cm --device /dev/infiniband/uverbs0 \
		-v /usr:/usr:ro -v /etc/libibverbs.d:/etc/libibverbs.d:ro -v "$TOPOLOGY_TREE:$TOPOLOGY_TREE:ro" \
		--name "$1" --annotation "org.rdma-ns.network.red=$2" \
		--rootfs "$oci_scratch/root" "${@:3}"
}
refused() # COMMAND...: its status and what it says
{
	local output status=0
	output=$("$@" 2>&1) || status=$?
	echo "$status: $output"
}
address() { oci_addresses "/proc/$(podman_ inspect -f '{{.State.Pid}}' "$1")/ns/net" ib0; } # NAME

oci_up
mkdir -p /var/lib/containers "$oci_scratch/hooks.d"
mountpoint -q /var/lib/containers || mount -t tmpfs tmpfs /var/lib/containers
# The package's file, with what is here in it.
jq '.hook.path = $ARGS.positional[0] | .hook.args += $ARGS.positional[1:]' librdmacm/command/rdma-ns-hook.json \
	--args -- "$RDMA_NS" --config "$oci_networks" --log "$oci_scratch/log" >"$oci_scratch/hooks.d/rdma-ns.json"
topology_container client ib1
topology_ready
topology_address client ib1.client 10.0.0.9/24

tap_run "a container with an address starts" podman_run red 10.0.0.5 "$CMWHO" listen --name red
tap_equal "it has the address" 10.0.0.5/24 "$(address red)"
tap_within 20 "and is reached" ip netns exec client "$CMWHO" connect 10.0.0.5
said=$(refused podman_run thief 10.0.0.5 sleep 300)
tap_match "one with the same address is refused with podman's status 126" '^126: ' "$said"
id=$(podman_ inspect -f '{{.Id}}' red)
tap_match "the log says who has it, and what to do" \
	"10.0.0.5 is taken on sib0/1, P_Key 0xffff: netdev ib0 of podman:${id:0:12} has it .*: remove it there" "$(oci_log)"
tap_run "a restarted one gets its address again" podman_ restart -t 0 red
oci_crash "$(podman_ inspect -f '{{.State.Pid}}' red)"
tap_run "so does one that crashed" podman_ start red
tap_equal "and has it, too" 10.0.0.5/24 "$(address red)"
podman_ rm -f -t 0 red >/dev/null
tap_run "when it has gone, another one may have the address" podman_ start thief
podman_ rm -f -t 0 thief >/dev/null
tap_equal "in the end nothing is left" "" "$(oci_left)"
# A network of podman's own, with the CNI plugin in it.
mkdir -p "$oci_scratch/net.d" /opt/cni/bin
ln -sf "$RDMA_NS" /opt/cni/bin/rdma-ns
cat >"$oci_scratch/net.d/rdma.conflist" <<'END'
{ "cniVersion": "0.4.0", "name": "rdma", "plugins": [ { "type": "rdma-ns", "device": "sib0", "ipam": {
	"type": "host-local", "ranges": [ [ { "subnet": "10.0.0.0/24", "rangeStart": "10.0.0.30", "rangeEnd": "10.0.0.30" } ] ],
	"routes": [ { "dst": "10.1.0.0/16" } ] } } ] }
END
network() { podman_ --network-config-dir "$oci_scratch/net.d" "$@"; } # ARGUMENT...
if [[ $(podman_ info -f '{{.Host.NetworkBackend}}') == cni ]]; then
	tap_run "a network of podman's own gives a container a netdev" \
		network run --detach --network rdma -v /usr:/usr:ro --name cni --rootfs "$oci_scratch/root" sleep 300
	netns=/proc/$(podman_ inspect -f '{{.State.Pid}}' cni)/ns/net
	tap_equal "with its address and route" "10.0.0.30/24 10.1.0.0/16" "$(oci_addresses "$netns" eth0) $(
		nsenter --net="$netns" ip route show proto static | sed 's/ .*//')"
	network rm -f -t 0 cni >/dev/null
	tap_equal "and when that has gone, nothing is left" "" "$(oci_left)"
else
	tap_skip "a network of podman's own" "it is netavark's, which calls no CNI plugins"
fi
tap_run "a container without the annotation does not call the hook" \
	podman_ run --rm --network none -v /usr:/usr:ro --rootfs "$oci_scratch/root" test ! -e /sys/class/net/ib0
tap_end
