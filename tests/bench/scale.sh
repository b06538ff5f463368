# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# One port with many network namespaces, each with an IPoIB child and a listener, all at the same port number: the
# time and memory that each stage takes, and what of it grows faster than the number of namespaces.

scale_number=0

scale_address() { echo "10.3.$(($1 / 250)).$(($1 % 250 + 1))"; } # NUMBER

scale_available() { sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo; }

scale_print() # STAGE MICROSECONDS KIB
{
	jq -cn --arg stage "$1" --argjson namespaces "$scale_number" --argjson us "$2" --argjson kib "$3" \
		'def rounded: . * 1000 | round / 1000;
		 {bench: "scale", $stage, $namespaces, unit: "s", seconds: ($us / 1000000 | rounded), memory_mib: ($kib / 1024 | rounded)}' |
		tee -a "$scratch/scale"
}

# The memory is what is there less after it than before.
scale_stage() # STAGE COMMAND...
{
	local available began=${EPOCHREALTIME/./}
	available=$(scale_available)
	"${@:2}" || die "$scale_number namespaces: $1 failed"
	scale_print "$1" $((${EPOCHREALTIME/./} - began)) $((available - $(scale_available)))
}

# The memory is what the process had at most. FILTER makes of its JSON how many things it has seen.
scale_command() # FILTER WORD...
{
	local began=${EPOCHREALTIME/./} microseconds seen status=0
	busybox time -v "${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns" --json "${@:2}" >"$scratch/said" 2>"$scratch/errors" || status=$?
	microseconds=$((${EPOCHREALTIME/./} - began))
	seen=$(jq "$1" "$scratch/said") || true
	((status == 0)) && [[ $seen == "$scale_number" ]] ||
		die "rdma-ns ${*:2}: status $status, $seen of $scale_number: $(head -n 3 "$scratch/errors")"
	scale_print "rdma-ns ${*:2}" "$microseconds" "$(sed -n 's/.*Maximum resident set size (kbytes): //p' "$scratch/errors")"
}

scale_batch() # LINE of ip, in which @ is the number
{
	local i
	for ((i = 1; i <= scale_number; i++)); do echo "${1//@/$i}"; done >"$scratch/batch"
	ip -batch "$scratch/batch"
}

scale_addresses()
{
	local i
	for ((i = 1; i <= scale_number; i++)); do
		topology_batch "many$i" "link set lo up" "addr add $(scale_address "$i")/16 dev many$i" "link set many$i up"
	done
}

# So many at a time that none waits long for its turn.
scale_listeners()
{
	local i
	for ((i = 1; i <= scale_number; i++)); do
		ip netns exec "many$i" "$CMWHO" listen --name "many$i" >"$scratch/listener.$i" 2>&1 &
		topology_listeners+=($!)
		((i % 20 && i < scale_number)) || scale_listening "$i"
	done
}

scale_listening() # COUNT
{
	local i j
	for ((i = (($1 - 1) / 20) * 20 + 1; i <= $1; i++)); do
		for ((j = 0; j < topology_patience; j++)); do
			[[ $(<"$scratch/listener.$i") != *listening* ]] || break
			topology_nap
		done
		((j < topology_patience)) || return 1
	done
}

# In the listener's mount namespace /sys is that of its network namespace, where the shell itself can look.
scale_carriers()
{
	local i j carrier
	for ((i = 1; i <= scale_number; i++)); do
		for ((j = 0; j < topology_patience; j++)); do
			carrier=0
			read -r carrier <"/proc/${topology_listeners[i - 1]}/root/sys/class/net/many$i/carrier" || true
			((!carrier)) || break
			topology_nap
		done
		((carrier)) || return 1
	done
}

# One after the other, in one process; the listener of each namespace answers with its name.
scale_connect()
{
	local i wrong
	for ((i = 1; i <= scale_number; i++)); do echo "connect rdma client $(scale_address "$i") 7471"; done |
		"${RDMA_NS_BUILD:-$PWD/build}/bin/cm-script" >"$scratch/answers" || return
	wrong=$(diff <(for ((i = 1; i <= scale_number; i++)); do echo "many$i"; done) "$scratch/answers") && return
	echo "tests/bench/run: not the ones aimed at answered (<), but (>): $(head -n 10 <<<"$wrong")" >&2
	return 1
}

scale_removal()
{
	local i
	topology_silence
	for ((i = 1; i <= scale_number; i++)); do ip -n "many$i" link del "many$i"; done
	scale_batch "netns del many@"
}

# The client's namespace and the host's as well.
scale_audited()
{
	local seen
	seen=$("${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns" audit -A --openmetrics | sed -n 's/^rdma_ns_audit_namespaces //p')
	((${seen:-0} >= scale_number + 2)) ||
		die "rdma-ns audit -A examined ${seen:-no} namespaces instead of $((scale_number + 2))"
}

# Of each stage, how much more the largest number takes for each namespace than the smallest: 1 is linear.
scale_growth()
{
	jq -cs '([.[].namespaces] | [min, max]) as [$few, $many] |
		def rounded: . * 100 | round / 100;
		def ratio(f): map(f) | if all(. > 0) then .[1] / .[0] * $few / $many | rounded else null end;
		select($few < $many) | group_by(.stage)[] |
		[first(.[] | select(.namespaces == $few)), first(.[] | select(.namespaces == $many))] |
		{bench: "scale, growth", stage: .[0].stage, namespaces: $many, than: $few,
		 seconds_ratio: ratio(.seconds), memory_ratio: ratio(.memory_mib)}' "$scratch/scale"
}

bench_scale()
{
	local available setting
	((!quick)) || numbers=(10 20)
	((${#numbers[@]})) || numbers=(250 500 1000)
	: >"$scratch/scale"
	# Each detection of a duplicate IPv6 address would ask all the others. Namespaces inherit the settings.
	sysctl -qw net.core.devconf_inherit_init_net=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	for setting in 1=8192 2=16384 3=32768; do sysctl -qw "net.ipv4.neigh.default.gc_thresh$setting"; done
	bring_programs "$PWD"
	fabric --rings 16 --extended
	ip link set ib0 up
	topology_container client ib1
	topology_ready
	topology_address client ib1.client 10.3.255.9/16
	for scale_number in "${numbers[@]}"; do
		available=$(scale_available)
		scale_stage "namespaces" scale_batch "netns add many@"
		scale_stage "children" scale_batch "link add link ib0 name many@ netns many@ type ipoib pkey 0xffff"
		scale_stage "addresses" scale_addresses
		scale_stage "listeners" scale_listeners
		scale_stage "carriers" scale_carriers
		scale_stage "connections, neighbours unknown" scale_connect
		scale_stage "connections, neighbours known" scale_connect
		scale_command '.netdevs | map(select(.netdev | startswith("many"))) | length' netdevs -A
		# It prints none of them.
		scale_command "$scale_number" audit -A
		scale_audited
		scale_command '.show | map(select(.command == "cmwho") | .pid) | unique | length' show
		scale_stage "removal" scale_removal
		scale_print "left after the removal" 0 $((available - $(scale_available)))
	done
	scale_growth
}
