#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The programs of python/README.md run as they stand there, and print what it says.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
page=python/README.md
work=$(mktemp -d)
trap 'topology_down; rm -rf -- "$work"' EXIT
export LD_LIBRARY_PATH=${RDMA_NS_BUILD:-$PWD/build}/lib
[[ -z ${RDMA_NS_RUNTIME-} ]] || export LD_PRELOAD=$RDMA_NS_RUNTIME
# There it is compiled once for all programs, and nothing is left in the tree.
cp -r python/rdma_ns "$work"
export PYTHONPATH=$work

# Programs are indented and begin with their name; what one prints is the next indented text.
awk -v work="$work" '
	/^    # [a-z]+\.py$/ { name = $2; file = work "/" name }
	/^    / || (/^$/ && file) { if (file) print substr($0, 5) >file; next }
	/^prints/ {
		file = work "/" name ".says"
		while (!/^    /)
			getline
		print substr($0, 5) >file
		next
	}
	{ file = "" }' "$page"
says() { sed '/^$/d' "$work/$1.py.says"; } # NAME
runs() { topology_exec "$1" /usr/bin/python3 "$work/$2.py" 2>&1 || true; } # NETNS NAME

topology_container red ib0
topology_container client ib1
topology_ready
topology_address red ib0.red 10.0.0.5/24
topology_address client ib1.client 10.0.0.9/24

tap_equal "the page has programs" "client.py netdevs.py observe.py resolve.py server.py" \
	"$(cd "$work" && printf '%s\n' *.py | paste -sd' ')"
# Python needs seconds to start: together, and the client that succeeds is run by the observer.
runs host netdevs >"$work/netdevs" &
runs host client >"$work/client" &
tap_equal "resolve.py" "$(says resolve)" "$(runs red resolve)"
wait
tap_equal "netdevs.py" "$(says netdevs)" "$(<"$work/netdevs")"
tap_equal "client.py, and nobody listens" "RDMA_CM_EVENT_REJECTED: none" "$(<"$work/client")"
topology_start host server /usr/bin/python3 "$work/server.py"
server=$topology_started
said=$(runs host observe)
tap_match "observe.py: client.py, a client" $'\n''welcome from as aimed$' "$said"
tap_match "observe.py: the observer" '^established none'$'\n' "$said"
status=0
wait "$server" || status=$?
tap_equal "server.py" "0: accept: ib0.red by qpn, delivered" \
	"$status: $(grep -v listening "$(topology_log server)")"
tap_end
