# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by test.sh and tests/run:
#   kernel_report FILE   of a kernel's report in FILE: which test was being run, if that is there, too, what the report
#                        is about, where it happened, and the calls that led there, in one line. It goes into the name
#                        of the check, since often only the end of a long output is kept.

kernel_report()
{
	awk '/^# [a-z]+\/[^ ]*$/ { file = "during " $2 ": " }
		{ sub(/^(<[0-9]+>)?\[ *[0-9.]+\](\[ *[TC][0-9]+\])? /, "") }
		/^vm\/run: the kernel reported/ { first = ""; next }
		!first && !/^-+\[ cut here|^Call Trace:/ { first = $0 }
		!what && /^((rcu|watchdog|traps): |BUG: |Oops|general protection|WARNING: |Kernel panic|kernel BUG|INFO: |UBSAN: )/ { what = $0 }
		what && !where && /^RIP: 0010:/ { where = "; " substr($2, 6) }
		what && /^Call Trace:/ { calls++ }
		calls == 1 && ++lines <= 16 && /^ *[a-zA-Z_][^ ]*\+0x/ { trace = trace " " $1 }
		END { print file (what ? what : first ? first : "see the lines") where (trace ? "; by" trace : "") }' "$1"
}
