#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: tests/vm/test_vm_run.sh
#
# vm/run, vm/kernel, vm/module, vm/scan-log and vm/leaks themselves: exit status, output, timeout,
# kernel-warning detection, signals, not root. Prints "ok - NAME" or "not ok - NAME".
# Exit status: 0 all ok, 1 not.
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
tree=${here%/tests/vm}
vm=$tree/vm
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
chmod 755 "$work"
# What a killed vm/run leaves goes with it.
export TMPDIR=$work
failed=0

ok() # NAME TEST-COMMAND...
{
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		[[ ! -s err ]] || sed 's/^/# /' err | tail -n 15
		failed=1
	fi
}

# Runs a command for the checks after it: its output in out and err, its status in $status.
try()
{
	"$@" >out 2>err
	status=$?
}

is() { [[ $1 == "$2" ]] || { echo "# '$1' is not '$2'"; false; }; }
has() { grep -q -- "$2" "$1"; }
no_machine_of() # TAG in its command line
{
	local i process left
	for ((i = 0; i < 20; i++)); do
		left=
		for process in /proc/[0-9]*; do
			[[ $(cat "$process/comm" 2>&1) != qemu-system* || $(tr '\0' ' ' <"$process/cmdline") != *"$1"* ]] ||
				left=${process##*/}
		done
		[[ -n $left ]] || return 0
		sleep 0.1
	done 2>/dev/null
	echo "# left over: process $left"
	return 1
}

test_usage()
{
	local arguments
	for arguments in "--bogus" "--cpus 0 true" "--cpus x true" "--memory 2 true" "--timeout -1 true" \
			"--module /nonexistent.ko true" "--output /nonexistent true" "--kernel six true" \
			"--env 1A=2 true" "--accel none true" "--timeout"; do
		# shellcheck disable=SC2086
		try "$vm/run" $arguments
		ok "vm/run $arguments: usage error" is "$status" 2
	done
	try "$vm/run" </dev/null
	ok "a shell without a terminal: usage error" is "$status" 2
	try "$vm/run" --help
	ok "--help: status 0" is "$status" 0
	ok "--help: tells the options" has out --timeout
	try "$vm/kernel" 9.9
	ok "a kernel that apt does not know: status 1" is "$status" 1
	ok "a kernel that apt does not know: says so" has err "no kernel 9.9"
	try "$vm/kernel" --suite
	ok "a suite without a name: usage error" is "$status" 2
	RDMA_NS_CACHE=$work/suite try "$vm/kernel" --suite trixie 6.1
	ok "a suite that does not have the kernel: status 1" is "$status" 1
	ok "a suite that does not have the kernel: says so" has err "trixie has no kernel 6.1"

	# A machine without QEMU.
	local tool
	mkdir -p bin
	for tool in bash dirname sed cat realpath; do
		ln -s "$(command -v $tool)" bin/
	done
	PATH=$work/bin try "$vm/run" true
	ok "without QEMU: status 1" is "$status" 1
	ok "without QEMU: names the package" has err "qemu-system-x86"
}

test_scan()
{
	local log version
	for log in "$here"/logs/*; do
		version=${log##*/}
		version=${version#*-}
		[[ $version == *-debug-* ]] && version=${version%%-*}-debug || version=${version%%-*}
		try "$vm/scan-log" "$version" <"$log"
		case $log in
		*/good-*) ok "scan-log: ${log##*/} is clean" is "$status" 0 ;;
		*/bad-*) ok "scan-log: ${log##*/} is found" is "$status $([[ -s out ]] && echo printed)" "1 printed" ;;
		esac
	done
	while IFS= read -r log; do
		try "$vm/scan-log" 6.1 <<<"[    5.000000] $log"
		ok "scan-log: \"$log\" is found" is "$status $(<out)" "1 [    5.000000] $log"
	done <<-'END'
		infiniband sib0: QP memory leak! 1 still in use
		infiniband sib0: DMA MR not null!
		INFO: lockdep is turned off.
		dst_release: dst:00000000aa61e4d2 refcnt:-1
		Freeing alive inet6 address 00000000f3f3aa11
		cmwho[412]: segfault at 10 ip 00007f9c1d2b4a10 sp 00007ffd3e5c7a80 error 4 in librdma-ns.so.1.0.0[7f9c1d2a9000+14000]
		rdma-ns[413]: segfault at 0 ip 000055d0c0a4c1b2 sp 00007ffeb7a3c1d0 error 4 in rdma-ns[55d0c0a40000+32000]
		traps: rdma-ns[414] general protection fault ip:55d0c0a4c1b2 sp:7ffeb7a3c1d0 error:0 in rdma-ns[55d0c0a40000+32000]
	END
	# A minute and a half of this was seen to end by itself.
	log="cm_destroy_id_wait_timeout: cm_id=00000000c5c0d7a3 timed out. state 0 -> 0, refcnt=1"
	try "$vm/scan-log" 6.1 <<<"[    5.000000] $log
