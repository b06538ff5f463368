# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# pyverbs' own tests, as rdma-core's package has them, but for those of certain vendors' devices.
package "rdma-core (pyverbs' own suite)" no
pyverbs=/usr/share/doc/rdma-core/tests

# As unittest says it: "Ran 14 tests in 1.2s", then "OK (skipped=3)" or "FAILED (failures=1, errors=2)".
pyverbs_judge() # LOG
{
	local ran skipped failed bad why
	failed=$(sed -nE 's/^(ERROR|FAIL): ([a-z0-9_A-Z]+).*/\2/p' "$1" | sort -u | paste -sd ' ')
	ran=$(sed -n 's/^Ran \([0-9]*\) test.*/\1/p' "$1")
	skipped=$(sed -nE 's/^(OK|FAILED).*skipped=([0-9]+).*/\2/p' "$1")
	bad=$(wc -w <<<"$failed")
	# What most of them say.
	why=$(sed -nE "s/.* \.\.\. skipped ['\"](.*)['\"]$/\1/p" "$1" | tr '\t|<>`' '  ()'"'" | sort | uniq -c | sort -srn |
		sed -nE '1s/^ *[0-9]+ //p' | cut -c 1-70)
	if [[ $others_status == hangs ]]; then
		others_cell="no: hangs in $(grep -E '^test_[^ ]* \(' "$1" | tail -n 1 | cut -d ' ' -f 1)"
	elif [[ -z $ran ]]; then
		others_verdict program "$others_status" "$1"
	elif ((!ran)); then
		others_cell="no: it has no tests"
	elif ((ran == ${skipped:-0})); then
		others_cell="-: all $ran skipped: ${why:-no reason was given}"
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
	[[ $name != test_rdmacm ]] || connects=yes
	alone "/usr/bin/python3 -B TESTS/run_tests.py -v --dev DEV0 $name"
	case $name in
	test_addr | test_cqex | test_device | test_mr)
		known rxe "ok: [1-9][0-9]* passed, 0 failed, [0-9]+ skipped" \
			"pyverbs skips what a device does not offer, in which sib and rxe differ."
		;;
	test_flow | test_rss_traffic)
		known "[se]*" "-: all [0-9]+ skipped: Must be run by root on Ethernet link layer"
		known rxe "-: all [0-9]+ skipped: Create QP type 8 is not supported"
		;;
	test_odp) known "*" "-: all [0-9]+ skipped: ODP is not supported - No ODP caps" ;;
	test_parent_domain) known "*" "-: all [0-9]+ skipped: Parent Domain is not supported on this device" ;;
	test_qp)
		# 5 of its 26 are for Ethernet; 11 draw nothing.
		known "[se]*" "ok: (1[1-9]|2[01]) passed, 0 failed, ([5-9]|1[0-5]) skipped" "Ten of its tests draw at random whether they \
ask for IBV_QP_INIT_ATTR_CREATE_FLAGS, which the provider of sib does not take, and skip then: from 11 to 21 pass."
		;;
	test_qpex)
		known "[se]*" "-: all [0-9]+ skipped: Extended QP is not supported on this device"
		known rxe "no: 17 passed, 1 failed, 2 skipped: test_qp_ex_rc_atomic_write" "Linux has atomic writes of rxe from 6.2 on."
		;;
	test_rdmacm)
		known rxe "-: all [0-9]+ skipped: Device rxe0 doesn't have net interface" "RDMA CM works over rxe, as rdmacm-utils show. This \
suite asks the device's parent for an address, and rxe has no parent."
		;;
	test_shared_pd)
		known "[se]*" "-: all [0-9]+ skipped: Extended QP is not supported on this device"
		known rxe "-: all [0-9]+ skipped: Importing a device is not supported"
		;;
	test_tag_matching) known "*" "-: all [0-9]+ skipped: Extended CQ is not supported" ;;
	esac
done
