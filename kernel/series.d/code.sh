# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/series, after checks.sh:
#   check_code   each set that has a file "same-code" leaves every function of rdma_cm as it was, instruction by
#                instruction, from the step on that the file names: "after STEP until STEP"

# No function depends on where another one is: none is inlined by the compiler's choice or changed for its callers.
code_flags=(
	-fno-inline-functions -fno-inline-small-functions -fno-inline-functions-called-once -fno-partial-inlining
	-fno-ipa-bit-cp -fno-ipa-cp -fno-ipa-icf -fno-ipa-modref -fno-ipa-pure-const -fno-ipa-ra -fno-ipa-reference
	-fno-ipa-sra -fno-ipa-vrp -fno-reorder-functions -ffunction-sections -fdata-sections -fcf-protection=none
)

# "NAME INSTRUCTION; INSTRUCTION..." for each function of OBJECT. Of addresses only the symbol is kept, and of strings
# nothing, since they share a section.
code_functions() # OBJECT
{
	objdump -dr --no-show-raw-insn "$1" | awk '
		/^[0-9a-f]+ <.*>:$/ {
			if (name != "")
				print name, body
			name = substr($2, 2, length($2) - 3)
			body = ""
			next
		}
		name == "" || /^$/ || /^Disassembly/ { next }
		/: R_X86_64_/ {
			symbol = $NF
			# A static function is named by its section, which may have padding before it.
			if (symbol ~ /^\.text\./ || /R_X86_64_PLT32/)
				sub(/[-+]0x[0-9a-f]+$/, "", symbol)
			sub(/^\.(text|data|bss|rodata)(\.unlikely|\.read_mostly)?\./, "", symbol)
			if (symbol ~ /str[0-9]+\.[0-9]+|\.LC[0-9]+/)
				symbol = "string"
			sub(/\.[0-9]+/, "", symbol)
			# What stands before it is nothing yet.
			sub(/<[^<]*>;$/, "", body)
			body = body " -> " symbol ";"
			next
		}
		{
			sub(/^ *[0-9a-f]+:[\t ]*/, "")
			# The target of a branch, and what a relocation fills in.
			if (match($0, / [0-9a-f]+ </))
				$0 = substr($0, 1, RSTART) substr($0, RSTART + RLENGTH - 1)
			sub(/ *#.*/, "")
			body = body " " $0 ";"
		}
		END {
			if (name != "")
				print name, body
		}' | sort -u
}

code_build() # COMMIT SET
{
	git -C "$tree" checkout --quiet --detach "$1"
	kbuild_make "$headers" -s -j"$(nproc)" M="$tree/drivers/infiniband/core" KCFLAGS="${code_flags[*]}" \
		NOSTDINC_FLAGS="-nostdinc -I$tree/include -I$tree/include/uapi" modules >"$scratch/build" 2>&1 || {
		fault "$2 does not build for the comparison of code: $(grep -m 1 -E 'error:|\*\*\*|ERROR' "$scratch/build")"
		return 1
	}
}

code_commit() # SET-FOLDER STEP
{
	local number
	number=$(steps_of "$1" | grep -n "/$2\$" | cut -d : -f 1) || return 0
	awk -v name="${1##*/}" '$2 == name { print $1 }' "$scratch/commits" | sed -n "${number}p"
}

check_code()
{
	local before until name folder different count tree=$output/tree
	kbuild_need objdump binutils
	for folder in "${sets[@]}"; do
		[[ -e $folder/same-code ]] || continue
		name=${folder##*/}
		before=$(code_commit "$folder" "$(sed -nE 's/^after ([^ ]*) until .*/\1/p' "$folder/same-code")")
		until=$(code_commit "$folder" "$(sed -nE 's/^after .* until //p' "$folder/same-code")")
		[[ -n $before && -n $until ]] || {
			fault "$name: its file same-code does not say 'after STEP until STEP'"
			continue
		}
		repository_git worktree add --quiet --detach "$tree" "$before"
		printf '%s\n' 'include $(src)/Makefile' 'obj-y :=' 'obj-m := rdma_cm.o' >"$tree/drivers/infiniband/core/Kbuild"
		if code_build "$before" "$name"; then
			code_functions "$tree/drivers/infiniband/core/rdma_cm.o" >"$scratch/code.before"
			if code_build "$until" "$name"; then
				code_functions "$tree/drivers/infiniband/core/rdma_cm.o" >"$scratch/code.after"
				count=$(wc -l <"$scratch/code.after")
				different=$(comm -3 "$scratch/code.before" "$scratch/code.after" | awk '{ print $1 }' | sort -u | paste -sd ' ')
				[[ -z $different && count -gt 0 ]] || fault "$name changes the code of ${different:-nothing, for there is none}"
				echo "code: $name: $count functions, $(wc -w <<<"$different") different"
			fi
		fi
		repository_git worktree remove --force "$tree"
	done
}
