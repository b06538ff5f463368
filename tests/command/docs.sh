#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The commands in docs/ run as they stand there, in the situation that they are for.
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
PATH=${RDMA_NS_BUILD:-$PWD/build}/bin:$PATH
trap topology_down EXIT
topology_container red ib0
topology_container client ib1
topology_ready
topology_address red ib0.red 10.0.0.5/24
topology_address client ib1.client 10.0.0.9/24
[[ -d /sys/kernel/tracing/events ]] || mount -t tracefs tracing /sys/kernel/tracing
topology_listen red red --bind 10.0.0.5

# Each line of an indented block. In containers.md they build on one another.
commands() { sed -n 's/^    \(.*\)/\1/p' "$1"; } # PAGE

for page in containers debugging diagnose; do
	while read -r command; do
		tap_run "$page.md: $command" timeout 60 bash -c "$command" </dev/null
	done < <(commands "docs/$page.md")
done
tap_match "the log of a program is where it was asked for" '.' "$(ls /tmp/rdma-ns.log)"
echo N >/sys/module/rdma_cm/parameters/explain_refusals
echo 0 >/sys/kernel/tracing/events/cma_ns/enable
tap_end
