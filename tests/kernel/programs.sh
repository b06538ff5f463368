#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Unmodified programs on the extended rdma_cm: all of fabric/rdma-cm-programs again, each request resolved by its QPN; peers
# that send none, as stock ones; AF_IB; private data as they were sent.
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/programs.sh
trap 'topology_down; settings_reset' EXIT

# What has come to requests since the last call, as "accepted qpn, refused ..." without the numbers.
declare -A seen
new_requests()
{
	local verdict what number
	words=
	while read -r verdict what number; do
		((number == ${seen[$verdict $what]-0})) || words+=", $verdict $what"
		seen[$verdict $what]=$number
	done < <(settings_requests)
	words=${words#, }
}

settings_watch
new_requests
tests/fabric/rdma-cm-programs.sh || tap_result 1 "fabric/rdma-cm-programs ends with status 0"
new_requests
# Where nobody at all listens ib_cm says so, and rdma_cm is not asked.
tap_match "its requests were resolved by QPN, or nobody listened" "^accepted qpn(, refused no_listener)?\$" "$words"

topology_container left ib0
topology_container right ib1
topology_ready
topology_batch left "addr add 10.0.0.5/24 dev ib0.left" "addr add fd00::5/64 dev ib0.left nodad"
topology_batch right "addr add 10.0.0.9/24 dev ib1.right" "addr add fd00::9/64 dev ib1.right nodad"

rping() # NAME ADDRESS
{
	programs_pair "$1" left "rping -s -a $2 -C 2 -V" right "rping -c -a $2 -C 2 -V"
}

listener=$(topology_log left)
topology_listen left left --bind :: --json
for address in 10.0.0.5 fd00::5; do
	for length in 40 41 56; do
		topology_exec right "$CMWHO" connect --data-length $length $address >/dev/null
		tap_match "$address, $length bytes of private data: unchanged, zeros behind" \
			"\"private_data_length\":56,\"private_data\":\"[0-9a-f]{$((2 * length))}0{$((112 - 2 * length))}\"" \
			"$(tail -n 1 "$listener")"
	done
done
topology_silence
new_requests
tap_equal "without room in IPv6 the address tells" "accepted qpn, accepted address" "$words"

settings_send_qpn N
rping "a peer without QPNs: rping" 10.0.0.5
rping "a peer without QPNs: rping, IPv6" fd00::5
new_requests
tap_equal "its requests were resolved by address" "accepted address" "$words"
settings_policy strict
tap_fail "policy strict: refused" topology_exec right "$CMWHO" connect 10.0.0.5
settings_policy report
settings_send_qpn Y

new_requests
gid=$(</sys/class/infiniband/sib0/ports/1/gids/0)
peer=$(</sys/class/infiniband/sib1/ports/1/gids/0)
# The rdma command does not list listeners with such addresses.
ucmatose -f gid -P ib -b "$gid" -c 2 -C 2 >"$programs_server_log" 2>&1 &
tap_within 20 "AF_IB: ucmatose" timeout "$(tap_slow 20)" ucmatose -f gid -P ib -b "$peer" -s "$gid" -c 2 -C 2
programs_stop $!
new_requests
tap_equal "AF_IB keeps its way" "accepted af_ib" "$words"

# An id with AF_IB matches requests for any IP address, and shares the port with a stranger's listener.
answers() { topology_exec right "$CMWHO" connect --port 7600 "$1" 2>&1; } # ADDRESS
intruder=${CMWHO%/*}/cm-raw
chmod 666 /dev/infiniband/*
for address in 10.0.0.5 fd00::5 0.0.0.0 ::; do
	target=${address/0.0.0.0/10.0.0.5}
	[[ $address != :: ]] || target=fd00::5
	[[ $address != :: ]] || topology_exec left sysctl -qw net.ipv6.bindv6only=1
	topology_listen left owner --bind $address --port 7600
	topology_start left intruder setpriv --reuid 1000 --clear-groups "$intruder" listen rc ib 7600 "" "$gid"
	tap_match "$address: its owner is asked, though a stranger listens with AF_IB" "owner" "$(answers $target)"
	topology_silence
done
tap_end
