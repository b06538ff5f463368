#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What rdma-ns says on a kernel without RDMA: one line that names what is missing, and status 1; or 3 of those
# that would have looked.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"

says() # PATTERN WORD...
{
	local output status=0
	output=$("$tree/build/bin/rdma-ns" "${@:2}" 2>&1) || status=$?
	tap_match "${*:2}" "^$wanted: rdma-ns: $1\$" "$status: $output"
}
wanted=1

if [[ -e /sys/class/infiniband ]]; then
	tap_skip "a kernel without RDMA" "this one has it"
	exit 0
fi
says "netdevs: this kernel has no RDMA: load ib_core and the driver of a device" netdevs
wanted=3 says "audit: this kernel has no RDMA: load ib_core and the driver of a device" audit --openmetrics
says "show: this kernel has no RDMA netlink: load ib_core" show
says "resolve: no RDMA device with port sib0/1 in this namespace: .*" resolve 10.0.0.5 from 10.0.0.9 dev sib0
says "ping: /dev/infiniband/rdma_cm cannot be opened \(.*\): load the module rdma_ucm .*" ping 10.0.0.5
says "listen: /dev/infiniband/rdma_cm cannot be opened \(.*\): load the module rdma_ucm .*" listen
# And doctor, for people and for programs. How much memory may be locked differs from machine to machine.
doctor() { "$tree/build/bin/rdma-ns" doctor "$@" 2>&1 || echo "status $?"; }
tap_match "doctor: each cause in a line, and status 1" \
	$'^/dev/infiniband/rdma_cm cannot be opened [^\n]*: load the module [^\n]*\nthis kernel has no RDMA: load [^\n]*\nstatus 1$' "$(doctor 10.0.0.5 | grep -v "memory may be locked")"
tap_equal "doctor: in JSON" "rdma_cm no_device false false" \
	"$(doctor --json | sed '/^status/d' | jq -r '[.doctor[] | select(.cause != "memlock")] | [.[].cause, .[].hint] | map(tostring) | join(" ")')"
status=0
output=$("$tree/build/bin/rdma-ns" --json features 2>/dev/null) || status=$?
tap_equal "features: nothing is guessed, and status 3" "3: null | unknown | unknown | 0 | No such file or directory" \
	"$status: $(jq -r '.features[0] | [.level, .level_name, .netns_mode, .ports, .rdma_cm] | map(tostring) | join(" | ")' <<<"$output")"

# Files in the place of the extended rdma_cm's.
policy() # TEXT: what features makes of it
{
	# shellcheck disable=SC2016
	unshare -m bash -c 'mount -t tmpfs none /sys/module && mkdir -p /sys/module/rdma_cm/parameters &&
		printf "$1" >/sys/module/rdma_cm/parameters/policy; "$2" --json features 2>/dev/null' - "$1" \
		"$tree/build/bin/rdma-ns" | jq -r '.features[0].policy'
}
if unshare -m mount -t tmpfs none /sys/module 2>/dev/null; then
	tap_equal "features: the policy in force" verify "$(policy 'verify\n')"
	tap_equal "features: a word that is none" "null null null" \
		"$(policy 'a b\n') $(policy '\033[2J\n') $(policy "$(printf 'v%.0s' {1..40})\\n")"
else
	tap_skip "features: the policy in force" "no namespace of mounts may be made here"
fi
tap_equal "features: there is no policy without it" null "$(jq -r '.features[0].policy' <<<"$output")"
tap_end
