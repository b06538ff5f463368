# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/series.d/apply.sh: parts of steps that move definitions by their names, so that no text of the
# kernel is kept here.
#   move_definitions PART FOLDER SCRATCH   *.move: makes the file "To" of definitions from the file "From"
#   move_linkage PART FOLDER SCRATCH       *.linkage: a function of "File" gets another linkage than "static"
#   move_away PART FOLDER SCRATCH          *.cut: definitions of "File" go
#   move_lines_away PART FOLDER SCRATCH    *.drop: the lines of "File" from the line "First" to the next line "Last" go
# On failure, $apply_error says what is wrong, and the result is 1.

# Cuts NAME out of FILE, with the comment above it, and the empty line below, into $scratch/cut.
move_cut() # NAME FILE
{
	local first last text above
	if [[ $1 == "define "* ]]; then
		first=$(grep -n -m 1 -- "^#$1\b" "$2" | cut -d : -f 1) || true
		last=$first
	else
		text=$(definition "$1" "$2")
		[[ -z $text ]] || read -r first last < <(apply_lines "$text" "$2")
	fi
	[[ -n ${first-} ]] || return 1
	above=$first
	if [[ $(sed -n "$((first - 1))p" "$2") == *"*/" ]]; then
		above=$(head -n "$((first - 1))" "$2" | grep -n '^/\*' | tail -n 1 | cut -d : -f 1)
	fi
	sed -n "$above,${last}p" "$2" >"$scratch/cut"
	[[ -n $(sed -n "$((last + 1))p" "$2") ]] || last=$((last + 1))
	sed -i "$above,${last}d" "$2"
}

# The file is what stands in PART after its head: lines as they are, behind a "+", and names of definitions. It begins
# with the copyright notices of the file that they come from, and is one of the objects of the module "Module".
move_definitions()
{
	local part=$1 folder=$2 scratch=$3 from to module line
	from=$folder/$(field "$part" From)
	to=$folder/$(field "$part" To)
	module=$(field "$part" Module)
	[[ -f $from ]] || { apply_error="the source has no ${from#"$folder/"}"; return 1; }
	[[ ! -e $to ]] || { apply_error="the source has a ${to#"$folder/"} already"; return 1; }
	sed '/^ \*\/$/q' "$from" >"$to"
	[[ $to != *.h ]] || sed -i '1s#^// \(.*\)#/* \1 */#' "$to"
	while IFS= read -r line; do
		case $line in
		//*) ;;
		+*) echo "${line#+}" >>"$to" ;;
		*)
			move_cut "$line" "$from" || { apply_error="${from#"$folder/"} has no $line"; return 1; }
			cat -- "$scratch/cut" >>"$to"
			;;
		esac
	done <"$part"
	[[ -n $module ]] || return 0
	move_add_object "${to%/*}/Makefile" "$module-y" "$(basename -- "${to%.c}").o"
}

move_add_object() # MAKEFILE LIST OBJECT
{
	grep -qE "^$2[[:space:]]*:=" "$1" || { apply_error="${1##*/} has no $2"; return 1; }
	sed -i -E "/^$2[[:space:]]*:=/s/([[:space:]]*\\\\)?\$/ $3\1/" "$1"
}

# Continuation lines stay below the parenthesis.
move_linkage()
{
	local part=$1 folder=$2 name place file first last text
	name=$(field "$part" File)
	file=$folder/$name
	while IFS= read -r place; do
		[[ $place != //* ]] || continue
		text=$(definition "$place" "$file" 2>/dev/null)
		[[ -n $text ]] || { apply_error="$name has no $place"; return 1; }
		read -r first last < <(apply_lines "$text" "$file")
		[[ $(sed -n "${first}p" "$file") == "static "* ]] || { apply_error="$place of $name is not static"; return 1; }
		awk -v first="$first" -v last="$last" -v linkage="$(field "$part" Linkage)" '
			NR == first {
				shift = length($0)
				sub(/^static /, linkage == "" ? "" : linkage " ")
				shift -= length($0)
				# If the name is on a line of its own, its parenthesis does not move.
				header = /\(/ && !/\)$/
				print
				next
			}
			NR > first && NR <= last && header {
				text = $0
				sub(/^[\t ]+/, "", text)
				match($0, /^[\t ]*/)
				width = 0
				for (i = 1; i <= RLENGTH; i++)
					width += substr($0, i, 1) == "\t" ? 8 - width % 8 : 1
				width -= shift
				indent = ""
				for (i = 0; i < int(width / 8); i++)
					indent = indent "\t"
				for (i = 0; i < width % 8; i++)
					indent = indent " "
				if (/\)$/)
					header = 0
				print indent text
				next
			}
			{ print }' "$file" >"$scratch/linked"
		cat -- "$scratch/linked" >"$file"
	done <"$part"
}

move_away()
{
	local part=$1 folder=$2 scratch=$3 name place
	name=$(field "$part" File)
	[[ -f $folder/$name ]] || { apply_error="the source has no $name"; return 1; }
	while IFS= read -r place; do
		[[ $place != //* ]] || continue
		move_cut "$place" "$folder/$name" || { apply_error="$name has no $place"; return 1; }
	done <"$part"
}

# If there is an empty line on both sides, one of them goes as well.
move_lines_away()
{
	local part=$1 folder=$2 scratch=$3 name file first last after
	name=$(field "$part" File)
	file=$folder/$name
	first=$(grep -nxF -m 1 -- "$(field "$part" First)" "$file" 2>/dev/null | cut -d : -f 1) || true
	[[ -n $first ]] || { apply_error="the source has no $name with the line $(field "$part" First)"; return 1; }
	after=$(tail -n +"$first" "$file" | grep -nxF -m 1 -- "$(field "$part" Last)" | cut -d : -f 1) || true
	[[ -n $after ]] || { apply_error="$name has no line $(field "$part" Last) after that"; return 1; }
	last=$((first + after - 1))
	[[ -n $(sed -n "$((first - 1))p;$((last + 1))p" "$file") ]] || last=$((last + 1))
	sed -i "$first,${last}d" "$file"
}
