#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A kernel without IPv6 (ipv6.disable=1), extended: whoever sends an IPv6 header, or binds to an IPv6 address,
# gets an error. The functions that would look at the address are there, but what they work on is not.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

if [[ ${1-} == guest ]]; then
	vm/fabric up --hosts 2 --extended >/dev/null
	ip link set ib0 up
	ip link set ib1 up
	ip addr add 10.0.0.5/24 dev ib0
	ip addr add 10.0.0.9/24 dev ib1
	coproc LISTENER { build/bin/cmwho listen --name here --bind 0.0.0.0 --port 7400 2>&1; }
	read -rt 20 -u "${LISTENER[0]}" _
	from=$(</sys/class/infiniband/sib1/ports/1/gids/0)
	to=$(</sys/class/infiniband/sib0/ports/1/gids/0)
	# RDMA CM's header: version 0, IPv6, port 7400, fd00::9 to fd00::5.
	header=00601ce8fd000000000000000000000000000009fd000000000000000000000000000005
	timeout 20 build/bin/cm-raw connect rc ib 7400 "$header" "$from" "$to" 0xffff 2>&1 | sed 's/^/raw: /' || true
	timeout 20 build/bin/cmwho listen --name there --bind fd00::5 --port 7401 2>&1 | sed 's/^/bind: /' || true
	timeout 60 build/bin/cmwho connect --port 7400 10.0.0.5 2>&1 | sed 's/^/after: /' || true
	exit
fi
status=0
output=$(vm/run --append ipv6.disable=1 --timeout 150 -- "${BASH_SOURCE[0]}" guest 2>&1) || status=$?
tap_equal "the kernel has nothing to report" 0 "$status"
tap_match "a request with an IPv6 header is refused" 'raw: (REJECTED|UNREACHABLE) ' "$output"
tap_match "an IPv6 address cannot be bound to" 'bind: .*(Address family not supported|No such device|Cannot assign)' "$output"
tap_match "IPv4 works after that" 'after: .*here' "$output"
tap_note "$output"
tap_end
