#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# tests/proof's table, of results that are made up: what fails without a known reason, or is missing, fails it.
set -euo pipefail
. tests/lib/tap.sh
PROOF_RESULTS=$(mktemp -d)
export PROOF_RESULTS
trap 'rm -rf -- "$PROOF_RESULTS"' EXIT

results() # COLUMN CELL-OF-PINGPONG CELL-OF-XRC
{
	mkdir -p "$PROOF_RESULTS/$1"
	printf 'begin\t%s\nrow\t%s\t%s\n' "$rc" "$rc" "$2" "$xrc" "$xrc" "$3" >"$PROOF_RESULTS/$1/rows"
}
proof() # [OPTION]...
{
	status=0
	said=$(tests/proof --print --column stock --column rxe --only 'ibv_(rc_pingpong -d DEV1 -n|xsrq)' "$@" 2>&1) || status=$?
}
rows=$(tests/others/run --list | sed -n 's/^row\t//p')
rc=$(grep '^ibv_rc_pingpong -d DEV1 -n' <<<"$rows")
xrc=$(grep '^ibv_xsrq' <<<"$rows")

tap_equal "no row is there twice" "" "$(tests/others/run --list | grep ^row | sort | uniq -d)"
results stock ok ok
results rxe ok ok
proof
tap_equal "all well: status 0" 0 $status
tap_match "a line with both cells" "\\| \`$rc\` \\| ok \\| ok \\|" "$said"
results rxe ok "no: no XRC"
proof
tap_equal "what is known to fail: status 0" 0 $status
tap_match "it has its note" "\`$xrc\` \\[1\\] \\| ok \\| no: no XRC \\|.*1\\. Neither" "$said"
results rxe "no: why" ok
proof
tap_equal "what is not: status 1" 1 $status
tap_match "and it is named" "tests/proof: $rc, rxe: no: why" "$said"
results rxe "ok: 2 passed" "ok"
proof
tap_equal "columns that differ for no known reason: status 1" 1 $status
results rxe "-: ibv_rc_pingpong is not installed" ok
proof
tap_equal "a program is missing: status 1" 1 $status
tap_match "the remedy is named" "setup.sh --others" "$said"
proof --allow-missing
tap_equal "with --allow-missing: status 0" 0 $status
for wrong in --no-such-option "--column native" --column "--only no-such-program"; do
	status=0
	# shellcheck disable=SC2086
	tests/proof $wrong >/dev/null 2>&1 || status=$?
	tap_equal "$wrong: status 2" 2 $status
done
tap_end
