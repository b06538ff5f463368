# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/series: its output folder, and the git repository there.
#   repository_begin                     makes $output anew from $source and $base; sets $linux, $scratch, $base_commit
#                                        and, from a repository, $cloned
#   repository_begin_set NAME COVER      begins the branch NAME, whose cover letter says COVER
#   repository_commit MESSAGE-FILE       commits all that has changed
#   repository_write_patches NAME PREFIX STEP...   writes the patches of the branch NAME, which has these steps
#   repository_sets                      prints "BEFORE NAME" for each set

repository_parts=(
	drivers/infiniband/core drivers/infiniband/ulp/ipoib drivers/infiniband/Kconfig include/rdma include/uapi/rdma
	Documentation/infiniband tools/testing/selftests/rdma tools/testing/selftests/Makefile tools/testing/selftests/kselftest.h
	Makefile MAINTAINERS .clang-format
	scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch scripts/get_maintainer.pl
)

repository_git() { git -C "$linux" -c core.autocrlf=false -c commit.gpgSign=false "$@"; }

# Only what an earlier run has left is removed.
repository_empty()
{
	mkdir -p -- "$output" 2>/dev/null && [[ -w $output ]] || die 1 "$output cannot be written"
	output=$(realpath -- "$output")
	[[ -z $(ls -A -- "$output") || -e $output/.kernel-series ]] ||
		die 1 "$output is not empty, and kernel/series has not made it: name another folder"
	[[ $source/ != "$output"/* ]] || die 1 "$source is in $output, which would be made anew: name another folder"
	touch -- "$output/.kernel-series"
	rm -rf -- "$output"/{linux,patches,scratch,tree,modules,steps}
	linux=$output/linux
	scratch=$output/scratch
	mkdir -p -- "$scratch" "$output/patches"
}

# A bare one, or one with a work tree. A source may lie somewhere in another project's.
repository_is_git()
{
	[[ -d $source ]] || return 1
	[[ -e $source/.git || $(git -C "$source" rev-parse --git-dir 2>/dev/null) == . ]]
}

repository_clone()
{
	local commit
	commit=$(git -C "$source" rev-parse --verify --quiet "${base:-HEAD}^{commit}") ||
		die 1 "$source has no commit ${base:-HEAD}"
	git clone --quiet --shared --no-checkout -- "$source" "$linux" || die 1 "$source cannot be cloned"
	repository_git sparse-checkout set --no-cone "${repository_parts[@]/#//}" &&
		repository_git checkout --quiet --detach "$commit" || die 1 "commit $commit of $source cannot be checked out"
}

repository_import()
{
	local top part parts=()
	mkdir "$linux"
	if [[ -d $source ]]; then
		for part in "${repository_parts[@]}"; do
			[[ ! -e $source/$part ]] || parts+=("$part")
		done
		((!${#parts[@]})) || tar -C "$source" -cf - -- "${parts[@]}" | tar -C "$linux" -xf -
	else
		top=$(tar -tf "$source" 2>/dev/null | sed 's#/.*##; q') || true
		# Parts that this kernel does not have are no error.
		LC_ALL=C tar -C "$linux" --strip-components=1 -xf "$source" "${repository_parts[@]/#/$top/}" 2>/dev/null || true
	fi
	[[ -e $linux/drivers/infiniband/core/cma.c && -e $linux/drivers/infiniband/ulp/ipoib/ipoib_main.c ]] ||
		die 1 "$source has no drivers/infiniband: it is not a kernel source"
	base=${base:-v$(kbuild_source_version "$linux")}
	[[ $base != v ]] || base=base
	git check-ref-format "refs/tags/$base" || die 2 "'$base' is not the name of a tag; see 'kernel/series --help'"
	git -C "$linux" init --quiet
	# The messages of checkpatch are about patches, not about the mode of a file in a package.
	repository_git config core.fileMode false
	repository_git add --all --force
	repository_git commit --quiet --message "The source, unchanged: $base"
	repository_git tag "$base"
}

repository_begin()
{
	repository_empty
	cloned=0
	if repository_is_git; then
		cloned=1
		repository_clone
		base=${base:-HEAD}
	else
		repository_import
	fi
	base_commit=$(repository_git rev-parse HEAD)
	repository_last=$base_commit
}

repository_begin_set()
{
	! repository_git rev-parse --verify --quiet "refs/heads/$1" >/dev/null || repository_git branch --quiet -D "$1"
	repository_git checkout --quiet -b "$1"
	repository_git config "branch.$1.description" "$(<"$2")"
}

repository_commit()
{
	repository_git add --all --sparse 2>/dev/null || repository_git add --all
	repository_git commit --quiet --signoff --cleanup=whitespace --file "$1"
}

# Those who are to be asked, by the kernel's own list.
repository_recipients() # PATCH...
{
	[[ -e $linux/scripts/get_maintainer.pl && -e $linux/MAINTAINERS ]] || return 0
	perl "$linux/scripts/get_maintainer.pl" --no-tree --mpath "$linux/MAINTAINERS" --no-git --no-git-fallback --no-rolestats \
		"$@" 2>/dev/null | sed 's/^/--cc=/'
}

repository_write_patches()
{
	local folder=$output/patches/$1 recipients=()
	mkdir -- "$folder"
	repository_git format-patch --quiet --output-directory "$folder" "$repository_last..$1"
	mapfile -t recipients < <(repository_recipients "$folder"/*.patch)
	rm -- "$folder"/*.patch
	repository_git format-patch --quiet --output-directory "$folder" --subject-prefix="$2" --cover-letter \
		--cover-from-description=subject ${recipients[@]+"${recipients[@]}"} "$repository_last..$1"
	repository_git log --reverse --format="%H $1" "$repository_last..$1" >>"$scratch/commits"
	paste -d ' ' <(printf '%s\n' "$folder"/*.patch | grep -v '/0000-') <(printf '%s\n' "${@:3}") >>"$scratch/patches"
	echo "$repository_last $1" >>"$scratch/sets"
	repository_last=$(repository_git rev-parse "$1")
}

repository_sets() { cat -- "$scratch/sets"; }
