# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by what looks for reports of sanitizers. Programs write them to files, because in namespaces their
# standard error is often lost.
#
#   reports_options FOLDER    set and export what the sanitizers and valgrind's wrappers (tests/sanitize) read, so that
#                             they report to FOLDER, which is created; RDMA_NS_BUILD says which build is ours
#   reports_take              print what has been reported since the last time, and move it to FOLDER/taken; 1 if
#                             there was nothing

reports_options() # FOLDER
{
	local log=$1/report
	# The module in each line tells whose leak it is.
	local common="log_path=$log:log_exe_name=1:stack_trace_format=\"    #%n %f %S (%m+%o)\""
	local tree=${BASH_SOURCE[0]%/*}
	tree=$(realpath -- "$tree/../..")
	mkdir -p -- "$1" "$1/taken"
	# Programs of other users report as well.
	chmod 1777 -- "$1"
	export RDMA_NS_REPORTS=$1
	# A leak ends no program: it would end before it has written its output, and others leak, too.
	export ASAN_OPTIONS=$common:exitcode=0:abort_on_error=1:detect_leaks=1:fast_unwind_on_malloc=0
	ASAN_OPTIONS+=:strict_string_checks=1:detect_stack_use_after_return=1:handle_sigill=1
	# rdma-ns exec puts our library ahead of the runtime.
	ASAN_OPTIONS+=:verify_asan_link_order=0
	export UBSAN_OPTIONS=$common:abort_on_error=1:print_stacktrace=1
	# Some fork beside threads, which this sanitizer then misses in the child.
	export TSAN_OPTIONS=$common:exitcode=86:suppressions=$tree/tests/lib/threads.supp:second_deadlock_stack=1
	TSAN_OPTIONS+=:report_thread_leaks=0:die_after_fork=0
	export RDMA_NS_VALGRIND="--log-file=$log.%p --suppressions=$tree/tests/lib/valgrind.supp"
}

# Without leaks of which no line is of $build, since programs of others leak, too, and without what valgrind says of
# system calls that it does not know.
reports_ours() # BUILD; of one report
{
	local unknown='Warning: noted but unhandled ioctl|This could cause spurious|See README_MISSING'
	unknown+='|WARNING: unhandled .* syscall|You may be able to write|Read the file README|Nevertheless we consider'
	unknown+='|it at http'
	sed -E "/^(--|==)[0-9]+(--|==) *($unknown)/d; /^==[0-9]+== *\$/d" | awk -v build="$1/" '
		BEGIN { RS = ""; ORS = "\n\n" }
		/LeakSanitizer: detected memory leaks/ { head = $0; next }
		/^(Direct|Indirect) leak of/ && !index($0, "(" build) { next }
		/^-*\n?Suppressions used:/ || /^SUMMARY: AddressSanitizer: [0-9]+ byte/ { next }
		head != "" { print head; head = "" }
		{ print }'
}

reports_take()
{
	local file said build found=1
	build=$(realpath -- "${RDMA_NS_BUILD:-build}")
	for file in "$RDMA_NS_REPORTS"/report*; do
		[[ -s $file ]] || continue
		said=$(reports_ours "$build" <"$file")
		mv -- "$file" "$RDMA_NS_REPORTS/taken"
		[[ -n $said ]] || continue
		echo "${file##*/}:"
		printf '%s\n' "$said"
		found=0
	done
	return $found
}