[   15.000000] $log"
	ok "scan-log: ib_cm waits for an id, which is no fault by itself" is "$status" 0
	try "$vm/scan-log" 6.1 <<<"[    5.000000] rping[415]: segfault at 10 ip 0 sp 0 error 4 in librdmacm.so.1.3.44.0[7f9c1d2a9000+14000]"
	ok "scan-log: a crash of others is not" is "$status" 0
}

test_leaks()
{
	local file
	for file in "$here"/leaks/*; do
		try "$vm/leaks" --from "$file"
		case $file in
		*/good-*) ok "leaks: ${file##*/}: nothing" is "$status $(<out)" "0 " ;;
		*/bad-*) ok "leaks: ${file##*/}: printed" is "$status $([[ -s out ]] && echo printed)" "1 printed" ;;
		esac
	done
	try "$vm/leaks" --from "$here/leaks/bad-ours" bonding
	ok "leaks: of another module: nothing" is "$status $(<out)" "0 "
	try "$vm/leaks" --from "$here/leaks/good-others" bonding
	ok "leaks: of that module: printed" is "$status $(grep -c bond_init out)" "1 1"
	try "$vm/leaks" --all --from "$here/leaks/good-others"
	ok "leaks: --all: printed, and does not count" is "$status $(grep -c bond_init out)" "0 1"
	try "$vm/leaks" --from /nonexistent
	ok "leaks: nothing to read: usage error" is "$status" 2
}

# What a kernel's configuration says to three options that were asked for. No kernel is compiled.
test_debug_kernel()
{
	local refused
	cat >asked <<-'END'
		# Three groups.
		CONFIG_KASAN=y
		# CONFIG_MD is not set
		CONFIG_LOCALVERSION="-debug"
		CONFIG_NO_SUCH_THING=y
		# CONFIG_NOR_THIS is not set
	END
	printf '%s\n' CONFIG_KASAN=m 'CONFIG_LOCALVERSION="-debug"' CONFIG_MD=y >config
	refused=$(. "$vm/debug.sh" && debug_refused asked config)
	ok "a debug kernel: options that it does not take are named" is "$refused" "# CONFIG_MD is not set, but: CONFIG_MD=y
CONFIG_KASAN=y, but: CONFIG_KASAN=m
CONFIG_NO_SUCH_THING=y, but there is no such option here"
	ok "vm/debug.config: each option once" is \
		"$(grep -oE '^(# )?CONFIG_[A-Z0-9_]+' "$vm/debug.config" | sed 's/^# //' | sort | uniq -d)" ""
	try "$vm/kernel" 6.1-other
	ok "a kernel of a kind that there is not: usage error" is "$status" 2
	RDMA_NS_CACHE=$work/debug try "$vm/kernel" 9.9-debug
	ok "a debug kernel that apt has no source of: status 1" is "$status" 1
	ok "a debug kernel that apt has no source of: says so" has err "no linux-source-9.9"
	ok "a debug kernel that apt has no source of: leaves nothing" is "$(ls "$work/debug")" 9.9-debug.lock
}

