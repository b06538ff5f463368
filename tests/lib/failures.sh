# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by test.sh:
#   failures FILE   the checks that failed according to FILE, where the output of tests/run is, each with the first lines
#                   that explain it. It comes last, since often only the end of a long output is kept.

failures()
{
	awk -v most=8 '
		function explain(line) { if (lines++ < most) print "#   " substr(line, 1, 300) }
		# What a failed file said is printed once more as a whole, with what explains each check behind it.
		/^# all that [^ ]* said:$/ { file = $4; shows = 0; next }
		file && /^# [a-z]+\/[^ ]*: [0-9]+ s$/ { file = ""; next }
		file && /^#   not ok - / { sub(/^#   not ok - /, ""); print "# not ok - " file ": " $0; told[file ": " $0]; shows = 1; lines = 0; next }
		file && /^#   # / { if (shows) explain(substr($0, 7)); next }
		file { shows = 0; next }
		/^not ok - / { sub(/^not ok - /, ""); name[++count] = $0; last = $0; next }
		/^# (kernel|sanitizer|process )/ { if (last != "" && noted[last]++ < most) notes[last] = notes[last] "\n#   " substr($0, 3, 300); next }
		/^(ok|skip) - / { last = "" }
		END { for (i = 1; i <= count; i++) if (!(name[i] in told)) print "# not ok - " name[i] notes[name[i]] }' "$1"
}
