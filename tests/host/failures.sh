#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What test.sh says at its end of checks that failed: each once, with what explains it.
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/failures.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/all" <<'END'
# links/siw
ok - links/siw: rping
not ok - links/siw: rping, wildcard listener
not ok - links/siw: nobody listens
# all that links/siw said:
#   ok - rping
#   # not about a failure
#   not ok - rping, wildcard listener
#   # server 'rping -s': status 255
#   # client 'rping -c': status 1
#   some other line
#   # about nothing
#   not ok - nobody listens
# links/siw: 38 s
# host/a
not ok - host/a: ended in time (5 s)
# process 12, state S: sleep 100
#   [<0>] hrtimer_nanosleep
# all that host/a said:
#   ok - the first
# host/a: 5 s
ok - host/b: fine
not ok - guest-6.1: all files were run (status 1)
END
tap_equal "of each check, and why" "# not ok - links/siw: rping, wildcard listener
#   server 'rping -s': status 255
#   client 'rping -c': status 1
# not ok - links/siw: nobody listens
# not ok - host/a: ended in time (5 s)
#   process 12, state S: sleep 100
# not ok - guest-6.1: all files were run (status 1)" "$(failures "$scratch/all")"

{
	echo "not ok - host/a: long"
	echo "# all that host/a said:"
	echo "#   not ok - long"
	for ((i = 0; i < 50; i++)); do
		printf '#   # %01000d\n' $i
	done
	echo "# host/a: 5 s"
} >"$scratch/long"
tap_equal "and no more than its first lines, of a bearable length" "9 304" \
	"$(failures "$scratch/long" | awk '{ if (length($0) > most) most = length($0) } END { print NR, most }')"
tap_end
