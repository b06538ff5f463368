#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# tests/proof's table, of results that are made up: what fails without a known reason, differs or is missing, fails it.
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
listed=$(tests/others/run --list)
rows=$(sed -n 's/^row\t//p' <<<"$listed")
rc=$(grep '^ibv_rc_pingpong -d DEV1 -n' <<<"$rows")
xrc=$(grep '^ibv_xsrq' <<<"$rows")
no_xrc="no: the client ends with 1: Couldn't Open the XRC Domain 95"

tap_equal "no row is there twice" "" "$(grep ^row <<<"$listed" | sort | uniq -d)"
results stock ok "$no_xrc"
results rxe ok "$no_xrc"
proof
tap_equal "all well, or known to fail: status 0" 0 $status
tap_match "a line with both cells" "\\| \`$rc\` \\| \\| ok \\| ok \\|" "$said"
tap_match "what is known to fail has its note" "\`$xrc\` \\[1\\] \\| \\| no: [^|]* \\| no: [^|]* \\|.*1\\. Neither" "$said"
results rxe "no: why" "$no_xrc"
proof
tap_equal "what is not known to fail: status 1" 1 $status
tap_match "and it is named" "tests/proof: $rc, rxe: no: why" "$said"
results rxe ok "no: the client hangs"
proof
tap_equal "what is known to fail in another way: status 1" 1 $status
results rxe "ok: 2 passed" "$no_xrc"
proof
tap_equal "columns that differ for no known reason: status 1" 1 $status
results rxe "-: ibv_rc_pingpong is not installed" "$no_xrc"
proof
tap_equal "a program is missing: status 1" 1 $status
tap_match "the remedy is named" "setup.sh --others" "$said"
proof --allow-missing
tap_equal "with --allow-missing: status 0" 0 $status

row() # ONLY STATUS NAME CELL-OF-STOCK STOCK+LIBRARY EXTENDED EXTENDED+LIBRARY RXE
{
	local column status=0 only=$1 name said
	name=$(grep -E -- "$1" <<<"$rows")
	for column in stock stock+library extended extended+library rxe; do
		mkdir -p "$PROOF_RESULTS/$column"
		printf 'row\t%s\t%s\n' "$name" "$4" >"$PROOF_RESULTS/$column/rows"
		set -- "${@:1:3}" "${@:5}"
	done
	said=$(tests/proof --print --only "$only" 2>&1) || status=$?
	tap_equal "$3: status $2" "$2" "$status"
	((status == $2)) || tap_note "$said"
}
died="no: the machine did not survive it"
hangs="no: the client hangs"
ended="no: the client ends with 1: iperf3: error - the server has terminated"
inline="no: the client ends with 22: rdma_xclient: end 22"
accept="no: the client ends with 1"
two="ok: 2 passed, 0 failed, 1 skipped"
some="ok: 10 passed, 0 failed, 0 skipped"
elsewhere="-: all 10 skipped: Device rxe0 doesn't have net interface"
drawn="ok: 18 passed, 0 failed, 8 skipped"
row ^iperf3 0 "what differs from run to run" "$hangs" "$ended" "$ended" "$hangs" "$hangs"
row ^iperf3 1 "a machine that dies is no known failure" "$hangs" "$ended" "$ended" "$died" "$hangs"
row ^udpong 0 "what fails from time to time" "$hangs" ok ok ok ok
row ^udpong 1 "where a machine dies from time to time" ok ok ok "$died" ok
row '^rdma_xclient.*r$' 0 "what sib has not, and rxe has" "$inline" "$inline" "$inline" "$inline" ok
row '^rdma_xclient.*r$' 1 "what only the library makes work" "$inline" ok "$inline" ok ok
row 'test_addr$' 0 "what rxe has, and sib has not" "$two" "$two" "$two" "$two" \
	"ok: 3 passed, 0 failed, 0 skipped"
row 'test_addr$' 1 "what only the extended kernel lacks" \
	"$two" "$two" "ok: 1 passed, 0 failed, 2 skipped" "$two" "$two"
row 'test_qp$' 0 "tests drawn at random" "$drawn" "ok: 11 passed, 0 failed, 15 skipped" "$drawn" "$drawn" \
	"ok: 21 passed, 0 failed, 5 skipped"
row 'test_qp$' 1 "a test skipped that draws nothing" "$drawn" "ok: 10 passed, 0 failed, 16 skipped" "$drawn" "$drawn" "$drawn"
row 'test_qp$' 1 "a suite skipped in one column" "$drawn" "-: all 26 skipped: why" "$drawn" "$drawn" "$drawn"
row 'test_qp$' 1 "a suite of which nothing passes" "$drawn" "ok: 0 passed, 0 failed, 26 skipped" "$drawn" "$drawn" "$drawn"
row 'test_rdmacm$' 0 "RDMA CM's suite, which finds no address on rxe" "$some" "$some" "$some" "$some" "$elsewhere"
row 'test_rdmacm$' 1 "RDMA CM's suite, skipped with the library" "$some" "$elsewhere" "$some" "$elsewhere" "$elsewhere"
row 'test_rdmacm$' 1 "RDMA CM's suite, skipped on sib" \
	"$elsewhere" "$elsewhere" "$elsewhere" "$elsewhere" "$elsewhere"
row 'test_rdmacm$' 1 "RDMA CM's suite, one test less with the library" \
	"$some" "ok: 9 passed, 0 failed, 1 skipped" "$some" "$some" "$elsewhere"
row '^nc.traditional' 1 "TCP in place of rsockets" ok ok "no: the server does not listen by RDMA CM" ok ok
row '^nc.openbsd' 1 "likewise where it fails anyway" \
	"$accept" "$accept" "no: the server does not listen by RDMA CM" "$accept" "$accept"
row '^rping .*4000' 1 "the library is not loaded" ok "no: librdma-ns saw no connection" ok ok ok

# As tests/proof reads it: what is known explains that, and nothing else.
known_too_much()
{
	local what name cell made_up
	while IFS=$'\t' read -r what name _ cell _; do
		[[ $what == known ]] || continue
		for made_up in "no: why" "$died" "no: librdma-ns saw no connection" "-: all 9 skipped: why" \
			"ok: 0 passed, 0 failed, 1 skipped"; do
			[[ ! $made_up =~ ^($cell)$ ]] || echo "$name: $cell: $made_up"
		done
	done <<<"$listed"
}
tap_equal "nothing that is known explains anything" "" "$(known_too_much)"
for wrong in --no-such-option "--column native" --column "--only no-such-program"; do
	status=0
	# shellcheck disable=SC2086
	tests/proof $wrong >/dev/null 2>&1 || status=$?
	tap_equal "$wrong: status 2" 2 $status
done
tap_end
