# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/series, after kernel/hooks.sh:
#   apply_part PART FOLDER SCRATCH   changes, below FOLDER, the file that this part of a step names. It is
#                                    *.cocci, a semantic patch, or
#                                    *.doc, lines for the end of the comment above a definition, or
#                                    *.before, lines that go before a line, or
#                                    *.move, *.linkage, *.cut or *.drop: see move.sh, or
#                                    *.file or *.hook: see share.sh
#
# A semantic patch must change the definition that it names, or "the file", and must add as many lines as it has,
# unless it says "Everywhere: yes". On failure,
# $apply_error says what is wrong, and the result is 1.

# Coccinelle does not keep the layout of what it adds: it puts an "if" behind the statement before it. So each
# run of lines to add that needs none of the rule's variables goes through it as one call or declaration, which it
# does leave alone, and takes its place again afterwards.
apply_hide() # PATCH SCRATCH
{
	rm -f -- "$2"/text.*
	awk -v scratch="$2" '
		function flush(   i, words, whole, whole_text, name) {
			if (!count)
				return
			whole_text = ""
			for (i = 1; i <= count; i++)
				whole_text = whole_text " " run[i]
			whole = count > 1 && whole_text ~ /[;}][ \t]*$/
			gsub(/[^A-Za-z0-9_]+/, " ", whole_text)
			split(whole_text, words, " ")
			for (i in words)
				if (words[i] in variables)
					whole = 0
			if (whole) {
				name = "series_text_" ++texts
				first = 1
				while (run[first] == "")
					first++
				match(run[first], /^\t*/)
				tabs = substr(run[first], 1, RLENGTH)
				print "+" tabs (tabs == "" ? "int " name ";" : name "();")
				for (i = 1; i <= count; i++)
					print run[i] >(scratch "/text." texts)
				close(scratch "/text." texts)
			} else {
				for (i = 1; i <= count; i++)
					print "+" run[i]
			}
			count = 0
		}
		/^@.*@$/ && !head && $0 != "@@" { flush(); head = 1; delete variables; print; next }
		head && /^@@$/ { head = 0; print; next }
		head {
			if ($1 ~ /^(expression|identifier|statement|type|constant)$/) {
				line = $0
				gsub(/[^A-Za-z0-9_]+/, " ", line)
				split(line, words, " ")
				for (i in words)
					variables[words[i]] = 1
			}
			print
			next
		}
		/^\+/ { run[++count] = substr($0, 2); next }
		{ flush(); print }
		END { flush() }' "$1" >"$2/hidden.cocci"
}

# The text gets the indentation of what stood for it.
apply_show() # FILE SCRATCH
{
	awk -v scratch="$2" '
		match($0, /series_text_[0-9]+/) {
			file = scratch "/text." substr($0, RSTART + 12, RLENGTH - 12)
			match($0, /^\t*/)
			indent = RLENGTH
			nominal = -1
			while ((getline line <file) > 0) {
				if (nominal < 0 && line != "") {
					match(line, /^\t*/)
					nominal = RLENGTH
					# What stood for it was taken for the end of the case before it.
					if (line ~ /^\t*case /)
						indent--
				}
				for (i = nominal; line != "" && i < indent; i++)
					line = "\t" line
				if (line != "" && nominal > indent)
					line = substr(line, nominal - indent + 1)
				print line
			}
			close(file)
			next
		}
		{ print }' "$1"
}

# The lines of FILE that are TEXT, with the one before them if it is the type of the function: "FIRST LAST".
apply_lines() # TEXT FILE
{
	awk -v count="$(wc -l <<<"$1")" '
		NR == FNR { text[NR] = $0; next }
		{ line[FNR] = $0 }
		END {
			for (first = 1; first + count - 1 <= FNR; first++) {
				for (i = 1; i <= count && line[first + i - 1] == text[i]; i++)
					;
				if (i > count) {
					last = first + count - 1
					if (line[first - 1] ~ /^[a-z].*[A-Za-z0-9_*]$/)
						first--
					print first, last
					exit
				}
			}
		}' <(echo "$1") "$2"
}

