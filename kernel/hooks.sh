# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by the scripts that read the semantic patches of hooks/ and the kernel's sources:
#   definition NAME FILE   prints the text of a function, struct, union or table, or nothing if there is none
#   field HOOK NAME        prints a field of a hook's head: "File", the file that the hook patches, or
#                          "In", the definition in it

definition()
{
	awk -v name="$1" '
		# A definition begins in the first column, and its last line has a brace there.
		!inside && /^[a-z_]/ {
			if (name ~ /^(struct|union) / ? $0 ~ "^" name " [{]" : $0 ~ "(^|[ *])" name "([(]|\\[\\] = )" && $0 !~ /;$/)
				inside = 1
		}
		inside { text = text $0 "\n" }
		inside && /^[})]?.*;$/ && text !~ /[{]/ { inside = 0; text = "" }
		inside && /^}/ { printf "%s", text; exit }' "$2"
}

field()
{
	sed -n "s|^// $2: ||p" "$1" | head -n 1
}
