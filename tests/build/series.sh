#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# kernel/series makes patches of each kernel's source that apply and that checkpatch takes, and says what is wrong
# with a step, a source or an option. No kernel is built.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/vm/lib.sh"
cd "$tree"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
# Whoever runs this need not be known to git.
export GIT_AUTHOR_NAME=Author GIT_AUTHOR_EMAIL=author@example.org GIT_COMMITTER_NAME=Author
export GIT_COMMITTER_EMAIL=author@example.org GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

kernel=$(vm_default_kernel)
source=$(vm_source "$kernel")
out=$scratch/out

# "STATUS: OUTPUT" of kernel/series
series()
{
	local output status=0
	output=$(kernel/series "$@" 2>&1) || status=$?
	echo "$status: $output"
}

said=$(series --check --source "$source" --output "$out")
tap_match "$kernel: all steps apply, and their patches give the same trees" "^0: .*git am: applied
$out/patches$" "$said"
if [[ -e $source/scripts/checkpatch.pl ]]; then
	tap_match "checkpatch has seen each patch" \
		"checkpatch: $(find kernel/series.d -name message | wc -l) patches, [0-9]+ messages" \
		"$said"
else
	tap_skip "checkpatch has seen each patch" "an earlier vm/kernel has unpacked $source, without scripts"
fi
for cover in kernel/series.d/*/cover; do
	set=$(basename -- "$(dirname -- "$cover")")
	mapfile -t patches < <(find "$out/patches/$set" -name '*.patch' | sort)
	tap_equal "$set: a patch for each step, and the cover letter" \
		$(($(find "kernel/series.d/$set" -name message | wc -l) + 1)) "${#patches[@]}"
	tap_match "$set: the cover letter is ours" "$(sed -n 3p "$cover")" "$(<"${patches[0]}")"
	tap_equal "$set: all are signed off" "" \
		"$(grep -L '^Signed-off-by: Author <author@example.org>$' "${patches[@]:1}" || true)"
done
tap_equal "--list names each step" "$(find kernel/series.d -name message | wc -l)" "$(kernel/series --list | grep -c '^  ')"

for other in $(vm_kernels_here | grep -vxF "$kernel"); do
	vm_kernel_ready "$other" || continue
	tap_match "$other: all steps apply" "^0: " "$(series --source "$(vm_source "$other")" --output "$scratch/other")"
done

# What comes out of a repository, from a tag that is not its newest commit.
git init --quiet "$scratch/clone"
for folder in core ulp/ipoib; do
	mkdir -p "$scratch/clone/drivers/infiniband/$folder"
	cp "$source/drivers/infiniband/$folder"/*.[ch] "$scratch/clone/drivers/infiniband/$folder/"
done
git -C "$scratch/clone" add .
git -C "$scratch/clone" commit --quiet -m base
git -C "$scratch/clone" tag begin
echo >"$scratch/clone/drivers/infiniband/core/cma.c"
git -C "$scratch/clone" commit --quiet -a -m later
tap_match "from a tag of a git repository" "^0: " \
	"$(series --source "$scratch/clone" --base begin --output "$scratch/of-clone" a-fixes)"
ids() { cat -- "$1"/patches/a-fixes/*.patch | git patch-id --stable | cut -d ' ' -f 1; }
tap_equal "the patches are the same" "$(ids "$out")" "$(ids "$scratch/of-clone")"
tap_equal "and the repository is as it was" "master later" \
	"$(git -C "$scratch/clone" for-each-ref --format='%(refname:short) %(subject)' refs/heads)"
tap_match "a base that it does not have" "^1: kernel/series: $scratch/clone has no commit nowhere$" \
	"$(series --source "$scratch/clone" --base nowhere --output "$scratch/of-clone")"
tap_match "a step that does not apply is named" \
	"^1: kernel/series: a-fixes/1-listener: 1-get.cocci does not apply: .*/cma.c has no cma_ib_id_from_event$" \
	"$(series --source "$scratch/clone" --output "$scratch/of-clone")"

# Sets that are made up, of a step each.
made_up() # NAME MESSAGE LINE...; LINEs are those of the rule
{
	mkdir -p "$scratch/$1/1-step"
	echo "PATCH" >"$scratch/$1/prefix"
	printf 'Subject\n\nText.\n' >"$scratch/$1/cover"
	printf '%s\n' "$2" >"$scratch/$1/1-step/message"
	printf '%s\n' "// File: drivers/infiniband/core/cma.c" "// In: cma_id_put" "@rule@" "symbol id_priv;" "@@" \
		" cma_id_put(...)" " {" "${@:3}" " }" >"$scratch/$1/1-step/1-rule.cocci"
	series --check --source "$scratch/clone" --base begin --output "$scratch/made-up" "$scratch/$1/"
}
message=$'RDMA/cma: Make something up\n\nThis is made up.'
tap_match "a step that changes nothing" \
	"^1: .*nothing/1-step: 1-rule.cocci does not apply: it changes nothing in cma_id_put" \
	"$(made_up nothing "$message" "-	kfree(id_priv);" "+	kvfree(id_priv);")"