apply_part()
{
	local part=$1 scratch=$3 name place file before first last
	case $part in
	*.move) move_definitions "$@"; return ;;
	*.linkage) move_linkage "$@"; return ;;
	*.cut) move_away "$@"; return ;;
	*.drop) move_lines_away "$@"; return ;;
	*.before) apply_before "$@"; return ;;
	*.file) share_file "$@"; return ;;
	*.hook) share_hook "$@"; return ;;
	esac
	name=$(field "$part" File)
	place=$(field "$part" In)
	file=$2/$name
	[[ -n $name && -n $place ]] || { apply_error="it has no line '// File: ' or no '// In: '"; return 1; }
	[[ -f $file ]] || { apply_error="the source has no $name"; return 1; }
	first=1
	last=$(wc -l <"$file")
	if [[ $place != "the file" ]]; then
		before=$(definition "$place" "$file")
		[[ -n $before ]] || { apply_error="$name has no $place"; return 1; }
		read -r first last < <(apply_lines "$before" "$file")
	fi
	case $part in
	*.doc) apply_doc "$part" ;;
	*) apply_semantic_patch "$part" ;;
	esac || return
	cat -- "$scratch/whole" >"$file"
}

# The definition is lines $first to $last of $file; the result goes into $scratch/whole.
apply_doc()
{
	[[ $(sed -n "$((first - 1))p" "$file") == " */" ]] || {
		apply_error="there is no comment above $place of $name"
		return 1
	}
	head -n $((first - 2)) "$file" >"$scratch/whole"
	[[ $(tail -n 1 "$scratch/whole") == " *" ]] || echo " *" >>"$scratch/whole"
	grep -v '^//' "$1" >>"$scratch/whole"
	tail -n +$((first - 1)) "$file" >>"$scratch/whole"
}

# For what Coccinelle does not parse, such as tracepoints: the lines after the head go before the line "Before", or before
# the comment above that line.
apply_before() # PART FOLDER SCRATCH
{
	local name file line
	name=$(field "$1" File)
	file=$2/$name
	[[ -e $file || $(field "$1" Optional) != yes ]] || return 0
	line=$(grep -nxF -m 1 -- "$(field "$1" Before)" "$file" 2>/dev/null | cut -d : -f 1) || true
	[[ -n $line ]] || { apply_error="the source has no $name with the line $(field "$1" Before)"; return 1; }
	if [[ $(field "$1" Above) == "its comment" ]]; then
		line=$(head -n $((line - 1)) "$file" | awk '/^[ \t]*\/\*/ { first = FNR } END { print first }')
	fi
	{ head -n $((line - 1)) "$file"; grep -v '^//' "$1"; tail -n +"$line" "$file"; } >"$3/whole"
	cat -- "$3/whole" >"$file"
}

# Only the definition is given to spatch, which is faster and cannot change anything else.
apply_semantic_patch()
{
	local patch=$1 added wanted stays
	apply_hide "$patch" "$scratch"
	sed -n "$first,${last}p" "$file" >"$scratch/part.c"
	rm -f -- "$scratch/changed"
	if ! spatch --very-quiet --sp-file "$scratch/hidden.cocci" "$scratch/part.c" -o "$scratch/changed" \
		>"$scratch/spatch.log" 2>&1 && ! grep -q 'no modified files' "$scratch/spatch.log"; then
		apply_error="spatch fails: $(grep -vE '^([-+ @]|warning)' "$scratch/spatch.log" | head -n 3 | paste -sd ' ')"
		return 1
	fi
	# It writes nothing if nothing changes.
	[[ -e $scratch/changed ]] || cp -- "$scratch/part.c" "$scratch/changed"
	apply_show "$scratch/changed" "$scratch" >"$scratch/shown"
	added=$(diff "$scratch/part.c" "$scratch/shown" | grep -c '^>') || true
	wanted=$(grep -c '^+' "$patch") || true
	# A line that the patch replaces by itself is no addition, if it stays where it is.
	stays=$(comm -12 <(sed -n 's/^-//p' "$patch" | sort) <(sed -n 's/^+//p' "$patch" | sort) | wc -l)
	if cmp -s "$scratch/part.c" "$scratch/shown"; then
		apply_error="it changes nothing in $place of $name"
		return 1
	elif ((added != wanted && added != wanted - stays)) && [[ $(field "$patch" Everywhere) != yes ]]; then
		apply_error="it adds $added lines to $place of $name and not its $wanted"
		return 1
	fi
	{ head -n $((first - 1)) "$file"; cat -- "$scratch/shown"; tail -n +$((last + 1)) "$file"; } >"$scratch/whole"
}
