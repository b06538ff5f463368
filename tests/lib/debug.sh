# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by scripts that run test files on a debug kernel.
#
#   debug_environment    adds to the array environment what vm/run needs for times and loops of such a kernel: those of
#                        the caller's environment, or the usual ones
#   debug_finish         what a shell in the guest runs: test files, and what the kernel knows after them. Its arguments
#                        are the folder for all output and the files

debug_environment()
{
	local setting
	for setting in RDMA_NS_SLOW=8 FUZZ_COMMANDS=20000 FUZZ_SEQUENCES=1000 LIFETIMES_ROUNDS=2 LIFETIMES_DEVICE_ROUNDS=2 \
		ADVERSARY_CONNECTIONS=100 FAILURES=1000 MADS_SECONDS=20; do
		environment+=(-e "$setting" -e "${setting%%=*}")
	done
}

# Locks are checked, nothing leaks.
# shellcheck disable=SC2016,SC2034
debug_finish='
	folder=$1
	shift
	tests/run --log "$folder" "$@"
	status=$?
	if grep -q "debug_locks: *1$" /proc/lockdep_stats; then
		echo "ok - locks were checked until the end"
	else
		echo "not ok - locks were checked until the end"
	fi
	if vm/leaks >"$folder/leaks"; then
		echo "ok - nothing leaked"
	else
		echo "not ok - nothing leaked"
		sed "s/^/# /" "$folder/leaks"
	fi
	exit $status'
