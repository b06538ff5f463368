#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns netdevs and audit against ip, the kernel's own words: IPoIB children, other P_Keys, bond, VRF,
# VLAN over rxe, several namespaces.
# Fabric: --hosts 2 --partitions tests/lib/partitions.conf
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
# With the parent its children go down, too: at the end.
trap 'topology_down; ip link set ib0 down; rdma link del rxe0 2>/dev/null || true; ip link del v0 2>/dev/null || true; rmmod bonding 2>/dev/null || true' EXIT

netdevs() # NETNS OPTION...
{
	topology_exec "$1" "$RDMA_NS" --json netdevs "${@:2}"
}

# What ip says of the InfiniBand netdevs here, in rdma-ns's fields: NETDEV IFINDEX QPN P_KEY UP ADDRESSES.
expected() # NETNS
{
	topology_exec "$1" ip -j -d addr show | jq -r '
		def address: "\(.local)/\(.prefixlen)";
		.[] | select(.link_type == "infiniband") |
		(.address | split(":")) as $bytes |
		[.ifname, .ifindex, "0x" + ($bytes[1:4] | join("")),
			"0x" + (.broadcast | split(":")[8:10] | join("")),
			(.flags | any(. == "UP")),
			([.addr_info[] | address] | sort | join(","))] | join(" ")' | sort
}

actual() # NETNS
{
	netdevs "$1" | jq -r '.netdevs[] | select(.transport == "ib") |
		[.netdev, .ifindex, .qpn, .p_key, .up, ([.addresses[] | values] | sort | join(","))] | join(" ")' | sort
}

field() # NETNS NETDEV FIELD
{
	netdevs "$1" | jq -r --arg netdev "$2" ".netdevs[] | select(.netdev == \$netdev) | .$3"
}

same() # NAME NETNS
{
	tap_equal "$1" "$(expected "$2")" "$(actual "$2")"
}

topology_pods
topology_address blue ib0.blue 10.0.0.6/24

same "the host's netdevs are as ip says" host
same "a namespace's netdevs are as ip says, two P_Keys" red
tap_equal "IPoIB: two netdevs in it" 2 "$(actual red | wc -l)"
tap_equal "the device and port are those of the GID" "sib0 1" \
	"$(field red ib0.red device) $(field red ib0.red port)"
tap_equal "and the host's other netdev is another device's" "sib1 1" "$(field host ib1 device) $(field host ib1 port)"
tap_equal "the namespace is named" red "$(field red ib0.red netns)"
tap_equal "the kind" ipoib "$(field red ib0.red kind)"

tap_equal "-A lists all namespaces" "blue bonded pid:1 red routed" \
	"$(netdevs host -A | jq -r '.netdevs[].netns' | sort -u | paste -sd' ')"
tap_equal "DEVICE chooses" "sib1" "$(netdevs host -A sib1 | jq -r '.netdevs[].device' | sort -u)"
tap_equal "DEVICE/PORT chooses" "ib1" "$(netdevs host sib1/1 | jq -r '.netdevs[].netdev')"
tap_fail "a port that is not there" "$RDMA_NS" netdevs sib1/2
tap_match "a table for people" "sib0 +1 ib +ib0.red .* red +ipoib yes +0xffff" "$("$RDMA_NS" netdevs -A)"

# Changes.
topology_ip red link set ib0.red down
topology_ip red link set ib0.red name eth0
same "renamed, and down" red
topology_ip red link set eth0 name ib0.red
topology_ip red link set ib0.red up
topology_ip blue link set ib0.blue netns red
same "moved here" red
same "moved away" blue
topology_ip red link set ib0.blue netns blue
topology_ip blue link set ib0.blue up
topology_address blue ib0.blue 10.0.0.6/24

# A bond has its active port's address.
topology_bond bonded ib0.bonded
topology_address bonded bd 10.0.3.5/24
same "a bond and its port" bonded
tap_equal "the bond has the port's QPN" "$(field bonded ib0.bonded qpn)" "$(field bonded bd qpn)"
tap_equal "the bond's device" "sib0" "$(field bonded bd device)"

topology_vrf routed ib0.routed
topology_address routed ib0.routed 10.0.4.5/24
same "a VRF's port" routed

# Collisions.
wins() # of each holder of an address that collides, as "blue=no red=yes"
{
	local report
	report=$("$RDMA_NS" --json audit -A) || true
	jq -r '[.audit[] | select(.harm == "collision") | "\(.netns)=\(.wins)"] | sort | unique | join(" ")' <<<"$report"
}

tap_run "audit: nothing collides" "$RDMA_NS" audit -A
topology_address blue ib0.blue 10.0.0.5/24
topology_address blue ib0.blue fd00::5/64
# It went when the netdev was down.
topology_address red ib0.red fd00::5/64
status=0
report=$("$RDMA_NS" --json audit -A) || status=$?
tap_equal "audit: a stolen address has status 1" 1 "$status"
tap_equal "audit names both, IPv4 and IPv6; red's netdev is the older one" \
	"10.0.0.5 blue ib0.blue collision no,10.0.0.5 red ib0.red collision yes,fd00::5 blue ib0.blue collision no,fd00::5 red ib0.red collision yes" \
	"$(jq -r '.audit[] | select(.harm == "collision") | [.address, .netns, .netdev, .harm, .wins] | join(" ")' <<<"$report" | sort | paste -sd,)"
tap_equal "audit: link-local addresses of one port are alike without anybody's doing" 3 \
	"$(jq '[.audit[] | select(.harm == "same port")] | length' <<<"$report")"
