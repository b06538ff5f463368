#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns ping, listen and features name the cause where the host knows it: a route without an RDMA device, netdevs that
# are down, device files that are missing or forbidden, a full server; and listen survives a bond's failover.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/nodes.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
clients=()
trap 'clients_end; topology_down; rmmod bonding 2>/dev/null || true' EXIT
red=10.0.0.5

clients_end()
{
	local client
	for client in "${clients[@]}"; do
		kill "$client" 2>/dev/null || true
		wait "$client" || true
	done
	clients=()
}

fails() # NAME STATUS PATTERN COMMAND...
{
	local errors code=0
	errors=$("${@:4}" 2>&1 >/dev/null) || code=$?
	tap_match "$1" "^$2: rdma-ns: $3\$" "$code: $errors"
}

topology_container red ib0
topology_container client ib1
topology_ready
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
topology_batch client "link add d0 type dummy" "link set d0 up" "addr add 10.9.0.1/24 dev d0"
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null

# The network.
fails "a route through a netdev without an RDMA device" 1 \
	"ping: 10.9.0.5:7471: cannot be resolved: the route leads through 'd0', which has no RDMA device: 'rdma-ns netdevs' .*" \
	"$RDMA_NS" ping -N client -W 3 10.9.0.5
fails "an address on a netdev without an RDMA device" 1 \
	"listen: cannot listen on 10.9.0.1:7471: the address is on 'd0', which has no RDMA device: .*" "$RDMA_NS" listen -N client 10.9.0.1
fails "an address of nobody" 1 "listen: cannot listen on 10.0.0.77:7471: no netdev of this namespace has this address: .*" \
	"$RDMA_NS" listen -N client 10.0.0.77
topology_ip client link set ib1.client down
fails "a netdev that is down" 1 "ping: $red:7471: cannot be resolved: netdev 'ib1.client' is down: 'ip -n client link set ib1.client up'" \
	"$RDMA_NS" ping -N client -W 3 $red
# shellcheck disable=SC2016 # it is a name
hostile='$(id>x)'
topology_ip client link set ib1.client name "$hostile"
fails "one whose name a shell would run" 1 \
	"ping: $red:7471: cannot be resolved: netdev '[$]\(id>x\)' is down: 'ip -n client link set if[0-9]+ up'" \
	"$RDMA_NS" ping -N client -W 3 $red
topology_ip client link set "$hostile" name ib1.client
topology_ip client link set ib1.client up
topology_new=("client ib1.client")
topology_ready
topology_ip red link set ib0.red down
topology_start host down "$RDMA_NS" listen --netns red $red
tap_match "a listener whose netdev is down says so" "rdma-ns: listen: $red:7471: netdev 'ib0.red' is down: 'ip -n red link set ib0.red up'" "$(<"$(topology_log down)")"
topology_silence
topology_ip red link set ib0.red up
topology_new=("red ib0.red")
topology_ready
topology_exec client busybox ping -c 1 -w 10 $red >/dev/null

# Device files.
fails "no rdma_cm, though the module is loaded" 1 \
	"ping: there is no /dev/infiniband/rdma_cm here, though the module is loaded: give this container the device" \
	with_nodes uverbs0 uverbs1 -- "$RDMA_NS" ping $red
fails "no uverbs" 1 \
	"ping: /dev/infiniband/uverbs[01] of device 'sib[01]' cannot be opened \(No such file or directory\): give this container the device" \
	with_nodes rdma_cm -- "$RDMA_NS" ping -N client -W 5 $red
fails "no uverbs, listening" 1 "listen: /dev/infiniband/uverbs[01] of device 'sib[01]' .*" \
	with_nodes rdma_cm -- "$RDMA_NS" listen -N red $red
