#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The rows of tests/proof, run here with made-up programs: what a program does without RDMA CM or without the library, though
# it ends well, is no success.
set -euo pipefail
. tests/lib/tap.sh
. tests/others/lib.sh
PATH=$PATH:/usr/sbin:/sbin
# shellcheck disable=SC2034
others_column=stock+library others_left=host others_right=host
declare -A others_words=([RSOCKETS]=A=1)
observations=$others_scratch/observations
trap 'rm -rf -- "$others_scratch" "$others_files"' EXIT

# What a guest has.
topology_exec() { "${@:2}"; }
topology_nap() { sleep 0.05; }
rdma() { printf 'link sib0/- cm_idn 0 state %s ps TCP pid %s comm nc src-addr 10.0.0.5:7777 \n' "$cm_state" "${cm_pid:-$others_pid}"; }

cell() # NAME EXPECTED FUNCTION COMMAND...
{
	local said client=${*: -1}
	client=${client#RSOCKETS }
	others_wanted[$client]=1
	said=$("${@:3}" 2>/dev/null) || said="ended with $?: $said"
	tap_equal "$1" "$2" "${said##*$'\t'}"
	others_reset
}
observed() # NAME EXPECTED CONNECTS SIDE...
{
	connects=$3
	cell "$1" "$2" alone "for side in ${*:4}; do echo '{\"pid\":1,\"side\":\"'\$side'\"}'; done >>$observations"
}
command() { return 0; }

package made-up no
others_observations=$observations
observed "a request and a connection" ok yes passive active
observed "no library at either end" "no: librdma-ns saw no connection" yes
observed "none at the client's" "no: librdma-ns saw only the passive side" yes passive
observed "none at the server's" "no: librdma-ns saw only the active side" yes active active
observed "verbs alone" ok no
observed "a row that says so wrongly" "no: librdma-ns saw RDMA CM's connections, where none are expected" no active
others_observations=
observed "a column without the library" ok yes
connects=maybe
others_package_connects=
cell "a row that does not say" "ended with 1: " alone "true"

package made-up yes
rsockets=/bin/sh
cm_state=LISTEN
cell "a server listens by RDMA CM" ok serve "RSOCKETS sleep 20" "RSOCKETS true"
patience=1
cm_pid=$$
cell "another one does" "no: the server does not listen by RDMA CM" serve "RSOCKETS sleep 20" "RSOCKETS true"
cm_pid=
cm_state=CONNECT
patience=1
cell "it has an id that does not listen" "no: the server does not listen by RDMA CM" serve "RSOCKETS sleep 20" "RSOCKETS true"
without_log()
{
	set -e
	! others_listens host 0 "$others_scratch/none" || true
	echo goes on
}
tap_equal "a server that has not begun" "goes on" "$(without_log)"
for rsockets in /no/*/rsocket/librspreload.so; do :; done
cell "there are no rsockets" "-: librspreload.so is not installed" serve "RSOCKETS sleep 20" "RSOCKETS true"

# shellcheck disable=SC2034
others_list=1
. tests/others/80-pyverbs.sh >/dev/null
log=$others_scratch/log
others_status=0
suite() # NAME EXPECTED LINE...
{
	printf '%s\n' "${@:3}" >"$log"
	others_cell=ok
	pyverbs_judge "$log" 2>/dev/null
	tap_equal "$1" "$2" "$others_cell"
}
suite "a suite of which some pass" "ok: 1 passed, 0 failed, 2 skipped" "Ran 3 tests in 1.2s" "OK (skipped=2)"
suite "one of which none does" "-: all 3 skipped: No ODP" "test_a (b.test_a) ... skipped 'No XRC'" "test_b (b.test_b)" \
	"Says what it does. ... skipped 'No ODP'" "test_c (b.test_c) ... skipped \"No ODP\"" "Ran 3 tests in 1.2s" "OK (skipped=3)"
suite "one that gives no reason" "-: all 3 skipped: no reason was given" "Ran 3 tests in 1.2s" "OK (skipped=3)"
suite "one of which none passes, and one fails" "no: 0 passed, 1 failed, 2 skipped: test_a" "FAIL: test_a (b.test_a)" \
	"Ran 3 tests in 1.2s" "FAILED (failures=1, skipped=2)"
suite "one without tests" "no: it has no tests" "Ran 0 tests in 0.0s" "OK"
tap_end
