#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# tests/bench/report's table, of figures that are made up, and docs/BENCHMARKS.md: no benchmark may be forgotten in either.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
BENCH_RESULTS=$(mktemp -d)
export BENCH_RESULTS
trap 'rm -rf -- "$BENCH_RESULTS"' EXIT

listed=$(tests/bench/report --list)
# What tests/bench/run takes, and what has a function there: boot and native are not the guest's.
taken=$(sed -nE 's/^\t(send \| .*)\) benches\+=.*/\1/p' tests/bench/run | tr -d ' ' | tr '|' '\n')
tap_equal "the report has each benchmark of tests/bench/run" "$(sort <<<"$taken")" \
	"$(cut -f1 <<<"$listed" | grep -vxE 'boot|native' | sort)"
tap_equal "tests/bench/run takes each that there is" "" \
	"$(sed -nE 's/^bench_([a-z]+)\(\).*/\1/p' tests/bench/*.sh | grep -vxF -e rxe -f <(echo "$taken") || true)"
commands=$(cut -f2 <<<"$listed")
tap_equal "docs/BENCHMARKS.md has each command" "" \
	"$(while IFS= read -r command; do grep -qF "| \`$command\` |" docs/BENCHMARKS.md || echo "$command"; done <<<"$commands")"
tap_equal "and no other" "" \
	"$(sed -nE 's/^\|.*\| `(.*)` \|$/\1/p' docs/BENCHMARKS.md | sort -u | grep -vxF "$commands" || true)"

report()
{
	status=0
	said=$(tests/bench/report --print 2>&1) || status=$?
}
made_up() # BENCH JSON...
{
	printf '%s\n' "# the command" "${@:2}" >"$BENCH_RESULTS/$1"
}
for name in send write read; do
	made_up "$name" '{"bench":"'"$name"' latency","size":2,"unit":"us","sib":10,"rxe":45,"ratio":4.5}'
done
made_up boot '{"bench":"boot","unit":"s","value":5.25}'
made_up cm '{"bench":"RDMA CM connections","size":null,"unit":"1/s","sib":300,"rxe":100,"ratio":3}'
made_up preload '{"bench":"RDMA CM connections with preload","unit":"1/s","preload":900,"without":1000,"ratio":0.9}'
for netdevs in 2 200; do
	for side in client server; do
		printf '{"bench":"system calls of a connection","program":"cmtime","side":"%s","netdevs":%s,"unit":"1",' $side $netdevs
		echo '"preload":20,"without":15,"netlink_exchanges":1,"stat":1,"stat_without":0}'
	done
done | { mapfile -t lines; made_up calls "${lines[@]}"; }
made_up netdevs '{"bench":"rdma-ns netdevs -A","namespaces":1000,"unit":"s","seconds":1.5}'
made_up children '{"bench":"RDMA CM connections","children":2,"unit":"1/s","extended":99,"stock":100,"ratio":0.99}'
pair='{"kind":"a","than":"b","one":0.6,"means":0.2,"medians":0.5}'
made_up refusals '{"bench":"refusal times","unit":"us","medians":{"a":10,"b":20},"longer":['"$pair"']}'
made_up scale '{"bench":"scale","stage":"removal","namespaces":50,"unit":"s","seconds":1}' \
	'{"bench":"scale","stage":"removal","namespaces":200,"unit":"s","seconds":4}'
made_up native '{"bench":"lookup by QPN","netdevs":10,"unit":"ns","value":50}' \
	'{"bench":"lookup by QPN","netdevs":1000,"unit":"ns","value":100}' \
	'{"bench":"connection","side":"client","netdevs":10,"unit":"us","value":11.05}'
report
tap_equal "all figures are there: status 0" "0" "$status"
tap_match "two things that are compared" \
	"\\| send latency, 2 bytes \\| us \\| sib 10 \\| rxe 45 \\| 4.5 \\| .vm/run --memory 4G -- the command. \\|" "$said"
tap_match "few and many" "\\| scale: removal \\| s \\| 50 namespaces: 1 \\| 200 namespaces: 4 \\| 0.25 \\|" "$said"
tap_match "of the library alone" "\\| lookup by QPN \\| ns \\| 10 netdevs: 50 \\| 1000 netdevs: 100 \\| 0.5 \\| .the command. \\|" "$said"
tap_match "netlink exchanges" \
	"\\| netlink exchanges, cmtime, client \\| 1 \\| 2 netdevs: 1 \\| 200 netdevs: 1 \\| 1 \\|" "$said"
tap_match "the likelihood that tells most" "single 0.6 \\| means of 100 0.2 \\|" "$said"
made_up netdevs
report
tap_equal "a benchmark without figures: status 1" 1 "$status"
tap_match "it is named, with the remedy" "tests/bench/report: netdevs: no figures: tests/bench/report netdevs" "$said"
for wrong in --no-such-option "--kernel x" no-such-benchmark; do
	status=0
	# shellcheck disable=SC2086
	tests/bench/report $wrong >/dev/null 2>&1 || status=$?
	tap_equal "$wrong: status 2" 2 "$status"
done
tap_end
