# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by rdma-ns-kernel, which has set $modules and $state: the index in which modprobe finds modules. depmod writes
# it file by file. On a full disk it leaves one of them cut off, and those after it as they were.
#   index_is_wrong RELEASE            whether it misses modules that there are, or names files that are gone
#   index_mend RELEASE                makes it again if it is wrong; fails, and says why, if it stays so
#   index_has_room RELEASE FILE...    fails, and says why, if there is no room for these modules and a new index
#   index_rival RELEASE               the first file that modprobe would load instead of ours, if ours were in place; also
#                                     what another vendor has, whatever the rules say
#   index_can_lead RELEASE            fails, and says which, if there is one
#   index_other RELEASE VERSION       the first file that modprobe would load instead of the extended one, or "nothing"
#   index_lead RELEASE VERSION        sees to it that there is none; fails, and says which, if there is

# A release's name may be the beginning of another's.
index_was_ours() # RELEASE
{
	[[ -e $state/$1.built || -e $state/$1.log ]] || compgen -G "$state/$1.aside-*" >/dev/null
}

index_is_wrong()
{
	local module file folder=/lib/modules/$1
	# depmod begins with the one file and ends with the other. Copying may change their order, so this counts only where
	# modules of ours have been.
	[[ ! $folder/modules.dep -nt $folder/modules.devname ]] || ! index_was_ours "$1" || return 0
	for module in "${modules[@]}"; do
		file=$(modinfo -k "$1" -F filename "$module" 2>/dev/null) || true
		if [[ -z $file ]]; then
			[[ -z $(find "$folder/kernel" -name "$module.ko*" 2>/dev/null) ]] || return 0
		else
			[[ $file == "(builtin)" || -e $file ]] || return 0
		fi
	done
	return 1
}

index_mend()
{
	local output="" remedy="mend that"
	index_is_wrong "$1" || return 0
	output=$(depmod "$1" 2>&1) && ! index_is_wrong "$1" || {
		[[ $output != *"No space"* ]] || remedy="free space in /lib/modules"
		say "kernel $1: modprobe may not find modules, since depmod fails${output:+ ($(tail -n 1 <<<"$output"))}: $remedy, then run 'depmod $1'"
		return 1
	}
}

index_has_room()
{
	local blocks size need
	read -r blocks size < <(stat -f -c '%f %S' "/lib/modules/$1")
	need=$(du -ck -- "${@:2}" "/lib/modules/$1"/modules.* 2>/dev/null | sed -n '$s/[^0-9].*//p')
	((blocks * size / 1024 >= need)) || {
		say "kernel $1: the modules need $need KiB in /lib/modules, where $((blocks * size / 1024)) are free: free space, then run 'rdma-ns-kernel enable'"
		return 1
	}
}

# depmod knows its rules best. Ours need not be there for it, nor is anything written that modprobe reads.
index_rival()
{
	local folder=/lib/modules/$1 module name file files names=() model
	is_kernel "$1" || return 0
	for module in "${modules[@]}"; do
		names+=(-o -name "$module.ko" -o -name "$module.ko.gz" -o -name "$module.ko.xz" -o -name "$module.ko.zst")
	done
	files=$(find "$folder/" -path "$folder/build" -prune -o \( "${names[@]:1}" \) -print 2>/dev/null) || true
	for file in $files; do
		[[ $file == "$folder"/kernel/* || $(modinfo -F version "$file" 2>/dev/null) == rdma-ns-* ]] || {
			echo "$file"
			return
		}
	done
	model=$(mktemp -d) || return 0
	ln -s . "$model/usr"
	for file in $files; do
		name=updates/dkms/${file##*/}
		[[ $file != "$folder"/kernel/* ]] || for name in "$name" "${file#"$folder"/}"; do
			mkdir -p "$model$folder/$(dirname "$name")"
			ln -sf "$file" "$model$folder/$name"
		done
	done
	depmod -n -b "$model" "$1" 2>/dev/null >"$model/index" || true
	for module in "${modules[@]}"; do
		name=$(grep -m 1 -oE "^([^ :]*/)?$module\.ko[^ :]*:" "$model/index") || continue
		[[ $name == updates/dkms/* ]] || {
			name=${name%:}
			[[ $name == /* ]] || name=$folder/$name
			echo "$name"
			break
		}
	done
	rm -rf -- "$model"
}

index_say_rival() # RELEASE FILE
{
	say "kernel $1: modprobe would load $2 instead of the extended module: remove the rule that prefers it (see depmod.d(5)) or, if another vendor has put it there, the file, then run 'rdma-ns-kernel enable'"
	return 1
}

index_can_lead()
{
	local rival
	rival=$(index_rival "$1")
	[[ -z $rival ]] || index_say_rival "$1" "$rival"
}

index_other()
{
	local module file
	is_kernel "$1" || return 0
	for module in "${modules[@]}"; do
		[[ "$(modinfo -k "$1" -F version "$module" 2>/dev/null)" != "rdma-ns-$2" ]] || continue
		file=$(modinfo -k "$1" -F filename "$module" 2>/dev/null) || true
		echo "${file:-nothing}"
		return
	done
}

index_lead()
{
	local other
	[[ -n $(index_other "$@") ]] || return 0
	depmod "$1" >/dev/null 2>&1 || true
	other=$(index_other "$@")
	[[ -z $other ]] || index_say_rival "$1" "$other"
}
