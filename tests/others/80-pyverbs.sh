# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# pyverbs' own tests, as rdma-core's package has them, but for those of certain vendors' devices.
package "rdma-core (pyverbs' own suite)"
pyverbs=/usr/share/doc/rdma-core/tests

# As unittest says it: "Ran 14 tests in 1.2s", then "OK (skipped=3)" or "FAILED (failures=1, errors=2)".
pyverbs_judge() # LOG
{
	local ran skipped failed bad
	failed=$(sed -nE 's/^(ERROR|FAIL): ([a-z0-9_A-Z]+).*/\2/p' "$1" | sort -u | paste -sd ' ')
	ran=$(sed -n 's/^Ran \([0-9]*\) test.*/\1/p' "$1")
	skipped=$(sed -nE 's/^(OK|FAILED).*skipped=([0-9]+).*/\2/p' "$1")
	bad=$(wc -w <<<"$failed")
	# The reasons differ from run to run.
	grep -E '^test_.* skipped ' "$1" >&2 || true
	if [[ $others_status == hangs ]]; then
		others_cell="no: hangs in $(grep -E '^test_[^ ]* \(' "$1" | tail -n 1 | cut -d ' ' -f 1)"
	elif [[ -z $ran ]]; then
		others_verdict program "$others_status" "$1"
	else
		others_cell="$((ran - bad - ${skipped:-0})) passed, $bad failed, ${skipped:-0} skipped"
		if ((bad)); then others_cell="no: $others_cell: $failed"; else others_cell="ok: $others_cell"; fi
	fi
}

if [[ ! -d $pyverbs ]]; then
	alone "$pyverbs/run_tests.py"
elif ((!others_list)); then
	others_words[TESTS]=$others_files/tests
	cp -r "$pyverbs" "$others_files/tests"
	find "$others_files/tests" -name '*.gz' -exec gunzip {} +
fi
for file in "$pyverbs"/test_*; do
	name=${file##*/}
	name=${name%%.py*}
	case $name in
	test_mlx5* | test_efa* | test_cuda* | *'*') continue ;;
	esac
	patience=300
	judge=pyverbs_judge
	alone "/usr/bin/python3 -B TESTS/run_tests.py -v --dev DEV0 $name"
	known none "pyverbs skips what a device does not offer, in which sib and rxe differ. test_qp asks for flags that it draws at \
random, and skips those that the device does not take, so that its numbers differ from run to run."
	[[ $name != test_qpex ]] ||
		known rxe "The provider of sib has no extended QPs, which all of these use; rxe's has. Linux has atomic writes of rxe from 6.2 on."
done
