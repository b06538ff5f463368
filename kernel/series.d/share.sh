# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/series.d/apply.sh: parts of steps that take what kernel/ has, so that there is one text and not two.
#   share_file PART FOLDER SCRATCH   *.file: the file "From" of this project becomes the file "To", which an earlier
#                                    step may have made already if it says "Again: yes"
#   share_hook PART FOLDER SCRATCH   *.hook: the rule "Rule" of the file "Hook" changes the definition "In" of "File"
# "Replace: WORD WORD" lines exchange words in either. On failure, $apply_error says what is wrong, and the result is 1.

share_tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

share_replace() # PART <TEXT
{
	local from to script=()
	while read -r from to; do
		script+=(-e "s/\\b$from\\b/$to/g")
	done < <(sed -n 's|^// Replace: ||p' "$1")
	sed "${script[@]}" -e ''
}

# What is only for modules outside of the kernel goes: they have an RDMA_NS_VERSION, and a LINUX_VERSION_CODE to ask.
# What stands under RDMA_NS_WITH_... goes as well, but for the NAMEs: later steps make the file again, with more of it.
share_resolve() # FILE FOLDER NAME...
{
	local version major minor patch rest name names=() status=0
	for name in $(grep -oE '\<RDMA_NS_WITH_[A-Z]+\>' "$1" | sort -u); do
		if [[ " ${*:3} " == *" ${name#RDMA_NS_WITH_} "* ]]; then names+=("-D$name"); else names+=("-U$name"); fi
	done
	version=$(kbuild_source_version "$2")
	# A part of a source may have no Makefile.
	[[ -n $version || ! -r $headers/include/config/kernel.release ]] ||
		version=$(sed 's/[^0-9.].*//' "$headers/include/config/kernel.release")
	IFS=. read -r major minor patch rest <<<"${version:-99.0.0}"
	sed -E ':again; s/KERNEL_VERSION\(([0-9]+), ([0-9]+), ([0-9]+)\)/(\1 * 65536 + \2 * 256 + \3)/; t again' "$1" |
		awk '/^#(el)?if/ {
				while (match($0, /\([0-9]+ \* 65536 \+ [0-9]+ \* 256 \+ [0-9]+\)/)) {
					split(substr($0, RSTART + 1, RLENGTH - 2), n, /[^0-9]+/)
					$0 = substr($0, 1, RSTART - 1) (n[1] * 65536 + n[3] * 256 + n[5]) substr($0, RSTART + RLENGTH)
				}
			}
			{ print }' |
		unifdef -kB -URDMA_NS_VERSION ${names[@]+"${names[@]}"} -DLINUX_VERSION_CODE=$((major * 65536 + minor * 256 + patch)) || status=$?
	# It returns 1 if it has changed something.
	((status <= 1))
}

# A function "Compat" of kernel/cma_ns_compat.h takes the place of the #include.
share_compat() # NAME FILE FOLDER
{
	local compat=$scratch/compat.h
	share_resolve "$share_tree/kernel/cma_ns_compat.h" "$3" >"$compat" && move_cut "$1" "$compat" || {
		apply_error="kernel/cma_ns_compat.h has no $1"
		return 1
	}
	sed -i '/^#include "cma_ns_compat.h"$/d' "$2"
	awk -v cut="$scratch/cut" '
		NR == FNR { if (/^#include /) last = FNR; next }
		{ print }
		FNR == last {
			print ""
			while ((getline line <cut) > 0)
				print line
		}' "$2" "$2" >"$scratch/whole"
	cat -- "$scratch/whole" >"$2"
}

share_file()
{
	local part=$1 folder=$2 scratch=$3 from to module compat
	from=$share_tree/$(field "$part" From)
	to=$folder/$(field "$part" To)
	module=$(field "$part" Module)
	compat=$(field "$part" Compat)
	kbuild_need unifdef unifdef
	[[ -f $from ]] || { apply_error="this project has no ${from#"$share_tree/"}"; return 1; }
	[[ ! -e $to || $(field "$part" Again) == yes ]] || { apply_error="the source has a ${to#"$folder/"} already"; return 1; }
	case $from in
	*.[ch])
		# shellcheck disable=SC2046 # a list of names
		share_resolve "$from" "$folder" $(field "$part" With) >"$scratch/shared" || { apply_error="unifdef fails"; return 1; }
		;;
	*)
		cp -- "$from" "$scratch/shared"
		;;
	esac
	[[ -z $compat ]] || share_compat "$compat" "$scratch/shared" "$folder" || return
	# What has been left out at the end may leave an empty line.
	mkdir -p -- "${to%/*}" &&
		share_replace "$part" <"$scratch/shared" | awk '/^$/ { empty++; next } { for (; empty; empty--) print ""; print }' >"$to" ||
		{ apply_error="${to#"$folder/"} cannot be made"; return 1; }
	# A repository that was made from a package does not look at the mode itself.
	if [[ $(field "$part" Mode) == +x ]]; then
		chmod +x -- "$to"
		git -C "$folder" update-index --add --chmod=+x -- "${to#"$folder/"}" ||
			{ apply_error="git cannot add ${to#"$folder/"}"; return 1; }
	fi
	[[ -z $module ]] || move_add_object "${to%/*}/Makefile" "$module-y" "$(basename -- "${to%.c}").o"
}

# The name that hooks give to the lock is that of the unchanged source.
share_hook()
{
	local part=$1 hook rule
	hook=$share_tree/$(field "$part" Hook)
	rule=$(field "$part" Rule)
	[[ -f $hook ]] || { apply_error="this project has no ${hook#"$share_tree/"}"; return 1; }
	{
		grep -E '^// (File|In|Everywhere): ' "$part"
		awk -v rule="@$rule@" '/^@[a-z_]+@$/ { inside = $0 == rule } inside' "$hook" | share_replace "$part"
	} >"$3/hook.cocci"
	grep -q '^+' "$3/hook.cocci" || { apply_error="${hook#"$share_tree/"} has no rule $rule"; return 1; }
	apply_part "$3/hook.cocci" "$2" "$3"
}
