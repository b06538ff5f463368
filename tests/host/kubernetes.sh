#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The examples for Kubernetes: what they name is there. No cluster has tried them.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
rdma_ns=$(realpath "${RDMA_NS_BUILD:-build}/bin/rdma-ns")

# Of each file a JSON document a line.
documents()
{
	/usr/bin/python3 -c '
import json, sys, yaml
for document in yaml.safe_load_all(open(sys.argv[1])):
    print(json.dumps(document))' "$1"
}
documents docs/kubernetes/audit.yaml >"$work/audit"
documents docs/kubernetes/networks.yaml >"$work/networks"
pod() { jq -r ".spec.template.spec$1" "$work/audit"; } # FILTER

tap_equal "the audit is a DaemonSet" "apps/v1 DaemonSet" "$(jq -r '"\(.apiVersion) \(.kind)"' "$work/audit")"
tap_equal "it finds its pods" "$(jq -c .spec.selector.matchLabels "$work/audit")" \
	"$(jq -c .spec.template.metadata.labels "$work/audit")"
tap_equal "it sees the host's processes" true "$(pod .hostPID)"
tap_equal "each mount has its volume" "$(pod '.containers[0].volumeMounts[].name' | sort)" "$(pod '.volumes[].name' | sort)"

# One turn of its loop, with the command of this tree, which may find no RDMA here.
pod '.containers[0].command[2]' | sed "s|/metrics|$work|g; s|sleep 60.*|exit|" >"$work/loop"
tap_run "what it runs is a shell's" shellcheck --shell=sh "$work/loop"
mkdir "$work/bin"
cat >"$work/bin/rdma-ns" <<END
#!/bin/sh
"$rdma_ns" "\$@" || [ \$? != 2 ] || exit
echo "# EOF"
END
chmod +x "$work/bin/rdma-ns"
tap_run "its options are the command's" env PATH="$work/bin:$PATH" sh "$work/loop"
tap_equal "the metrics come whole" "# EOF" "$(tail -n 1 "$work/rdma_ns.prom")"
sed 's/--openmetrics/--no-metrics/' "$work/loop" >"$work/wrong"
rm "$work/rdma_ns.prom"
env PATH="$work/bin:$PATH" sh "$work/wrong" >/dev/null 2>&1 || true
tap_fail "with another option there are none" test -e "$work/rdma_ns.prom"

tap_equal "the networks are Multus's" "k8s.cni.cncf.io/v1 NetworkAttachmentDefinition" \
	"$(jq -r '"\(.apiVersion) \(.kind)"' "$work/networks" | sort -u)"
tap_equal "each is called as its plugins are" "$(jq -r .metadata.name "$work/networks")" \
	"$(jq -r '.spec.config | fromjson.name' "$work/networks")"
cat >"$work/host-local" <<'END'
#!/bin/sh
echo '{ "cniVersion": "1.0.0", "ips": [ { "address": "10.0.0.2/24" } ] }'
END
chmod +x "$work/host-local"
# The plugin reads what the runtime would give it, and finds only the namespace missing.
add() # CONFIG: the answer
{
	CNI_COMMAND=ADD CNI_CONTAINERID=example CNI_NETNS="$work/netns" CNI_IFNAME=net1 CNI_PATH="$work" \
		"$rdma_ns" cni <<<"$1" 2>/dev/null | jq -r '"\(.msg) \(.details)"'
}
while read -r config; do
	name=$(jq -r .name <<<"$config")
	tap_match "$name: the plugin knows its keys" "$work/netns" "$(add "$config")"
	tap_match "$name: and no others" wrong "$(add "$(jq -c '.wrong = 1' <<<"$config")")"
done < <(jq -c '.spec.config | fromjson | . as $list | .plugins[] | select(.type == "rdma-ns") |
	. + {name: $list.name, cniVersion: $list.cniVersion} |
	if .device then . else . + {prevResult: {cniVersion: "1.0.0", interfaces: [], ips: []}} end' "$work/networks")
tap_end