tap_run "audit: within one namespace nothing is seen" topology_exec red "$RDMA_NS" audit
metrics=$("$RDMA_NS" audit -A --openmetrics) && status=0 || status=$?
tap_equal "openmetrics: status 1 as well" 1 "$status"
tap_equal "openmetrics: read by another program" \
	"collision:fd00::5:blue:no=1 collision:fd00::5:red:yes=1 addresses:collision=2 addresses:same port=1" \
	"$(/usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
	for sample in family.samples:
		l = sample.labels
		if l.get("address") == "fd00::5":
			print("collision:%s:%s:%s=%d" % (l["address"], l["netns"], l["wins"], sample.value))
		elif l.get("harm") in ("collision", "same port"):
			print("addresses:%s=%d" % (l["harm"], sample.value))
' <<<"$metrics" 2>&1 | paste -sd' ')"
tap_equal "openmetrics: names may pass from one namespace to another, the namespace's number does not" \
	"netns=\"red\",netns_inode=\"$(stat -L -c %i /run/netns/red)\",netdev=\"ib0.red\",upper=\"\",ifindex=\"$(field red ib0.red ifindex)\"" \
	"$(grep -o 'netns="red".*,ifindex="[0-9]*"' <<<"$metrics" | sort -u)"
topology_ip red link set ib0.red down
tap_equal "audit: the first one is down: its requests are rejected" "blue=no red=down" "$(wins)"
topology_ip red link set ib0.red netns blue
topology_ip blue link set ib0.red netns red
topology_ip red link set ib0.red name ib0.old
topology_ip red link set ib0.old name ib0.red
topology_ip red link set ib0.red up
topology_address red ib0.red 10.0.0.5/24
tap_equal "audit: order survives moves and other names" "blue=no red=yes" "$(wins)"
topology_ip red link del ib0.red
topology_child red ib0 ib0.red 0xffff
topology_ready
topology_address red ib0.red 10.0.0.5/24
tap_equal "audit: red's netdev is the younger one now" "blue=yes red=no" "$(wins)"
topology_ip host link set ib0 up
topology_address host ib0 10.0.0.5/24
tap_equal "audit: the parent comes before them all" "blue=no pid:1=yes red=no" "$(wins)"
topology_ip host addr del 10.0.0.5/24 dev ib0
topology_ip blue addr del 10.0.0.5/24 dev ib0.blue
topology_ip blue addr del fd00::5/64 dev ib0.blue
topology_address blue ib0.blue 10.0.1.5/24
status=0
report=$("$RDMA_NS" --json audit -A) || status=$?
tap_equal "audit: the same address on another P_Key is harmless" "0: blue other P_Key,red other P_Key" \
	"$status: $(jq -r '.audit[] | select(.address == "10.0.1.5") | [.netns, .harm] | join(" ")' <<<"$report" | sort | paste -sd,)"
topology_address host ib1 10.0.0.5/24
status=0
report=$("$RDMA_NS" --json audit -A) || status=$?
tap_equal "audit: so is one on another port" "0: pid:1 other port,red other port" \
	"$status: $(jq -r '.audit[] | select(.address == "10.0.0.5") | [.netns, .harm] | join(" ")' <<<"$report" | sort | paste -sd,)"
topology_ip host addr del 10.0.0.5/24 dev ib1
topology_address red ib0.8001 10.0.0.5/32
tap_run "audit: nor is there a collision within the namespace" "$RDMA_NS" audit -A
topology_ip red addr del 10.0.0.5/32 dev ib0.8001

# RoCE and VLANs.
links_rxe_vlan
roce() { netdevs "$1" rxe0 | jq -r '.netdevs[] | [.transport, .netdev, .vlan] | join(" ")' | sort | paste -sd,; }
tap_within 10 "rxe: the netdev and its VLAN" test "roce v0 ,roce v0.7 7" = "$(sleep 1; roce host)"
tap_fail "rxe: not of a namespace with none of its netdevs" topology_exec red "$RDMA_NS" netdevs rxe0
# A namespace with a netdev of the same name, and even the same address, but not the same MAC.
topology_ip red link add v0 type veth peer name v1
topology_ip red link set v0 up
tap_fail "rxe: a netdev elsewhere that is called the same" topology_exec red "$RDMA_NS" netdevs rxe0
topology_ip red link del v0

tap_equal "openmetrics: the level, and no policy of a stock kernel" \
	"rdma_ns_kernel_level $("$RDMA_NS" --json features | jq -r ".features[0].level")" \
	"$(grep '^rdma_ns_kernel' <<<"$metrics")"

features=$("$RDMA_NS" --json features)
tap_equal "features: namespaces" "$(rdma system | grep -o 'netns [a-z]*' | cut -d' ' -f2)" \
	"$(jq -r '.features[0].netns_mode' <<<"$features")"
tap_equal "features: devices" "$(rdma dev | wc -l)" "$(jq -r '.features[0].devices' <<<"$features")"
tap_equal "features: rdma_cm" available "$(jq -r '.features[0].rdma_cm' <<<"$features")"

# Not root: its own namespace, without any privilege; only the name of process 1's is not for everybody.
unnamed() { jq -S 'del(.netdevs[] | .netns, .netns_pid, .netns_command)'; }
tap_equal "any user may list netdevs" "$(netdevs host | unnamed)" \
	"$(setpriv --reuid 65534 --clear-groups "$RDMA_NS" --json netdevs | unnamed)"
tap_end
