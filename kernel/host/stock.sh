# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by rdma-ns-kernel, which has set $modules and $dkms_tree: the modules of the distribution and of other vendors,
# which must outlive ours. DKMS 3.2 moves those of the same names into its own tree when it installs. Only its own
# uninstall brings them back, if it runs to its end and finds room.
#   stock_return RELEASE        puts back what DKMS has taken away; fails, and says why, if it cannot
#   stock_hold RELEASE          makes DKMS take nothing away in its next install
#   stock_release RELEASE       undoes that, and what an install left that did not end
#   stock_is_there RELEASE      fails, and says so, if the kernel lacks one of the four that it came with

# The place that DKMS has noted, or else the one where the kernel's package has it.
stock_place() # RELEASE FILE
{
	local name=${2##*/} origin
	origin=$(head -n 1 -- "$2.origin" 2>/dev/null) || true
	if [[ $origin != */lib/modules/"$1"/*/"$name" ]]; then
		origin=$(grep -m 1 "/${name%%.*}\.ko" "/lib/modules/$1/modules.order" 2>/dev/null) || return 1
		origin=/lib/modules/$1/${origin%/*}/$name
	fi
	echo "$origin"
}

# A copy that was interrupted is no file of a later package.
stock_is_newer() # PLACE FILE
{
	[[ -e $1 ]] && ! cmp -s -n "$(stat -c %s -- "$1")" -- "$1" "$2"
}

stock_put() # PLACE FILE
{
	# depmod does not take it for a module.
	local part=${1%/*}/.${1##*/}.new
	{
		mkdir -p -- "${1%/*}" && rm -f -- "$part" || return
		# Of one file system, this needs no room. A copy must last before what it was made from may go.
		ln -- "$2" "$part" || { cp -p -- "$2" "$part" && sync -- "$part"; } || { rm -f -- "$part"; return 1; }
		mv -f -- "$part" "$1" && sync -- "${1%/*}"
	} 2>/dev/null
}

stock_return()
{
	local kept=$dkms_tree/original_module/$1 file place moved=0
	[[ -d $kept ]] && is_kernel "$1" || return 0
	while IFS= read -r file; do
		if [[ $(modinfo -F version "$file" 2>/dev/null) != rdma-ns-* ]]; then
			place=$(stock_place "$1" "$file") || place=
			if [[ -z $place ]] || ! { stock_is_newer "$place" "$file" || stock_put "$place" "$file"; }; then
				say "kernel $1: $file cannot be put back to ${place:-where it was}: see to it that it can, then run this again"
				return 1
			fi
			moved=1
		fi
		rm -f -- "$file" "$file.origin"
	done < <(find "$kept" -type f ! -name '*.origin')
	rm -rf -- "$kept"
	((!moved)) || depmod "$1" >/dev/null 2>&1 || true
}

stock_links() # RELEASE: in which DKMS keeps which version is installed
{
	local link
	for link in "$dkms_tree/kernel-$1-"*; do
		[[ ! -L $link || ${link##*/kernel-"$1"-} == *-* ]] || echo "$link"
	done
}

# DKMS takes nothing away where one version takes another's place.
stock_hold()
{
	local folder
	[[ -z $(stock_links "$1") ]] || return 0
	for folder in "$dkms_tree"/[0-9]*/"$1"/*/module; do
		[[ ! -d $folder ]] || ln -sfn none "$dkms_tree/kernel-$1-$(basename -- "${folder%/module}")"
	done
}

stock_release()
{
	local link file
	for link in $(stock_links "$1"); do
		[[ $(readlink -- "$link") != none ]] || rm -f -- "$link"
	done
	# DKMS would take ours for another's, and keep them in the other's place.
	[[ -n $(stock_links "$1") ]] || for file in $(extended_files "$1"); do
		[[ $file != */updates/dkms/* ]] || rm -f -- "$file" 2>/dev/null || true
	done
	stock_return "$1"
}

stock_is_there()
{
	local module file order=/lib/modules/$1/modules.order lost=()
	is_kernel "$1" && [[ -n $(modinfo -k "$1" -F filename ib_core 2>/dev/null) ]] || return 0
	for module in "${modules[@]}"; do
		[[ ! -e $order ]] || grep -q "/$module\.ko" "$order" || continue
		file=$(modinfo -k "$1" -F filename "$module" 2>/dev/null) || true
		[[ $file == "(builtin)" || -s $file ]] || lost+=("$module")
	done
	((!${#lost[@]})) || {
		say "kernel $1 has lost its own ${lost[*]}: run 'apt install --reinstall linux-image-$1'"
		return 1
	}
}
