#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What a refused peer is told: what an IP stack would tell it, and no more, whichever step refused it and for which
# reason. The reasons are counted and traced. And who may read and set the host's parameters.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/script.sh
bin=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin
own_gid=$(</sys/class/infiniband/sib0/ports/1/gids/0)
peer_gid=$(</sys/class/infiniband/sib1/ports/1/gids/0)
trap 'settings_reset; topology_down' EXIT
settings_watch

topology_container blue ib0
topology_container green ib0
topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container client ib1
topology_child client ib1 ib1.8001 0x8001
topology_ready
topology_batch red "addr add 10.0.0.5/24 dev ib0.red" "addr add fd00::5/64 dev ib0.red nodad" "addr add 10.0.1.5/24 dev ib0.8001"
for netns in blue green; do
	topology_exec $netns sysctl -qw net.ipv4.conf.all.arp_ignore=8
done
# 10.0.0.55: at a QPN that no netdev has. 10.0.0.66 and 10.0.0.77: at red's, which does not have them.
lladdr=$(topology_lladdr red ib0.red)
topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad" \
	"addr add 10.0.1.9/24 dev ib1.8001" \
	"neigh replace 10.0.0.55 lladdr ${lladdr/[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]/00:0f:ff} dev ib1.client nud permanent" \
	"neigh replace 10.0.0.66 lladdr $lladdr dev ib1.client nud permanent" \
	"neigh replace fd00::66 lladdr $lladdr dev ib1.client nud permanent" \
	"neigh replace 10.0.0.77 lladdr $lladdr dev ib1.client nud permanent" \
	"route add 10.0.0.6/32 dev ib1.8001 src 10.0.1.9" \
	"neigh replace 10.0.0.6 lladdr $(topology_lladdr red ib0.8001) dev ib1.8001 nud permanent"
topology_batch red "addr add 10.0.0.6/24 dev ib0.red"


# What has been refused since the last call, by reason.
declare -A counts
counted()
{
	local what name number new=
	while read -r what name number; do
		[[ $what == refused ]] || continue
		[[ $number == "${counts[$name]-0}" ]] || new+="$name $((number - ${counts[$name]-0})) "
		counts[$name]=$number
	done < <(settings_requests)
	words=${new% }
}

answer() # KIND ADDRESS [PORT] [HEX]
{
	echo "connect $1 client $2 ${3:-7350} - ${4:-01000000}" | "$CM_SCRIPT" 2>&1
}

told() # REASON RC SIDR ADDRESS [PORT] [HEX]
{
	counted
	tap_equal "$1: what the peer is told" "RDMA_CM_EVENT_REJECTED $2, RDMA_CM_EVENT_UNREACHABLE $3" \
		"$(answer rdma "${@:4}"), $(answer rdma-udp "${@:4}")"
	counted
	tap_equal "$1: how it is counted" "$1 2" "$words"
}

# How requests have been counted so far: accepted by QPN, refused as REASON, and in all.
numbers() # REASON
{
	settings_requests |
		awk -v reason="$1" '{ all += $3 } $2 == "qpn" { qpn = $3 } $2 == reason { refused = $3 } END { print qpn, refused, all }'
}

# What COMMAND's requests, so many, add to these.
adds() # REASON NUMBER COMMAND...
{
	local old new i
	read -ra old <<<"$(numbers "$1")"
	"${@:3}"
	for ((i = 0; i < topology_patience; i++)); do
		read -ra new <<<"$(numbers "$1")"
		((new[2] - old[2] < $2)) || break
		topology_nap
	done
	added="$((new[0] - old[0])) accepted, $((new[1] - old[1])) refused, $((new[2] - old[2])) in all"
}

undelivered() { told "$1" "reason 11" "reason 11" "${@:2}"; } # REASON ADDRESS [PORT] [HEX]
no_listener() { told "$1" 8 1 "${@:2}"; }