test_output()
{
	local seconds
	mkdir -p output "odd, name"
	cat >command <<-'END'
		echo out; echo err >&2; printf 'no newline'
		cat
		echo "$SET|$HANDED|$HOME|$(id -u)|$PWD|$1|$2" >&2
		echo kept >output/file; echo lost >lost
		lsmod | grep -q ^warn && nproc >&2
		cat /sys/kernel/rcu_expedited >&2
		echo again >/dev/stdout
		exit 7
	END
	head -c 3000000 /dev/urandom >in
	{
		printf 'out\nno newline'
		cat in
		echo again
	} >expected
	HANDED="a  b" try "$vm/run" --timeout 100 --env SET='x "y" $z' -e HANDED --output output --cpus 1 --memory 1G \
		--kernel-log log --append rcupdate.rcu_expedited=0 --module "$(<module)" -- \
		bash -c '. ./command' bash "two words" '$(quoted)*' <in
	ok "status of the command" is "$status" 7
	ok "standard input to output, byte for byte" cmp out expected
	ok "standard error, environment, directory, arguments, module, --append" is "$(<err)" \
		"err
x \"y\" \$z|a  b|/root|0|$work|two words|\$(quoted)*
1
0"
	ok "the output folder is kept" is "$(<output/file)" kept
	ok "other files are not" test ! -e lost
	ok "--kernel-log has the kernel's banner" has log "Linux version $kernel\\."

	(
		cd "odd, name" &&
			timeout 60 "$vm/run" --output . sh -c 'echo "$PWD" >here; while :; do echo line; done' 2>../err
		echo $? >../status
	) | head -n 1 >out
	ok "ends when nobody reads its output" is "$(<status)" 141
	ok "a folder with an odd name" is "$(<"odd, name/here")" "$work/odd, name"

	try "$vm/run" --timeout 100 sh -c 'cat /sys/kernel/rcu_expedited; grep -c -w erms /proc/cpuinfo'
	ok "RCU is expedited unless --append says otherwise" is "$(head -n 1 out)" 1
	ok "memory is not copied byte by byte" is "$(tail -n 1 out)" 0
	if [[ -n $other_kernel ]]; then
		RDMA_NS_KERNEL=$other_kernel try "$vm/run" --timeout 100 uname -r
		ok "another kernel, $other_kernel" has out "^$other_kernel\\."
	fi

	# The time is only told: a loaded machine must not fail here.
	TIMEFORMAT="%U"
	seconds=$({ time "$vm/run" --timeout 100 uname -r >out 2>err; } 2>&1)
	ok "the default kernel, $kernel" has out "^$kernel\\."
	echo "# to boot, run and end took $seconds s of processor time"
}

# A guest starts in more than a second, so that for this limit it hangs. One that hangs first is stopped.
test_start()
{
	local process try
	RDMA_NS_START=1 try "$vm/run" --timeout 100 true
	ok "a guest that does not start: status" is "$status" 1
	ok "a guest that does not start is tried twice" is "$(grep -c 'had not started after 1 s' err)" 2
	RDMA_NS_START=many try "$vm/run" true
	ok "a limit that is no number" is "$status" 2

	echo whole >in
	RDMA_NS_START=60 "$vm/run" --timeout 100 --env FOR=start_again cat <in >out 2>err &
	for ((try = 0; try < 100; try++)); do
		process=$(pgrep -P $! qemu-system) && break
		sleep 0.1
	done
	kill -STOP "$process"
	wait $!
	ok "and if another one starts, all is well" is "$? $(<out)" "0 whole"
	ok "but it is told" has err "it is started once more"
}

test_kernel_reports()
{
	try "$vm/run" --timeout 7 sh -c 'echo started; sleep 1000'
	ok "timeout: status 124" is "$status" 124
	ok "timeout: says so" has err "ended after 7 s"

	try "$vm/run" --timeout 100 sh -c 'modprobe warn kind=warning; echo after'
	ok "warning: status 125" is "$status" 125
	ok "warning: prints the lines" has err "WARNING: CPU: .* warn_warning"
	ok "warning: the command goes on" has out after

	try "$vm/run" --timeout 100 sh -c 'echo before; modprobe warn kind=oops'
	ok "oops: status 125" is "$status" 125
	ok "oops: prints the lines" has err "BUG: kernel NULL pointer dereference"

	try "$vm/run" --timeout 100 sh -c 'echo before; sleep 1; echo c >/proc/sysrq-trigger; sleep 100'
	ok "panic: status 125" is "$status" 125
	ok "panic: prints the lines" has err "Kernel panic - not syncing"
	ok "panic: output until then" has out before
}

# Which of its jump labels the kernel patches for a ping; with "alone" nothing else needs timestamps.
patched() # [alone]
{
	"$vm/run" --timeout 100 bash -c '
		for ((i = 0; i < 100; i++)); do
			! ls -l /proc/$(pgrep -x perl)/fd 2>/dev/null | grep -q socket || break
			sleep 0.1
		done
		[[ $1 != alone ]] || pkill -x perl
		sleep 1
		cd /sys/kernel/tracing
		echo "p:patch jump_label_update key=%di:symbol" >kprobe_events
		echo 1 >events/kprobes/patch/enable
		ping -q -c 1 127.0.0.1 >&2
		echo "record-cmd $(<options/record-cmd)" >&2
		sleep 1
		sed -n "s/.*key=\([^+]*\).*/\1/p" trace' bash "${1-}" >out 2>err
}

