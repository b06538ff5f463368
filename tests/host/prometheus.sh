#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The alerts and the dashboard for Prometheus, by its own promtool: that of this machine, or that of the distribution's
# package, which is unpacked and not installed.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

promtool=$(command -v promtool || true)
kept=${RDMA_NS_CACHE:-$tree/build/cache}/promtool
if [[ -z $promtool && ! -x $kept ]] && command -v apt-get >/dev/null; then
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download prometheus >/dev/null 2>&1 &&
		dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool >promtool &&
		chmod +x promtool && mkdir -p "${kept%/*}" && mv promtool "$kept") || true
fi
if [[ -z $promtool && -x $kept ]]; then
	promtool=$kept
fi
if [[ -z $promtool ]]; then
	tap_skip "alerts and dashboard" "neither this machine nor the distribution has promtool"
	exit 0
fi

tap_run "the alerts are rules" "$promtool" check rules docs/prometheus/rdma-ns.rules.yml
tap_run "they come when they should, and then only" "$promtool" test rules docs/prometheus/rdma-ns.test.yml
sed 's/rdma_ns_audit_collision)/rdma_ns_audit_collisions)/' docs/prometheus/rdma-ns.rules.yml >"$work/rdma-ns.rules.yml"
cp docs/prometheus/rdma-ns.test.yml "$work"
tap_fail "which is seen" "$promtool" test rules "$work/rdma-ns.test.yml"

# What a panel asks for is an expression, of which Grafana fills in the variables.
jq -r '{groups: [{name: "panels", rules: [.panels[].targets[].expr | {record: "panel", expr: sub("\\$instance"; ".*")}]}]}' \
	docs/prometheus/dashboard.json >"$work/panels.yml"
tap_match "the dashboard's panels ask for what Prometheus understands" "SUCCESS: [1-9][0-9]* rules" \
	"$("$promtool" check rules --lint=none "$work/panels.yml" 2>&1)"

# Each name is one that the command prints, or node_exporter.
names=$(grep -ohE '\b(rdma_ns|node)_[a-z_]+' docs/prometheus/{rdma-ns.rules.yml,dashboard.json} | grep -vx node_exporter | sort -u)
known=$({ sed -nE 's/.*METRIC "([a-z_]+)".*/rdma_ns_audit_\1/p' librdmacm/command/audit.c
	sed -nE 's/.*"(rdma_ns_kernel_[a-z_]+)"(.).*/\1 \2/p' librdmacm/command/kernel_counters.c |
		sed 's/ ;$//; s/ ,$/_total/'
	echo node_textfile_mtime_seconds
	echo node_infiniband_info; } | sort -u)
tap_equal "they know no metrics that do not exist" "" "$(comm -23 <(echo "$names") <(echo "$known"))"
tap_equal "the dashboard has an alert's metrics, too" "" "$(comm -23 \
	<(grep -ohE 'rdma_ns_(audit|kernel)_[a-z_]+' docs/prometheus/rdma-ns.rules.yml | sort -u) \
	<(grep -ohE 'rdma_ns_(audit|kernel)_[a-z_]+' docs/prometheus/dashboard.json | sort -u))"
tap_end
