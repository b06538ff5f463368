#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns's subcommands, options, events and exit statuses: help, page and completion know the same ones.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
page=man/rdma-ns.8.md
. librdmacm/command/rdma-ns.bash
compopt() { completed_with="compopt $*"; }
_command_offset() { completed_with="word $1 is a command"; }

complete_words() # WORD...: what completion offers for the last one, a word a line
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	completed_with=
	_rdma_ns
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

completion_by() { complete_words "$@" >/dev/null; echo "$completed_with"; } # WORD...

long_options() { grep -oE '(^|[ ,])--[a-z][a-z-]*' | tr -d ' ,' | sort -u; }
help() { build/bin/rdma-ns "$@" --help; }
lines() { paste -sd' '; }

tap_equal "subcommands: help and completion" "$(complete_words rdma-ns '' | lines)" \
	"$(help | sed -nE 's/^  ([a-z]+)( .*|$)/\1/p' | sort | lines)"
tap_equal "subcommands: the page has a section for each" "" "$(
	for word in $(complete_words rdma-ns '' | grep -v help); do
		grep -qE "^## (.*, )?$word(,|$)" $page || echo "$word"
	done)"
for command in listen monitor ping exec doctor hook; do
	tap_equal "$command: help and completion have the same options" \
		"$(help $command | sed -n '/^  -/p' | long_options | lines)" "$(complete_words rdma-ns $command -- | lines)"
done
for words in "exec prog -" "exec prog --policy " "exec --policy verify -l f --json prog -" \
	"exec --policy = verify prog -p" "exec -- -prog -" "-j exec prog -"; do
	IFS=' ' read -ra split <<<"$words."
	split[-1]=${split[-1]%.}
	tap_match "completion: $words<TAB>: the program's own words" '^word [2-8] is a command$' "$(completion_by rdma-ns "${split[@]}")"
done
tap_equal "completion: the program's place" "word 7 is a command" "$(completion_by rdma-ns exec --policy = verify -l f prog -)"
tap_equal "completion: the program's words are files without bash-completion" "compopt -o default" \
	"$(unset -f _command_offset; completion_by rdma-ns exec prog -)"
tap_equal "completion: policies after =, too" "verify" "$(complete_words rdma-ns exec --policy = ve | lines)"
tap_equal "completion: a batch is a file" "compopt -o default|compopt -o default" \
	"$(completion_by rdma-ns -b '')|$(completion_by rdma-ns --batch = f)"
tap_equal "completion: the batch's name is not a command" "" "$(completion_by rdma-ns -b exec prog -)"
# A tenant's name must neither run nor, once it is on the command line, do so there.
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
hostile_names()
{
	# shellcheck disable=SC2016 # they are names
	printf '%s\n' '$(touch ran)' '`touch ran`' 'x;touch ran' ib0
}
_rdma_ns_netdevs() { hostile_names; }
_rdma_ns_netnses() { hostile_names; }
_rdma_ns_ports() { hostile_names; }
completed() # WORD...: as a shell would read the offered words again
{
	local words
	words=$(cd "$scratch" && complete_words "$@") || return
	(cd "$scratch" && eval "printf '%s\n' $(tr '\n' ' ' <<<"$words")") | LC_ALL=C sort | paste -sd '|'
	[[ ! -e $scratch/ran ]] || echo "one ran"
}
for words in "listen -I" "monitor -N" "ping --netns" "resolve 10.0.0.5 dev"; do
	# shellcheck disable=SC2016 disable=SC2086
	tap_equal "completion: names after '$words' are data" '$(touch ran)|`touch ran`|ib0|x;touch ran' \
		"$(completed rdma-ns $words '')"
done
tap_equal "completion: a name that has begun" ib0 "$(complete_words rdma-ns listen -I ib)"
tap_equal "options of all: help and completion" "$(help | sed -nE '/^  (-|    --)/p' | long_options | lines)" \
	"$({ complete_words rdma-ns --; complete_words rdma-ns audit --; } | sort -u | lines)"
for command in "" listen monitor ping exec doctor hook; do
	[[ $command != hook ]] || page=man/rdma-ns-hook.8.md
	tap_equal "${command:-all}: each option is in the page" "" "$(
		help $command | sed -nE '/^  (-|    --)/p' | long_options | while read -r option; do
			grep -q -- "\\*\\*\\\\$option\\*\\*" $page || echo "$option"
		done)"
done
page=man/rdma-ns.8.md
for command in listen ping doctor; do
	tap_match "$command: -N takes a container's name, and the help says so" '--netns NETNS [^;]*a container, such as' \
		"$(help $command | tr -s '\n ' ' ' | sed 's/ -[A-Zj], /;/g')"
done
for command in listen ping; do
	tap_equal "$command: each JSON event is in the page" "" "$(
		grep -oE 'event\\":\\"[a-z_]+' librdmacm/command/$command.c | sed 's/.*"//' | sort -u | while read -r event; do
			grep -q "\\*$event\\*" $page || echo "$event"
		done)"
done
tap_equal "monitor: each event is in the page" "" "$(
	grep -ohE '"(netdev|address|collision) [a-z]+"|monitor->output, "[a-z ]+"|monitor, "[a-z]+", kind' \
		librdmacm/command/monitor*.c | grep -oE '"[a-z ]+"' | tr -d '"' | sort -u | while read -r event; do
		tr '\n' ' ' <$page | sed 's/  */ /g' | grep -q "\*$event\*" || echo "$event"
	done)"
tap_equal "each key of JSON is in the page" "" "$({
	sed -nE 's/.*monitor_line_[a-z]+\((&?line), "([a-z_]+)".*/\2/p' librdmacm/command/monitor*.c
	sed -nE 's/.*\{ "([a-z_]+)", OUTPUT_[A-Z]+ \}.*/\1/p' librdmacm/command/{resolve,netns_output,doctor}.c
	grep -oE '(add_json_[a-z]+\(line, |[{,]\\)"[a-z_]+' librdmacm/report.c | sed 's/.*"//'
} | sort -u | while read -r key; do
	grep -q "\\*$key\\*" $page || echo "$key"
done)"
causes()
{
	cat librdmacm/command/{doctor_*,netdev_state,causes}.c | tr -d '\n\t' |
		grep -oE 'doctor_(find|hint|found)\(doctor, "[a-z_]+"|return "[a-z_]+"' | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u
}
tap_match "doctor: its causes are found in the source" '^arp .*wrong_netdev$' "$(causes | lines | tr ';' ' ')"
tap_equal "doctor: each cause is in the page" "" "$(causes | while read -r cause; do
	grep -q "\\*$cause\\*" $page || echo "$cause"
done)"
# "unknown" is for what nobody has thought of.
tap_equal "doctor: each cause is made in a test" "" "$(causes | while read -r cause; do
	[[ $cause == unknown ]] || grep -qwE "$cause" tests/command/doctor.sh tests/host/no-rdma.sh || echo "$cause"
done)"
tap_equal "each kind of what is not seen is in the page" "" "$(
	sed -n '/unseen_words\[UNSEEN_COUNT\]/,/NOT_NAMESPACES/s/.*\[UNSEEN_[A-Z]*\] = { "\([a-z]*\)".*/\1/p' \
		librdmacm/command/namespaces.c | while read -r kind; do
		grep -q "\\*$kind\\*" $page || echo "$kind"
	done)"
tap_end
