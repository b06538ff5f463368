#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# tests/everything has each script that checks this project, goes on where it was, and lets no result of another
# commit count. In a tree that is made up, nothing of it takes time.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

listed=$(tests/everything --list)
# What CONTRIBUTING.md names under "Test" that checks the whole project: ./test.sh runs the others, or has a part of them.
for command in ./test.sh tests/steps tests/last tests/debug tests/coverage/run tests/sanitize tests/faults tests/soak tests/scale \
	tests/bench/report tests/proof tests/fuzz/run packaging/check; do
	tap_match "it runs $command" "(^|[ 	])$command($|
)" "$listed"
done

mkdir "$scratch/tree" "$scratch/tree/tests"
cp tests/everything "$scratch/tree/tests/"
cd "$scratch/tree"
echo build >.gitignore
printf '#!/bin/sh\ncat answer; exit $(cat status)\n' >test.sh
cp test.sh demo.sh
chmod +x test.sh demo.sh
echo 0 >status
echo fine >answer
git init --quiet
export GIT_AUTHOR_NAME=Author GIT_AUTHOR_EMAIL=author@example.org GIT_COMMITTER_NAME=Author
export GIT_COMMITTER_EMAIL=author@example.org GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
commit() { git add . && git commit --quiet -m "$1"; }
commit one

# "STATUS: OUTPUT"
everything()
{
	local output status=0
	output=$(tests/everything "$@" 2>&1) || status=$?
	echo "$status: $output"
}
one=$(git rev-parse --short=12 HEAD)
tap_match "what has not been run is not all right" '^1: not ok - demo: .* \(not run\)' "$(everything --print demo)"
tap_match "two that go well" "^0: # ./test.sh
ok - test: .* \\([0-9]+ s, on $one\\)
# ./demo.sh
ok - demo: .*on $one\\)$" "$(everything test demo)"
tap_equal "what they say is kept" "fine fine" "$(cat build/everything/{test,demo}.log | paste -sd ' ')"
tap_match "they are not run again" "^0: ok - test: [^#]*$" "$(everything test)"
tap_match "unless it is asked for" "^0: # ./test.sh" "$(everything --anew test)"
tap_match "what is known" "^0: ok - test: .*# this is commit $one$" "$(everything --print test)"
tap_match "and nothing of the others" "^1: .*not ok - debug: .*not run" "$(everything --print)"
echo 3 >status
tap_match "a changed tree is not the commit" "^1: ok - test: .*on $one" "$(everything --print test)"
tap_match "one that fails says where to look" \
	"^1: # ./test.sh
not ok - test: .* \\(status 3 after [0-9]+ s, on $one\\+[0-9a-f]{6}; build/everything/test.log\\)$" "$(everything test)"
tap_match "and is run again" "^1: # ./test.sh" "$(everything test)"
commit two
tap_match "what went well on another commit is run again" "^1: # ./demo.sh" "$(everything demo)"
echo 0 >status
printf '#!/bin/sh\necho >>answer\n' >demo.sh
commit three
tap_match "a tree that changes meanwhile proves nothing" "^1: # ./demo.sh
# the tree has changed meanwhile
ok - demo: .*on unknown\\)$" "$(everything demo)"
tap_equal "a name that there is not" \
	"2: tests/everything: there is no 'foo': --list prints the names; see 'tests/everything --help'" "$(everything foo)"
tap_equal "a folder that cannot be written" \
	"1: tests/everything: /proc/no cannot be written: run this as the tree's owner, or set EVERYTHING_RESULTS" \
	"$(EVERYTHING_RESULTS=/proc/no everything test)"
tap_end