session_begin
for kind in rdma rdma-udp; do
	for command in "create any$kind $kind red" "receive any$kind" "bind any$kind :: 7350" "listen any$kind" \
		"create strict$kind $kind red" "set strict$kind 4 02000000" "bind strict$kind :: 7351" "listen strict$kind" \
		"create bound$kind $kind red" "netdev bound$kind ib0.8001" "bind bound$kind :: 7352" "listen bound$kind" \
		"create green$kind $kind green" "bind green$kind :: 7353" "listen green$kind"; do
		session "$command" >/dev/null
	done
done

undelivered qpn_unknown 10.0.0.55
undelivered route 10.0.0.66
undelivered route fd00::66
undelivered unresolved 10.0.0.77 7350 00000000
undelivered no_qpn 10.0.0.5 7351 00000000
undelivered handling_differs 10.0.0.6 7351
no_listener bound_elsewhere 10.0.0.5 7352
no_listener no_listener 10.0.0.5 7353
# The netdev has the QPN, and is down.
topology_ip red link set ib0.8001 down
undelivered route 10.0.0.6
topology_ip red link set ib0.8001 up
tap_equal "and where no namespace has a listener" "RDMA_CM_EVENT_REJECTED 8, RDMA_CM_EVENT_UNREACHABLE 1" \
	"$(answer rdma 10.0.0.5 7354), $(answer rdma-udp 10.0.0.5 7354)"

# A request by hand to red's QPN.
by_hand() # rc|ud PORT [VERSION]
{
	"$bin/cm-mad" "$1" sib1 "$(</sys/class/infiniband/sib0/ports/1/lid)" "$own_gid" "$peer_gid" 0xffff 10.0.0.9 10.0.0.5 \
		"$2" "$(topology_qpn red ib0.red)" "${@:3}"
}

# The listener's backlog is 8, and it never takes a request. Later ones pass all steps and are refused all the same.
overflow()
{
	local i
	for ((i = 0; i < 10; i++)); do
		by_hand ud 7356
	done
}
for command in "create full rdma-udp red" "bind full 0.0.0.0 7356" "listen full"; do
	session "$command" >/dev/null
done
adds not_taken 10 overflow
tap_equal "a listener that is full: each request is counted once" "8 accepted, 2 refused, 10 in all" "$added"
session "close full" >/dev/null

for kind in rc ud; do
	adds malformed 1 by_hand $kind 7350 1
	tap_equal "a header of an unknown version: counted once ($kind)" "0 accepted, 1 refused, 1 in all" "$added"
done

# The listener learns that others have the address, too, but not how many do; the tracepoint has the number.
for netns in blue green; do
	topology_address $netns ib0.$netns 10.0.0.5/24
done
for command in "create blue rdma blue" "receive blue" "bind blue :: 7355" "listen blue"; do
	session "$command" >/dev/null
done
tracing=/sys/kernel/tracing
mountpoint -q $tracing || mount -t tracefs tracefs $tracing
if ! settings_series; then
	echo >$tracing/trace
	echo 1 >$tracing/events/cma_ns/enable
fi
echo "connect rdma client 10.0.0.5 7355 - 00000000" | "$CM_SCRIPT" >/dev/null 2>&1 &
client=$!
tap_equal "three netdevs fit: the first one's listener" blue "$(session request)"
tap_match "it learns that there are several, not how many" ' by=6 .* reason=4 policy=0 candidates=2 ' "$(session record)"
wait "$client" || true
settings_series || echo 0 >$tracing/events/cma_ns/enable
tap_match "the tracepoint tells the number" 'decided_by=ambiguous candidates=3 .* reason=ambiguous refusal=none$' \
	"$(grep -E '(cma_ns_resolve|cm_req_ingress): ' $tracing/trace)"
settings_policy verify
undelivered ambiguous 10.0.0.5 7350 00000000
settings_policy report

if settings_series; then
	tap_skip "what a peer is told if the administrator lets it be told" "kernel/series never does so"