status=0
features=$(with_nodes -- "$RDMA_NS" --json features 2>"$topology_scratch/errors") || status=$?
tap_equal "features does not guess a level" "3: null | unknown | No such file or directory: rdma-ns: features: there is no /dev/infiniband/rdma_cm here, though the module is loaded: give this container the device" \
	"$status: $(jq -r '.features[0] | [.level, .level_name, .rdma_cm] | map(tostring) | join(" | ")' <<<"$features"): $(<"$topology_scratch/errors")"
tap_run "features: status 0 with all of them" "$RDMA_NS" features

# A server that is full, and one that has done its work.
topology_start host full "$RDMA_NS" listen --netns red --quiet $red
for ((i = 0; i < 64; i++)); do
	"$RDMA_NS" ping -N client -q -i 30 -W 60 $red >"$topology_scratch/client.$i" 2>&1 &
	clients+=("$!")
done
for ((i = 0; i < 64; i++)); do
	until [[ $(<"$topology_scratch/client.$i") == *'this side'* ]] || ! kill -0 "${clients[i]}" 2>/dev/null; do topology_nap; done
done
tap_equal "64 clients are served" 64 "$(grep -l 'this side' "$topology_scratch"/client.* | wc -l)"
fails "a full server says so" 1 "ping: $red:7471: rejected: the listener serves as many clients as it can: try again later" \
	"$RDMA_NS" ping -N client -W 30 -c 1 $red
clients_end
topology_silence

# A bond over both HCAs fails over: its listener goes on.
topology_container bonded ib0
topology_child bonded ib1 ib1.bonded 0xffff
topology_ready
modprobe bonding max_bonds=0
topology_batch bonded "link add bd type bond mode active-backup fail_over_mac 1 miimon 100" "link set bd addrgenmode none" \
	"link set ib0.bonded down" "link set ib0.bonded master bd" "link set ib1.bonded down" "link set ib1.bonded master bd" \
	"link set bd up" "addr add 10.0.0.6/24 dev bd"
answers() { "$RDMA_NS" ping -N client -c 1 -W 5 10.0.0.6; }
tap_within 20 "the bond answers" topology_exec client busybox ping -c 1 -w 2 10.0.0.6
topology_start host bond "$RDMA_NS" listen --netns bonded --policy strict 10.0.0.6
listener=$topology_started
tap_run "its listener as well" answers
topology_ip bonded link set bd type bond active_slave ib1.bonded
topology_exec client ip neigh flush dev ib1.client
topology_exec client busybox ping -c 3 -w 10 10.0.0.6 >/dev/null || true
tap_within 20 "and after a failover to the other HCA" answers
tap_run "it is the same process" kill -0 "$listener"
tap_match "it tells the change" "the netdev of 10.0.0.6:7471 has another port now: still listening" "$(<"$(topology_log bond)")"
topology_ip bonded link set bd type bond active_slave ib0.bonded
topology_exec client ip neigh flush dev ib1.client
topology_exec client busybox ping -c 3 -w 10 10.0.0.6 >/dev/null || true
tap_within 20 "and back" answers
topology_start host wild "$RDMA_NS" listen --netns bonded -p 7472
wild=$topology_started
topology_ip bonded link set bd type bond active_slave ib1.bonded
topology_exec client ip neigh flush dev ib1.client
topology_exec client busybox ping -c 3 -w 10 10.0.0.6 >/dev/null || true
tap_within 20 "a wildcard listener as well" "$RDMA_NS" ping -N client -c 1 -W 5 -p 7472 10.0.0.6
tap_run "and it is the same process" kill -0 "$wild"
topology_silence

# Batches name the line, and a script's status is its worst.
status=0
errors=$(printf 'features\n\n# remark\nresolve 10.0.0.5\nnetdevs sib0/9\n' | "$RDMA_NS" -b - 2>&1 >/dev/null) || status=$?
tap_equal "a batch's errors name the line" \
	"2: rdma-ns: standard input:4: resolve: from ADDRESS is missing; see 'rdma-ns --help'
rdma-ns: standard input:5: netdevs: there is no netdev of 'sib0/9' in this namespace: -A searches all namespaces" "$status: $errors"
tap_end
