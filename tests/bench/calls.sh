# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# The system calls of a connection, by strace, on each side: of an unmodified program (cmtime) with the preload library
# and without, and of one that uses librdma-ns (ns-peer); in namespaces with few netdevs, and with many. What happens
# once in a process does not count: it is the difference between few connections and more. Nor does what is done again
# and again until something has happened.

calls_few=5
calls_more=0

# "NAME COUNT" a line, of calls on netlink sockets as "NAME netlink COUNT".
calls_of() # FILE
{
	awk '{ sub(/^[0-9]+ +/, "") }
	!/^(sched_yield|futex|poll|ppoll|epoll_wait|clock_nanosleep)\(/ && match($0, /^[a-z_0-9]+\(/) {
		name = substr($0, 1, RLENGTH - 1)
		count[name (substr($0, RLENGTH + 1) ~ /^[0-9]+<NETLINK/ ? " netlink" : "")]++
	}
	END { for (name in count) print name, count[name] }' "$1"
}

# Without -I, strace would not be ended by a signal.
calls_strace() { echo strace -f -qq -yy -I 2 -s 0 -o "$scratch/calls.$1"; } # FILE

# Each side of so many connections; the counts go to the files WAY.COUNT.server and WAY.COUNT.client.
calls_run() # WAY COUNT
{
	local side preload=${RDMA_NS_BUILD:-$PWD/build}/lib/rdma-ns/librdma-ns-preload.so answers
	cmtime_under=()
	case $1 in
	preload | without)
		[[ $1 == without ]] || cmtime_under=(env LD_PRELOAD="$preload")
		read -ra cmtime_server_under <<<"$(calls_strace server)"
		read -ra cmtime_client_under <<<"$(calls_strace client)"
		cmtime_run red 10.3.0.5 client 10.3.0.9 "$2"
		cmtime_server_under=() cmtime_client_under=() cmtime_under=()
		[[ -n $cmtime_rate ]] || die "cmtime did not connect $2 times (preload library: $1)"
		;;
	library)
		# shellcheck disable=SC2046
		topology_start red peer $(calls_strace server) "$PEER" listen 10.3.0.5
		# shellcheck disable=SC2046
		answers=$(topology_exec client $(calls_strace client) "$PEER" connect -c "$2" 10.3.0.5 |
			grep -c '"ESTABLISHED"') || true
		topology_silence
		[[ $answers == "$2" ]] || die "ns-peer connected $answers times, not $2"
		;;
	esac
	for side in server client; do calls_of "$scratch/calls.$side" >"$scratch/$1.$2.$side"; done
}

# How many more each call was made with more connections, for each connection, as a JSON object.
calls_each() # WAY SIDE
{
	jq -cRn --argjson connections $((calls_more - calls_few)) --rawfile few "$scratch/$1.$calls_few.$2" \
		--rawfile more "$scratch/$1.$calls_more.$2" '
		def counts: [split("\n")[] | select(. != "") | capture("^(?<key>.*) (?<value>[0-9]+)$") | .value |= tonumber] |
			from_entries;
		($few | counts) as $few | $more | counts | with_entries(.value = (.value - ($few[.key] // 0)) / $connections) |
		map_values(. * 100 | round / 100 | select(. != 0))'
}

calls_print() # PROGRAM WAY NETDEVS
{
	local side
	for side in server client; do
		jq -cn --arg program "$1" --arg way "$2" --arg side "$side" --argjson netdevs "$3" \
			--argjson all "$(calls_each "$2" "$side")" \
			--argjson without "$([[ $2 == library ]] && echo null || calls_each without "$side")" '
			def rounded: . * 100 | round / 100;
			def sum(f): [to_entries[] | select(.key | f) | .value] | add // 0 | rounded;
			def exchanges: sum(test("^send(to|msg|mmsg) netlink$"));
			def stats: sum(test("^(stat|lstat|fstat|newfstatat|statx|stat64|fstatat64)$"));
			def opens: sum(test("^open(at2?)?$"));
			{bench: "system calls of a connection", $program, $side, $netdevs, unit: "1",
			 ($way): ($all | sum(true)), without: ($without | if . then sum(true) else null end),
			 netlink_exchanges: ($all | exchanges), stat: ($all | stats),
			 stat_without: ($without | if . then stats else null end), open: ($all | opens), ioctl: ($all | sum(. == "ioctl")),
			 more: ($without | if . then . as $without | $all | with_entries(.value = (.value - ($without[.key] // 0) | rounded)) |
				map_values(select(. != 0)) else $all end)}' | tee -a "$scratch/calls"
	done
}

# None of IPoIB, which go one by one: for those tests/bench/native counts instructions.
calls_grow() # COUNT
{
	local i netns
	for netns in red client; do
		for ((i = 3; i <= $1; i++)); do
			printf 'link add n%s type dummy\naddr add 10.9.%s.%s/32 dev n%s\n' "$i" $((i / 250)) $((i % 250 + 1)) "$i"
			echo "link set n$i up"
		done | ip -n "$netns" -batch -
	done
}

bench_calls()
{
	local many=$((quick ? 20 : 200)) netdevs way ways
	calls_more=$((quick ? 15 : 55))
	: >"$scratch/calls"
	. tests/lib/peers.sh
	command -v strace >/dev/null || die "strace is not installed: run scripts/setup.sh"
	modprobe dummy numdummies=0
	fabric
	topology_container red ib0
	topology_container client ib1
	topology_ready
	topology_address red ib0.red 10.3.0.5/24
	topology_address client ib1.client 10.3.0.9/24
	for netdevs in 2 "$many"; do
		calls_grow "$netdevs"
		ways=(preload library)
		((netdevs > 2)) || ways=(without "${ways[@]}")
		topology_exec client busybox ping -c 1 -w 10 10.3.0.5 >/dev/null || die "10.3.0.5 does not answer a ping"
		for way in "${ways[@]}"; do
			calls_run "$way" "$calls_few"
			calls_run "$way" "$calls_more"
		done
		calls_print cmtime preload "$netdevs"
		calls_print ns-peer library "$netdevs"
	done
	topology_down
}
