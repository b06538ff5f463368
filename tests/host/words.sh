#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# One vocabulary: what the header enumerates has its words in the library, its row in the table of verdicts, its
# number in the kernel's header, and its place in pages, help and completion. A new policy or reason that is
# forgotten anywhere fails here, or does not compile.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
header=librdmacm/rdma/rdma_ns.h
kernel="kernel-headers/rdma/rdma_user_cm_ns.h"
words=librdmacm/strings.c

enumerators() # ENUM
{
	sed -n "/^enum $1 {/,/^};/p" "$header" | sed -nE 's/^\t(RDMA_NS_[A-Z0-9_]+)[ ,=].*/\1/p' | grep -v '_LAST$'
}
word() { sed -nE "s/^ +\[$1\] = \"(.*)\"[,)].*/\1/p" "$words"; } # ENUMERATOR

# Each enumerator of each enumeration that has a function in words; and each enumeration has one.
missing=
for enum in $(sed -nE 's/^enum (rdma_ns_[a-z_]+) \{.*/\1/p' "$header"); do
	grep -q "^WORDS(${enum}_str, enum $enum," "$words" || missing+="$enum has no ${enum}_str() "
	for name in $(enumerators "$enum"); do
		[[ -n $(word "$name") ]] || missing+="$name "
	done
done
tap_equal "each enumerator of the header has a word" "" "$missing"

missing=
for name in $(enumerators rdma_ns_reason); do
	grep -qE "^\s*\[$name\] = +\{" librdmacm/resolve/verdict.c || missing+="$name "
done
tap_equal "each reason has a row in the table of verdicts" "" "$missing"

# The kernel's numbers, in the order of their declaration, are the library's.
same()
{
	diff <(enumerators "$1" | sed "s/^RDMA_NS_//; s/^POLICY_//") \
		<(sed -n "/^enum $2 {/,/^};/p" "$kernel" | sed -nE 's/^\tRDMA_USER_CM_NS_([A-Z0-9_]+)[ ,=].*/\1/p' | grep -v '_LAST$')
}
kernel_enum() { grep -B99 -m1 "RDMA_USER_CM_NS_$1\b" "$kernel" | sed -nE 's/^enum ([a-z_]+) \{.*/\1/p' | tail -n 1; } # A MEMBER
tap_equal "the kernel's reasons are the library's" "" "$(same rdma_ns_reason "$(kernel_enum REASON_NONE)" 2>&1)"
tap_equal "and its policies" "" "$(same rdma_ns_policy "$(kernel_enum REPORT)" 2>&1)"

# What only the kernel tells apart has its words in the command. These three are no refusals that are counted.
refusals()
{
	sed -nE '/define CMA_NS_REASON_WORDS/,/last\(/s/.*RDMA_USER_CM_NS_(REASON_[A-Z_]+), "([a-z_]+)".*/RDMA_NS_\1 \2/p' kernel/cma_ns_words.h |
		grep -vE ' (none|af_ib|not_delivered)$' | while read -r name text; do
		echo "$text | $(word "$name")"
	done
	sed -nE 's/.*\(CMA_NS_REFUSAL_([A-Z_]+), "([a-z_]+)".*/\1 \2/p' kernel/cma_ns_words.h | while read -r name text; do
		echo "$text | $(grep -A1 "case $name:" librdmacm/command/monitor_resolution.c | sed -nE 's/.*return "(.*)";/\1/p')"
	done
}
tap_equal "docs/diagnose.md has each reason of a refusal, and what monitor says for it" "$(refusals | sort)" \
	"$(sed -nE 's/^\| `([a-z_]+)` (\| [^|]*[^| ]) \|.*\|.*\|$/\1 \2/p' docs/diagnose.md | sort)"
tap_equal "so are the metrics' reasons: the alerts name no others" "" "$(comm -23 \
	<(grep -oE 'reason[=!]~"[^"]*"' docs/prometheus/rdma-ns.rules.yml | cut -d'"' -f2 | tr '|' '\n' | sort -u) \
	<(refusals | cut -d' ' -f1 | sort))"

policies=()
for name in $(enumerators rdma_ns_policy); do
	policies+=("$(word "$name")")
done

# FILE, PATTERN with POLICY for each, WHERE
names_all()
{
	local policy
	for policy in "${policies[@]}"; do
		grep -qE "${2//POLICY/$policy}" "$1" || echo "$3 does not name $policy"
	done
}
tap_equal "rdma_ns(7): the table of policies has a column for each" "" \
	"$(names_all man/rdma_ns.7.md '^    evidence .* POLICY( |$)' "its head")"
tap_equal "rdma-ns(8) names each policy" "" "$(names_all man/rdma-ns.8.md '\bPOLICY\b' "the page")"
tap_equal "completion offers each policy, wherever it offers one" "" \
	"$(grep -E 'words="[^"]*\bverify\b' librdmacm/command/rdma-ns.bash | grep -vF "\"${policies[*]}\"" || true)"
tap_equal "the module's parameter takes each policy" "" "$(names_all kernel/cma_ns_main.c '"POLICY"|\bPOLICY\b' "kernel/cma_ns_main.c")"
for help in "" listen ping exec; do
	"build/bin/rdma-ns" $help --help >"${TMPDIR:-/tmp}/words.$$"
	tap_equal "rdma-ns ${help:+$help }--help names each policy" "" "$(names_all "${TMPDIR:-/tmp}/words.$$" '\bPOLICY\b' "the help")"
done
rm -f -- "${TMPDIR:-/tmp}/words.$$"

tap_end