tap_match "one that does less than it says" "^1: .*it adds 1 lines to cma_id_put of .*cma.c and not its 2$" \
	"$(made_up less "$message" "(" "+	might_sleep();" " 	if (...) { ... }" "|" "+	cond_resched();" " 	kfree(id_priv);" ")")"
# Its second part is of another kind.
rm -r "$scratch/less"
made_up less "$message" "+	might_sleep();" " 	..." >/dev/null
part() # KIND LINE...
{
	printf '%s\n' "${@:2}" >"$scratch/less/1-step/2-text.$1"
	series --source "$scratch/clone" --base begin --output "$scratch/made-up" "$scratch/less/"
	rm "$scratch/less/1-step/2-text.$1"
}
core=drivers/infiniband/core
tap_match "a line that the source does not have" \
	"^1: .*less/1-step: 2-text.before does not apply: the source has no $core/cma.c with the line no such line" \
	"$(part before "// File: $core/cma.c" "// Before: no such line" "/* Text. */")"
tap_match "a file that this project does not have" \
	"^1: .*less/1-step: 2-text.file does not apply: this project has no kernel/none.c" \
	"$(part file "// From: kernel/none.c" "// To: $core/none.c")"
hook=kernel/hooks/cma_check_port.cocci
tap_match "a rule that a hook does not have" "^1: .*: 2-text.hook does not apply: $hook has no rule none" \
	"$(part hook "// Hook: $hook" "// Rule: none" "// File: $core/cma.c" "// In: cma_check_port")"
tap_match "a message that git am takes for a patch" "^1: .*git am: the patches of diff (do not apply|give another tree)" \
	"$(made_up diff $'RDMA/cma: Make\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b' "+	might_sleep();" " 	...")"
if [[ -e $source/scripts/checkpatch.pl ]]; then
	cp -r -- "$source/scripts" "$scratch/clone/"
	git -C "$scratch/clone" checkout --quiet begin
	git -C "$scratch/clone" add .
	git -C "$scratch/clone" commit --quiet -m scripts
	git -C "$scratch/clone" tag --force begin >/dev/null
	tap_match "what checkpatch does not take" "^1: .*checkpatch: style/0001-.*: ERROR:SPACING: " \
		"$(made_up style "$message" "+	if(id_priv)" "+		might_sleep();" " 	...")"
fi

mkdir "$scratch/full"
touch "$scratch/full/file"
tap_equal "a folder with files of others is left alone" \
	"1: kernel/series: $scratch/full is not empty, and kernel/series has not made it: name another folder" \
	"$(series --source "$source" --output "$scratch/full")"
tap_match "a folder that is no source" "^1: kernel/series: $scratch/full has no .*: it is not a kernel source$" \
	"$(series --source "$scratch/full" --output "$scratch/none")"
tap_match "no source" "^1: kernel/series: /no cannot be read: install linux-source" \
	"$(series --source /no --output "$scratch/none")"
tap_equal "no output" "2: kernel/series: --output is missing; see 'kernel/series --help'" "$(series --source "$source")"
tap_equal "a set that there is not" \
	"2: kernel/series: 'z' is no set of steps: --list prints them; see 'kernel/series --help'" \
	"$(series --source "$source" --output "$scratch/none" z)"
# What kernel/ and the series share is one text, but for what only modules outside of the kernel have.
if grep -qE 'RDMA_NS_VERSION|LINUX_VERSION_CODE|cma_ns_(compat|user)' "$out"/linux/drivers/infiniband/core/cma_*; then
	tap_result 1 "nothing is left of what is only for modules outside of the kernel"
else
	tap_result 0 "nothing is left of what is only for modules outside of the kernel"
fi
tap_match "a part of kernel/ is in the series as it is" "^static struct dst_entry \\*cma_ns_lookup_ipv6" \
	"$(grep -A 3 '^static struct dst_entry' "$out/linux/drivers/infiniband/core/cma_route.c")"

tap_equal "half of the options" "2: kernel/series: --last needs --headers; see 'kernel/series --help'" \
	"$(series --last --source "$source" --output "$scratch/none")"
tap_equal "modules of each step, without headers" "2: kernel/series: --each needs --headers; see 'kernel/series --help'" \
	"$(series --each --source "$source" --output "$scratch/none")"
tap_end
