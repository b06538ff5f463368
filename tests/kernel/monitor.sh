#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns monitor on the extended kernel: each resolution, refusals with their reasons, filters, what is left out; and no
# trace of it remains, also of one that was killed.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/monitor.sh
tracing=/sys/kernel/tracing
trap 'end_monitors || true; topology_down; rm -rf -- "$scratch"' EXIT
scratch=$(mktemp -d)
lines=$scratch/lines

said() { jq -r "$1" "$lines" 2>/dev/null; } # JQ-EXPRESSION
resolutions() # NAME LINES: "VERDICT LOCAL PEER NETDEV NETNS DECIDED-BY REASON"
{
	here()
	{
		local now
		now=$(said 'select(.event == "resolution") | [.verdict, .local, (.peer // "" | sub(":[0-9]+$"; "")), .netdev, .netns, .decided_by, .reason] | map(values) | join(" ")' |
			sort -u | paste -sd'|')
		[[ $now == "$1" ]] || { echo "$now"; return 1; }
	}
	tap_within 10 "$1" here "$2"
}

topology_container red ib0
topology_container green ib0
topology_container client ib1
topology_ready
topology_address red ib0.red 10.0.0.5/24
topology_address green ib0.green 10.0.0.7/24
topology_address client ib1.client 10.0.0.9/24
lladdr=$(topology_lladdr red ib0.red)
topology_batch client "neigh replace 10.0.0.5 lladdr $lladdr dev ib1.client nud permanent" \
	"neigh replace 10.0.0.66 lladdr $lladdr dev ib1.client nud permanent"
mountpoint -q $tracing || mount -t tracefs tracefs $tracing

topology_listen red red --bind 10.0.0.5
monitor "$lines" resolutions
connect() { topology_exec client "$CMWHO" connect "$@" >/dev/null 2>&1 || true; } # ADDRESS
connect 10.0.0.5
resolutions "a request that is accepted" "accept 10.0.0.5:7471 10.0.0.9 ib0.red red qpn"
tap_equal "its netdev, QPN, rule and policy are told" "sib0 1 0xffff $(topology_qpn red ib0.red) delivered address report" \
	"$(said 'select(.event == "resolution") | [.device, .port, .p_key, .wanted_qpn, .route, .rule, .policy] | map(tostring) | join(" ")' | head -n 1)"

: >"$scratch/refused"
monitor "$scratch/refused" --verdict reject --address 10.0.0.66 resolutions
connect 10.0.0.66
resolutions "one that is refused, and why" \
	"accept 10.0.0.5:7471 10.0.0.9 ib0.red red qpn|reject 10.0.0.66:7471 10.0.0.9 ib0.red red qpn a packet would not be delivered"
topology_silence
# Where no namespace listens on the port, ib_cm answers, and nothing is resolved.
topology_listen green green --bind 10.0.0.7
connect 10.0.0.5
no_listener() { said 'select(.verdict == "reject" and .local == "10.0.0.5:7471") | .reason' | grep -qx 'no listener'; }
tap_within 10 "nobody listens any more" no_listener
tap_equal "filters: the verdict and the address" "10.0.0.66:7471 reject" \
	"$(jq -r 'select(.event == "resolution") | "\(.local) \(.verdict)"' "$scratch/refused" | sort -u)"
tap_equal "two of them take nothing from each other" "2" "$(find $tracing/instances -mindepth 1 -maxdepth 1 -name 'rdma-ns-*' | wc -l)"

# The end.
status=0
end_monitors || status=$?
tap_equal "SIGTERM: status 0, and the trace is gone" "0 " "$status $(ls $tracing/instances)"
monitor "$lines" resolutions
kill -KILL "$monitor"
wait "$monitor" 2>/dev/null || true
monitors=()
tap_equal "one that was killed leaves its trace behind" "rdma-ns-$monitor" "$(ls $tracing/instances)"
monitor "$lines" resolutions
tap_equal "which the next one removes" "rdma-ns-$monitor" "$(ls $tracing/instances)"
end_monitors
umount $tracing
monitor "$lines"
unmounted() { said 'select(.unseen == "resolutions") | .what' | grep -q '^tracefs is not mounted: '; }
tap_within 10 "where tracefs is not mounted, this is said with the remedy" unmounted
mount -t tracefs tracefs $tracing
end_monitors
tap_end
