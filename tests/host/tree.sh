#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Habits of the tree: a licence in each source, clean shell scripts, --help where there is a command.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

files() { git ls-files --cached "$@" 2>/dev/null | while read -r file; do [[ ! -f $file ]] || echo "$file"; done; }

scripts() { git grep -lIE '^(#!/bin/bash|# shellcheck shell=bash)$' -- ':!*.md'; }

sources()
{
	files '*.c' '*.h' '*.cpp' '*.sh' '*.cmake' '*.cmake.in' '*.cocci' '*.py' '*CMakeLists.txt' '*Kbuild'
	git grep -lI '^#!' | while read -r file; do [[ $(head -c 2 "$file") != '#!' ]] || echo "$file"; done
}

# "PATTERN<tab>LICENCE", a line for each that debian/copyright has, in SPDX's words. The last that fits counts.
licences()
{
	awk '/^[^ ]/ { field = $1 } /^$/ { files = "" } field == "Files:" { sub(/^Files:/, ""); files = files " " $0 }
		/^License: / && files != "" {
			sub(/^License: /, "")
			count = split(files, patterns, " ")
			for (i = 1; i <= count; i++)
				print patterns[i] "\t" $0
		}' debian/copyright |
		sed -E 's/\<GPL-2\>/GPL-2.0/; s/([^\t]*) with (Linux-syscall-note) exception/(\1 WITH \2)/
			s/ or / OR /; s/OpenIB-MIT/Linux-OpenIB/'
}

# Sources and scripts that name another licence than debian/copyright, and patterns there that fit none.
without_licence()
{
	local file pattern licence expected
	local -A used=()
	while read -r file; do
		while IFS=$'\t' read -r pattern licence; do
			# shellcheck disable=SC2053
			[[ $file != $pattern ]] || { expected=$licence; used[$pattern]=1; }
		done <<<"$licences"
		head -n 2 "$file" | grep -qE "SPDX-License-Identifier: ${expected//[()]/.}( \*/)?$" ||
			echo "$file is not '$expected'"
	done < <(sources | sort -u)
	while IFS=$'\t' read -r pattern licence; do
		[[ -n ${used[$pattern]-} ]] || echo "debian/copyright: no source is named $pattern"
	done <<<"$licences"
}
licences=$(licences)

if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	tap_skip "each source and script names the licence that debian/copyright gives it" "this is not a git work tree"
	tap_skip "scripts are clean under shellcheck" "this is not a git work tree"
else
	tap_equal "each source and script names the licence that debian/copyright gives it" "" "$(without_licence)"
	# Not followed: files that are sourced (1090, 1091), so the variables that one side sets and the
	# other uses (2034, 2154). 2054 and 2238 mistake QEMU's commas and a file called "command".
	mapfile -t scripts < <(scripts)
	tap_run "scripts are clean under shellcheck (${#scripts[@]})" \
		shellcheck --severity=warning --exclude=SC1090,SC1091,SC2034,SC2154,SC2238,SC2054,SC2319 "${scripts[@]}"
fi

# CONTRIBUTING's style, as far as a program can judge it. Strings are not broken, so that they can be found.
too_wide()
{
	files '*.c' '*.h' | while read -r file; do
		expand -t 8 "$file" | awk -v file="$file" 'length($0) > 100 && !/"/ { print file ":" NR ": " length($0) " columns" }'
	done
}
# Since the commit from which on both are kept.
bad_commits()
{
	git log --no-merges --format='%h%x09%s%x09%(trailers:key=Signed-off-by,valueonly,separator=%x2c)' "$1..HEAD" |
		awk -F '\t' 'length($2) > 72 { print $1 ": the subject has " length($2) " columns" }
			$2 !~ /^[^ ].*: [^ ]/ { print $1 ": the subject does not begin with the part that it touches" }
			$3 == "" { print $1 ": not signed off" }'
}
since=ad4be8ee731f90c1ee59147393037a88de2fd004
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	tap_equal "no line of C has more than 100 columns" "" "$(too_wide)"
	if git cat-file -e "$since^{commit}" 2>/dev/null; then
		tap_equal "commits have a subject of at most 72 columns and are signed off" "" "$(bad_commits "$since")"
	else
		tap_skip "commits have a subject of at most 72 columns and are signed off" "this clone lacks the history"
	fi
