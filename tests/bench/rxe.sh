# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# sib against rxe, in one namespace.

rxe_prepare()
{
	local i
	[[ ! -e /sys/class/net/veth0 ]] || return 0
	fabric
	modprobe rdma_rxe
	ip link set ib0 up
	ip link set ib1 up
	ip addr add 10.0.0.5/24 dev ib0
	ip addr add 10.0.0.9/24 dev ib1
	ip link add veth0 type veth peer name veth1
	# An own address as source is a martian, unless told otherwise: all is in one namespace.
	sysctl -qw net.ipv4.conf.all.accept_local=1
	for i in 0 1; do
		ip link set "veth$i" mtu 9000 up
		ip addr add "10.1.0.$((i + 1))/24" dev "veth$i"
		rdma link add "rxe$i" type rxe netdev "veth$i"
	done
}

rxe_down()
{
	[[ -e /sys/class/net/veth0 ]] || return 0
	rdma link del rxe0 2>/dev/null || true
	rdma link del rxe1 2>/dev/null || true
	ip link del veth0
	sysctl -qw net.ipv4.conf.all.accept_local=0
}

# Server and client of a perftest program; the client's output.
perftest() # PROVIDER PROGRAM OPTION...
{
	local devices=("$1"0 "$1"1) program=$2 i pid
	shift 2
	[[ ${devices[0]} != rxe0 ]] || set -- "$@" -x 1
	"$program" -d "${devices[0]}" -F "$@" >"$scratch/server" 2>&1 &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		# perftest's port, 18515, in state LISTEN
		! grep -q ':4853 .*:0000 0A ' "/proc/$pid/net/tcp" "/proc/$pid/net/tcp6" || break
		sleep 0.05
	done
	timeout 300 "$program" -d "${devices[1]}" -F "$@" 127.0.0.1 2>&1 || true
	wait "$pid" 2>/dev/null || true
}

# From the line of results: column 6 is the average latency in us, column 5 millions of messages a
# second, which has more digits than the megabytes beside it.
figure() # PROVIDER PROGRAM SIZE
{
	local iterations column=5 factor=$3
	if [[ $2 == *_lat ]]; then
		column=6
		factor=1
		iterations=$(($3 > 65536 ? 100 : 1000))
	else
		iterations=$(($3 > 65536 ? 200 : 2000))
	fi
	((!quick)) || iterations=20
	perftest "$1" "$2" -s "$3" -n "$iterations" |
		awk -v size="$3" -v column="$column" -v factor="$factor" \
			'$1 == size && NF >= column { printf "%.6g\n", $column * factor; exit }'
}

report() # BENCH SIZE UNIT SIB RXE lower|higher
{
	is_figure "$1${2:+, $2 bytes}, sib and rxe" "$4" "$5" || return 0
	jq -cn --arg bench "$1" --argjson size "${2:-null}" --arg unit "$3" --argjson sib "$4" --argjson rxe "$5" --arg better "$6" \
		'{bench: $bench, size: $size, unit: $unit, sib: $sib, rxe: $rxe,
		  ratio: ((if $better == "lower" then $rxe / $sib else $sib / $rxe end) * 100 | round / 100)}'
}

connections() # SERVER-ADDRESS CLIENT-ADDRESS
{
	cmtime_run host "$1" host "$2" $((quick ? 20 : 200))
	echo "$cmtime_rate"
}

bench_rxe() # send|write|read|cm
{
	local size
	rxe_prepare
	if [[ $1 == cm ]]; then
		report "RDMA CM connections" "" "1/s" "$(connections 10.0.0.5 10.0.0.9)" "$(connections 10.1.0.1 10.1.0.2)" higher
		return
	fi
	for size in "${sizes[@]}"; do
		report "$1 latency" "$size" us "$(figure sib "ib_$1_lat" "$size")" "$(figure rxe "ib_$1_lat" "$size")" lower
	done
	for size in "${sizes[@]}"; do
		report "$1 bandwidth" "$size" "MB/s" "$(figure sib "ib_$1_bw" "$size")" "$(figure rxe "ib_$1_bw" "$size")" higher
	done
}