else
	settings_explain Y
	told qpn_unknown "reason 2" "reason 2" 10.0.0.55
	told route "reason 6" "reason 6" 10.0.0.66
	told bound_elsewhere "reason 9" "reason 9" 10.0.0.5 7352
	told no_listener "reason 8" "reason 8" 10.0.0.5 7353
	settings_explain N
	undelivered qpn_unknown 10.0.0.55
fi
session_end

# The host's parameters: not a container's to set or to read, though it has root's capabilities and the files.
in_container() { topology_exec blue bash -c "$1" 2>/dev/null; } # COMMAND
if settings_series; then
	tap_run "policy and send_qpn: a container sets its own" in_container \
		". tests/lib/settings.sh && settings_policy strict && echo 0 >\$settings_sysctls/send_qpn"
	tap_equal "policy and send_qpn: the host's are unchanged" "report 1" \
		"$(settings_policy) $(<"$settings_sysctls/send_qpn")"
	tap_skip "the counters: who may read them" "there are none"
	tap_end
	exit
fi
for change in "policy strict" "send_qpn N" "heed_qpn N" "explain_refusals Y"; do
	read -r name value <<<"$change"
	before=$(<"$settings_parameters/$name")
	tap_fail "$name: not set from a container" in_container "echo $value >$settings_parameters/$name"
	tap_equal "$name: unchanged" "$before" "$(<"$settings_parameters/$name")"
	tap_run "$name: set by the host" bash -c "echo $value >$settings_parameters/$name && echo $before >$settings_parameters/$name"
done
tap_fail "requests: not read from a container" in_container "cat $settings_parameters/requests"
tap_match "requests: read by the host" 'refused route [1-9]' "$(<$settings_parameters/requests)"
# In the words of OpenMetrics, as in the kernel's own.
metrics() { "$bin/rdma-ns" audit --openmetrics | sed -n "s/^rdma_ns_kernel_$1_total//p"; } # NAME
tap_equal "requests: as metrics" "$(sed 's/\(.*\) \(.*\) \(.*\)/{verdict="\1",reason="\2"} \3/' $settings_parameters/requests)" \
	"$(metrics requests)"
tap_equal "retries: as metrics" "$(sed 's/\(.*\) \(.*\)/{event="\1"} \2/' $settings_parameters/retries)" "$(metrics retries)"
tap_equal "foreign_qps: as metrics" "$(sed 's/\(.*\) \(.*\)/{call="\1"} \2/' $settings_parameters/foreign_qps)" "$(metrics foreign_qps)"
tap_equal "requests: a container gets no metrics of them" "" \
	"$(topology_exec blue "$bin/rdma-ns" audit --openmetrics | grep 'kernel_.*_total')"
state() { "$bin/rdma-ns" audit --openmetrics | grep -E '^rdma_ns_kernel_(level|policy)'; }
for policy in verify report; do
	settings_policy $policy
	tap_equal "$policy: level and policy as metrics" "rdma_ns_kernel_level 2 rdma_ns_kernel_policy{policy=\"$policy\"} 1" \
		"$(state | paste -sd' ')"
	tap_equal "$policy: so say features" $policy "$("$bin/rdma-ns" --json features | jq -r '.features[0].policy')"
done
settings_heed_qpn N
tap_equal "settings as metrics" 'explain_refusals 0 heed_qpn 0 own_qp 1 send_qpn 1' \
	"$("$bin/rdma-ns" audit --openmetrics | sed -n 's/^rdma_ns_kernel_setting{setting="\(.*\)"}/\1/p' | paste -sd' ')"
settings_heed_qpn Y
chmod 444 $settings_parameters/requests
tap_fail "requests: not read without CAP_NET_ADMIN, whatever the file's mode" \
	setpriv --reuid 1000 --clear-groups cat $settings_parameters/requests
chmod 400 $settings_parameters/requests
tap_end
