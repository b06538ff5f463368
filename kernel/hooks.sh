# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by what reads the semantic patches of hooks/ and the kernel's sources that they are for:
#   definition NAME FILE   the text of the function, struct or table, nothing when there is none
#   field HOOK NAME        what a hook says of itself: "File", the one it patches, or "In", the definition

definition()
{
	awk -v name="$1" '
		# A definition begins in the first column, and its last line is a brace there.
		!inside && /^[a-z_]/ {
			if (name ~ /^struct / ? $0 ~ "^" name " [{]" : $0 ~ "(^|[ *])" name "([(]|\\[\\] = )" && $0 !~ /;$/)
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