test_patching()
{
	patched alone
	ok "a ping alone has the kernel patch its receive path" has out '^netstamp_needed_key$'
	patched
	ok "with timestamps kept on it does not" is "$(grep netstamp out)" ""
	ok "the ping has its answer" has err ' 1 received'
	ok "nor do trace events have the scheduler patched" has err '^record-cmd 0$'
}

test_signals()
{
	local pid signal
	for signal in INT:130 TERM:143 KILL:137; do
		rm -rf -- "$work"/vm-run.*
		mkdir -p "tag-$signal"
		# As a terminal's user would start it: background jobs of a script ignore SIGINT.
		env --default-signal=INT "$vm/run" --output "tag-$signal" \
			sh -c "echo up >'tag-$signal/up'; sleep 1000" >out 2>err &
		pid=$!
		until [[ -e tag-$signal/up ]] || ! kill -0 $pid 2>/dev/null; do
			sleep 0.1
		done
		kill -s "${signal%:*}" $pid
		wait $pid 2>/dev/null
		ok "SIG${signal%:*}: status" is $? "${signal#*:}"
		ok "SIG${signal%:*}: no QEMU left" no_machine_of "tag-$signal"
		# SIGKILL leaves nobody to tidy up.
		[[ $signal == KILL:* ]] ||
			ok "SIG${signal%:*}: no file left" is "$(compgen -G "$work/vm-run.*")" ""
	done
	rm -rf -- "$work"/vm-run.*
	# It sends its signal twice.
	try timeout 3 "$vm/run" sleep 1000
	ok "timeout(1): status" is "$status" 124
	ok "timeout(1): no file left" is "$(compgen -G "$work/vm-run.*")" ""
}

# A tree that others can read, however closed the folder is that this one lives in.
open_tree()
{
	local cache=${RDMA_NS_CACHE:-$tree/build/cache}
	mkdir -p open/build/cache
	cp -a -- "$vm" open/vm
	mkdir open/kernel
	cp -a -- "$vm/../kernel/kbuild.sh" open/kernel/
	cp -al -- "$cache/$kernel" open/build/cache/ 2>/dev/null || cp -a -- "$cache/$kernel" open/build/cache/
}

test_not_root()
{
	local -a user=()
	((EUID != 0)) || user=(setpriv --reuid nobody --regid nogroup --clear-groups)
	echo secret >secret
	chmod 000 secret
	open_tree
	try "${user[@]}" env -u RDMA_NS_CACHE TMPDIR=/tmp open/vm/run sh -c 'id -u; touch /usr/written && echo overlay; cat secret'
	ok "not root: status of the command" is "$status" 1
	ok "not root: root inside, files can be written" is "$(tr '\n' ' ' <out)" "0 overlay "
	ok "not root: a file of root stays closed" has err "secret: Permission denied"
}

test_module()
{
	local installed before
	"$vm/module" "$here/warn" >module 2>err
	ok "vm/module: builds" is $? 0
	installed=$(<module)
	before=$(stat -c %Y "$installed")
	"$vm/module" "$here/warn" >out 2>err
	ok "vm/module: not again when nothing changed" is "$(stat -c %Y "$installed")" "$before"
	ok "vm/module: the folder stays clean" is "$(ls "$here/warn")" "Kbuild
warn.c"
	mkdir -p faulty
	echo 'obj-m := faulty.o' >faulty/Kbuild
	printf '#include <linux/module.h>\nint unused(void);\nint f(void) { return 0; }\n' >faulty/faulty.c
	try "$vm/module" faulty
	ok "vm/module: a warning is an error" is "$status" 1
	ok "vm/module: names the source" has err "faulty.c:3"
}

kernel=$(. "$vm/lib.sh" && vm_default_kernel)
other_kernel=$(. "$vm/lib.sh" && vm_kernels_here | grep -vxF "$kernel" | head -n 1)
for version in "$kernel" $other_kernel; do
	"$vm/kernel" "$version" >/dev/null || exit 1
done
test_usage
test_scan
test_leaks
test_debug_kernel
test_module
test_output
test_start
test_kernel_reports
test_patching
test_signals
test_not_root
exit $failed
