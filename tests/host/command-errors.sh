#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns's messages: one style whatever is wrong with the words and however it is called, nothing that a terminal
# obeys, and the remedy where /proc is not mounted.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree/build/bin"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/command-errors.XXXXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

answer() # COMMAND...: its status and what it says
{
	local output status=0
	output=$("$@" 2>&1) || status=$?
	echo "$status: $output"
}
says() { tap_equal "rdma-ns ${*:3}" "$1: rdma-ns: $2" "$(answer ./rdma-ns "${@:3}")"; } # STATUS MESSAGE WORD...
help="; see 'rdma-ns --help'"
help() { echo "; see 'rdma-ns $1 --help'"; } # COMMAND

says 2 "unknown option '--foo'$help" --foo
says 2 "unknown option '-x'$help" -jx
says 2 "unknown option '-O'$help" -O
says 2 "option '-b' needs a value$help" -b
says 2 "option '--batch' needs a value$help" --batch
says 2 "option '--json' takes no value$help" --json=1 netdevs
says 2 "unknown command 'foo'$help" foo
says 2 "no command$help"
says 125 "exec: unknown option '--foo'$(help exec)" exec --foo true
says 125 "exec: unknown option '-x'$(help exec)" e -jx true
says 125 "exec: option '--policy' needs a value$(help exec)" exec --policy
says 125 "exec: option '--json' takes no value$(help exec)" exec --json=1 true
says 2 "ping: unknown option '--once'$(help ping)" ping --once 10.0.0.5
says 2 "ping: unknown option '-1'$(help ping)" ping -1 10.0.0.5
says 2 "ping: unknown option '-1'$(help ping)" ping --netdev=ib0 -1q 10.0.0.5
says 2 "ping: option '--p' is ambiguous$(help ping)" ping --p 1 10.0.0.5
says 2 "ping: option '-c' needs a value$(help ping)" p -c
says 2 "doctor: unknown option '-I'$(help doctor)" doctor -I ib0
says 2 "doctor: unexpected word '10.0.0.6'$(help doctor)" d 10.0.0.5 10.0.0.6
says 2 "doctor: 'x\\x1b[2J' is not an IP address, or its %NETDEV is not in this namespace$(help doctor)" doctor $'x\e[2J'
says 2 "listen: option '--udp' takes no value$(help listen)" listen --udp=1

# What a tenant has written into a file, a terminal would obey.
batch=$scratch/$'\e]2;batch'
printf '%b' 'f\e[31moo\xff\n' 'ping --\e[2Jonce\n' 'exec\r ls\n' 'listen -\e\n' 'resolve 10.0.0.5\e[1m\\ x\n' >"$batch"
tap_equal "a batch's words, and its name, are escaped" "\
rdma-ns: $scratch/\\x1b]2;batch:1: unknown command 'f\\x1b[31moo\\xff'$help
rdma-ns: $scratch/\\x1b]2;batch:2: ping: unknown option '--\\x1b[2Jonce'$(help ping)
rdma-ns: $scratch/\\x1b]2;batch:3: unknown command 'exec\\x0d'$help
rdma-ns: $scratch/\\x1b]2;batch:4: listen: unknown option '-\\x1b'$(help listen)
rdma-ns: $scratch/\\x1b]2;batch:5: resolve: '10.0.0.5\\x1b[1m\\' is not an IP address, or its %NETDEV is not in this namespace$help" \
	"$(./rdma-ns -b "$batch" 2>&1 || true)"
says 1 "cannot open '$scratch/no\\x07': No such file or directory" -b "$scratch/no"$'\a'

printf 'netdevs -A\0--no-such-option\n' >"$scratch/zero"
says 2 "$scratch/zero:1: the line has a zero byte$help" -b "$scratch/zero"

echo "# $(seq -s ' ' 300)" >"$scratch/comment"
tap_equal "a comment may have any number of words" "0: " "$(answer ./rdma-ns -b "$scratch/comment")"
seq -s ' ' 300 >"$scratch/words"
says 2 "$scratch/words:1: the line has more than 256 words$help" -b "$scratch/words"

# Which programs load no library, and so would run unseen by every policy.
header() # CLASS DATA MACHINE: of an ELF program
{
	printf '\x7fELF%b%b\x01\0\0\0\0\0\0\0\0\0\x02\0%b\x01\0\0\0' "$@"
	head -c 64 /dev/zero
}
case $(uname -m) in
x86_64) other='\x08\0' ;;
*) other='\x3e\0' ;;
esac
header '\x01' '\x01' '\x03\0' >"$scratch/small"
header '\x02' '\x01' "$other" >"$scratch/other"
printf '#!%s\n' "$scratch/static" >"$scratch/script"
echo 'int main(void) { return 0; }' | gcc -x c -static -o "$scratch/static" -
echo 'int main(void) { return 0; }' | gcc -x c -static-pie -o "$scratch/static-pie" -
chmod +x "$scratch"/{small,other,script}
for kind in static static-pie; do
	says 126 "exec: '$scratch/$kind' is statically linked: no library can be loaded into it" exec -p strict "$scratch/$kind"
done
says 126 "exec: '$scratch/small' is a 32-bit program: the 64-bit library cannot be loaded into it" exec "$scratch/small"
says 126 "exec: '$scratch/other' is built for another machine: this library cannot be loaded into it" exec "$scratch/other"
tap_equal "exec finds them in PATH, too" \
	"126: rdma-ns: exec: '$scratch/small' is a 32-bit program: the 64-bit library cannot be loaded into it" \
	"$(PATH=$scratch:$PATH answer ./rdma-ns exec small)"
tap_equal "exec passes them as words to others" "0: " "$(answer ./rdma-ns exec test -x "$scratch/small")"
tap_equal "a script's interpreter is not looked at" "0: " "$(answer ./rdma-ns exec "$scratch/script")"

# The dynamic linker, too, needs /proc to find a library beside the program.
# shellcheck disable=SC2016
without=(env LD_LIBRARY_PATH="$PWD/../lib" unshare -m bash -c 'while umount -l /proc 2>/dev/null; do :; done; exec ./rdma-ns "$@"' -)
if unshare -m true 2>/dev/null && ! "${without[@]}" exec test -e /proc/self; then
	remedy="/proc is not mounted: 'mount -t proc proc /proc'"
	tap_equal "no /proc: exec" "125: rdma-ns: exec: cannot find this program itself: $remedy" "$(answer "${without[@]}" exec true)"
	tap_equal "no /proc: resolve" "1: rdma-ns: resolve: cannot resolve: $remedy" \
		"$(answer "${without[@]}" resolve 10.0.0.5 from 10.0.0.9 dev sib0)"
	tap_equal "no /proc: a process's namespace" "1: rdma-ns: listen: cannot open network namespace '1': $remedy" \
		"$(answer "${without[@]}" listen -N 1)"
else
	tap_skip "no /proc" "no namespace of mounts may be made here"
fi
tap_end
