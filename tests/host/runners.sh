#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What test.sh, tests/run, tests/debug, tests/coverage/run, tests/sanitize, tests/soak, tests/scale, tests/fuzz/run and vm/* say of
# words that they cannot use: one line, status 2, and nothing is run.
# And of a file that does not end: where it was.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

says() # MESSAGE COMMAND...
{
	local output status=0
	output=$(timeout 20 "${@:2}" 2>&1) || status=$?
	tap_equal "${*:2}" "2: $1" "$status: $output"
}
says "test.sh: --only: '(' is not an extended regular expression; see './test.sh --help'" ./test.sh --only '('
says "test.sh: option '--only' needs a value; see './test.sh --help'" ./test.sh --only
says "tests/run: option '--log' needs a value; see 'tests/run --help'" tests/run --log
says "tests/run: no test files; see 'tests/run --help'" tests/run
says "tests/run: '/no' is not a folder; see 'tests/run --help'" tests/run --log /no tests/host/unit.sh
says "tests/run: 'README.md' is not a program; see 'tests/run --help'" tests/run README.md
says "tests/run: option '--timeout' needs a number from 1, not '0'; see 'tests/run --help'" tests/run --timeout 0 tests/host/unit.sh
says "tests/run: RDMA_NS_SLOW needs a number from 1 to 999, not '0'; see 'tests/run --help'" \
	env RDMA_NS_SLOW=0 tests/run tests/host/unit.sh
says "tests/debug: option '--portion' needs a value; see 'tests/debug --help'" tests/debug --portion
says "tests/debug: '6.1' is not a debug kernel, as 6.1-debug is; see 'tests/debug --help'" tests/debug 6.1
says "tests/debug: --only: '(' is not an extended regular expression; see 'tests/debug --help'" tests/debug --only '('
says "tests/coverage/run: --least: '101' is not a percentage; see 'tests/coverage/run --help'" tests/coverage/run --least 101
says "tests/coverage/run: --only: '(' is not an extended regular expression; see 'tests/coverage/run --help'" \
	tests/coverage/run --only '('
says "tests/sanitize: 'thread' is not address, threads or memory; see 'tests/sanitize --help'" tests/sanitize thread
says "tests/sanitize: --only: '(' is not an extended regular expression; see 'tests/sanitize --help'" \
	tests/sanitize --only '('
says "tests/soak: option '--seed' needs a value; see 'tests/soak --help'" tests/soak --seed
says "tests/soak: 'x' is not a number of seconds from 1 to 999999; see 'tests/soak --help'" tests/soak x
says "tests/scale: '0' is not a number of namespaces from 1 to 9999; see 'tests/scale --help'" tests/scale 250 0
says "tests/bench/report: no benchmark 'foo': --list prints them; see 'tests/bench/report --help'" tests/bench/report foo
says "tests/bench/report: option '--kernel' needs a value; see 'tests/bench/report --help'" tests/bench/report --kernel
says "kernel/check-kernels: --only: '(' is not an extended regular expression; see 'kernel/check-kernels --help'" \
	kernel/check-kernels --only '('
says "vm/leaks: '/no' cannot be read; see 'vm/leaks --help'" vm/leaks --from /no
says "tests/fuzz/run: no target 'foo': --list prints them; see 'tests/fuzz/run --help'" tests/fuzz/run 5 foo
says "tests/fuzz/run: '0' is not a number of seconds from 1 to 999999, ahead of all targets; see 'tests/fuzz/run --help'" \
	tests/fuzz/run 0
says "tests/fuzz/run: '5' is not a number of seconds from 1 to 999999, ahead of all targets; see 'tests/fuzz/run --help'" \
	tests/fuzz/run refusal 5
says "vm/run: option '--memory' needs a value; see 'vm/run --help'" vm/run --memory
says "vm/run: option '--timeout' needs a number from 1, not 'x'; see 'vm/run --help'" vm/run --timeout x true
says "vm/run: option '--output' needs a folder that can be written to, not '/no'; see 'vm/run --help'" vm/run --output /no true
says "vm/fabric: up, restart-sm or down is missing; see 'vm/fabric --help'" vm/fabric
says "vm/fabric: option '--mtu' needs a value; see 'vm/fabric --help'" vm/fabric up --mtu
says "vm/module: '/no' is not a folder; see 'vm/module --help'" vm/module /no
says "kernel/series: option '--source' needs a value; see 'kernel/series --help'" kernel/series --source
says "kernel/series: --source is missing; see 'kernel/series --help'" kernel/series
says "tests/faults: 'foo' is none of listener path-query new-id reject track device; see 'tests/faults --help'" tests/faults foo
says "tests/last: 'README.md' is not a program; see 'tests/last --help'" tests/last README.md
says "tests/last: 'docs' has no ib_core.ko; see 'tests/last --help'" tests/last --modules docs
says "kernel/build: option '--kernel' needs a value; see 'kernel/build --help'" kernel/build --kernel

slow=$(mktemp "${TMPDIR:-/tmp}/slow.XXXXXXXX")
trap 'rm -f -- "$slow"' EXIT
printf '#!/bin/bash\necho ok - begun\nsleep 7777\n' >"$slow"
chmod +x "$slow"
status=0
output=$(tests/run --timeout 2 "$slow" 2>&1) || status=$?
tap_equal "a file that does not end: status 1" 1 "$status"
tap_match "it has failed" "not ok - $slow: ended in time .2 s." "$output"
tap_match "what it did is shown" ": sleep 7777" "$output"
tap_match "as is what it had said" "#   ok - begun" "$output"
tap_match "a slow machine has longer" "ended in time .2 s." "$(RDMA_NS_SLOW=2 tests/run --timeout 1 "$slow" 2>&1)"
tap_equal "and nothing of it is left" "" "$(pgrep -f 'sleep 777[7]')"

# A program of which a sanitizer reports something, whatever its file makes of that.
reports=$(mktemp -d "${TMPDIR:-/tmp}/reports.XXXXXXXX")
trap 'rm -rf -- "$slow" "$reports"' EXIT
mkdir "$reports/taken"
leak() # MODULE
{
	printf '#!/bin/bash\necho ok - begun\n' >"$slow"
	printf 'cat >%s/report.name.7 <<END\n' "$reports" >>"$slow"
	printf '==7==ERROR: LeakSanitizer: detected memory leaks\n\n' >>"$slow"
	printf 'Direct leak of 8 byte(s):\n    #0 main (%s+0x8)\n\n' "$1" >>"$slow"
	printf 'SUMMARY: AddressSanitizer: 8 byte(s) leaked\nEND\n' >>"$slow"
	status=0
	output=$(RDMA_NS_REPORTS=$reports tests/run "$slow" 2>&1) || status=$?
	echo "$status: $output"
}
tap_match "a sanitizer's report: the file has failed, and it is shown" \
	"^1: .*not ok - $slow: no sanitizer had anything to report"$'\n'".*# sanitizer: Direct leak of 8 byte" \
	"$(leak "$(realpath build)/bin/rdma-ns")"
tap_match "a leak of a program of others: it has not" "^0: .*ok - $slow: begun" "$(leak /usr/bin/jq)"
tap_end
