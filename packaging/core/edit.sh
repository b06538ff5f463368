# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by packaging/rdma-core: the copy of a source, and changes of its files, in the current folder.
#   copy_source TREE DIR          as a git repository with one commit on top, on a branch of its own
#   is_rdma_core                  ends if it is something else, or has what is to be added
#   put DIR FILE...               copies files into it, with the names that the library has there
#   insert_after FILE LINE        inserts standard input behind the first line that is LINE, literally
#   insert_before FILE LINE       likewise before it
#   no_line FILE LINE             ends with a word on what is missing
#   commit STEP                   with the words of messages/STEP
#   write_patches DIR             from $base on, with a cover letter

branch=rdma-ns

copy_source()
{
	local top
	# A repository of its own, or a bare one, not one that happens to lie around it.
	top=$(core_git -C "$1" rev-parse --show-toplevel 2>/dev/null || true)
	if [[ $top == "$1" || $(core_git -C "$1" rev-parse --is-bare-repository 2>/dev/null || true) == true ]]; then
		core_git -c advice.detachedHead=false clone -q --no-hardlinks -- "$1" "$2" || die "'$1' cannot be cloned"
		core_git -C "$2" checkout -q -b "$branch" || die "'$1' has no HEAD to begin with"
		return
	fi
	cp -a -- "$1" "$2" || die "'$1' cannot be copied"
	rm -rf -- "$2/.git"
	core_git -C "$2" init -q -b "$branch"
	# quilt's notes are no part of the source.
	core_git -C "$2" add -A -f -- . ':!.pc'
	core_git -C "$2" commit -q -m "rdma-core as it was" || die "'$1' is empty"
}

is_rdma_core()
{
	local path
	grep -qE '^project\(rdma-core[ )]' CMakeLists.txt 2>/dev/null ||
		die "'$source' is not rdma-core's source: no CMakeLists.txt there says project(rdma-core)"
	for path in . debian kernel-headers kernel-headers/rdma redhat suse tests; do
		[[ -d $path && ! -L $path ]] || die "'$source' has no folder $path, which is in every rdma-core that is known"
	done
	for path in librdmans kernel-headers/rdma/rdma_user_cm_ns.h; do
		[[ ! -e $path && ! -L $path ]] || die "'$source' has $path already"
	done
}

no_line()
{
	die "$1 of '$source' has no line '$2': this rdma-core is older or newer than what is known"
}

renamed() { sed -E 's/librdma-ns/librdmans/g; s/-lrdma-ns/-lrdmans/g'; }

put()
{
	local folder=$1 file
	mkdir -p -- "$folder"
	for file in "${@:2}"; do
		renamed <"$tree/$file" >"$folder/${file##*/}"
	done
}

insert() # after|before FILE LINE
{
	local text
	[[ -f $2 && ! -L $2 ]] || no_line "$2" "$3"
	text=$(cat && echo .)
	place=$1 line=$3 text=${text%.} awk '
		!done && $0 == ENVIRON["line"] { done = 1
			if (ENVIRON["place"] == "before") { printf "%s", ENVIRON["text"]; print } else { print; printf "%s", ENVIRON["text"] }
			next }
		{ print }
		END { exit !done }' "$2" >"$work/edited" || no_line "$2" "$3"
	cat -- "$work/edited" >"$2"
}
insert_after() { insert after "$@"; }
insert_before() { insert before "$@"; }

# For lines that are changed in place: sed's script must change something.
change() # FILE LINE SCRIPT: LINE for the message
{
	[[ -f $1 && ! -L $1 ]] || no_line "$1" "$2"
	sed -E "$3" "$1" >"$work/edited"
	! cmp -s -- "$1" "$work/edited" || no_line "$1" "$2"
	cat -- "$work/edited" >"$1"
}

commit()
{
	core_git add -A -f -- . ':!.pc'
	core_git commit -q -s -F "$tree/packaging/core/messages/$1" || die "step $1: git cannot commit"
}

write_patches()
{
	local subject
	core_git format-patch -q --cover-letter --no-signature -o "$1" "$base.." || die "git cannot write the patches"
	subject=$(head -n 1 "$tree/packaging/core/messages/cover")
	subject=$subject text=$(tail -n +3 "$tree/packaging/core/messages/cover") awk '
		/^Subject: / { sub(/\*\*\* SUBJECT HERE \*\*\*/, ENVIRON["subject"]) }
		$0 == "*** BLURB HERE ***" { $0 = ENVIRON["text"] }
		{ print }' "$1/0000-cover-letter.patch" >"$work/edited"
	cat -- "$work/edited" >"$1/0000-cover-letter.patch"
}