fi

# test.sh divides the files that run in the guest between three machines.
. tests/lib/balance.sh
mapfile -t guest_files < <(grep -l '^# Fabric: ' tests/*/*.sh)
balance_split "300 0 100" "${guest_files[@]}"
tap_equal "each test of the guest is in one machine's part" "3 $(printf '%s\n' "${guest_files[@]}" | sort)" \
	"${#balance_lists[@]} $(printf '%s\n' "${balance_lists[@]}" | sort)"

# Each function of the library, in a page that declares it as the header does, parameters included.
undocumented()
{
	local function page declared
	for function in $(sed -n 's/^\t*\(rdma_ns_[a-z_]*\);$/\1/p' librdmacm/librdma-ns.map); do
		page=build/man/$function.3
		if [[ ! -f $page ]]; then
			echo "$function: no page"
			continue
		fi
		page=$(sed -n 's|^\.so man3/||p' "$page")
		page=man/${page:-$function.3}.md
		# Without its comments; and what a page indents.
		declared=$(gcc -E -fpreprocessed -P librdmacm/rdma/rdma_ns.h | declaration "$function")
		[[ -n $declared && $(grep '^    ' "$page" | declaration "$function") == "$declared" ]] ||
			echo "$function: $page does not declare it as the header does"
	done
}
declaration() # FUNCTION, of what is on standard input
{
	tr -s '\n\t ' ' ' | grep -oE "[a-z_]+ \*?$1\([^;]*\);" | head -n 1
}
tap_equal "each function of the library has a page" "" "$(undocumented)"
tap_equal "no page has a part twice" "" "$(grep -H '^#' man/*.md | sort | uniq -d)"
# As man would show them.
bad_pages()
{
	local page
	for page in build/man/*.[0-9]; do
		[[ $(<"$page") != .so* ]] || continue
		groff -man -t -Tutf8 -ww -z "$page" 2>&1
	done
}
tap_equal "groff has no complaint about any page" "" "$(bad_pages)"
# But for what pandoc always writes. The date would be the builder's.
tap_equal "nor has mandoc" "" "$(
	for page in build/man/*.[0-9]; do
		[[ $(<"$page") == .so* ]] || mandoc -T lint -W warning "$page" 2>&1
	done | grep -vE 'missing date|skipping paragraph macro: PP after S[HS]|invalid escape sequence: .f.C.$|cannot parse date.*: TH 20[0-9]+\\-[0-9]+\\-[0-9]+$' || true)"

# pyverbs' own depend on what is installed.
rows_missing()
{
	tests/others/run --list | sed -n 's/^row\t//p' | grep -v '^[^ ]*python3 ' | while IFS= read -r row; do
		grep -qF -- "| \`$row\`" docs/PROOF.md || echo "$row"
	done
}
tap_equal "docs/PROOF.md has all of tests/proof's rows" "" "$(rows_missing)"

for command in ./test.sh ./demo.sh scripts/setup.sh tests/run tests/everything tests/coverage/run tests/faults tests/last tests/soak tests/scale tests/sanitize tests/proof tests/bench/report tests/others/run vm/run vm/kernel vm/module vm/fabric kernel/build kernel/check-kernels kernel/series kernel/load tests/bench/native tests/fuzz/run build/bin/cmwho build/bin/rdma-ns; do
	tap_match "$command --help says how to use it" '[Uu]sage:' "$("$command" --help)"
	status=0
	"$command" --no-such-option >/dev/null 2>&1 || status=$?
	tap_equal "$command refuses an unknown option" 2 "$status"
done
tap_end
