# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# The extended rdma_cm against the stock one, the more IPoIB children a port has.

children=0

children_grow() # NUMBER there are to be
{
	local i first=$((children + 1))
	for ((i = first; i <= $1; i++)); do echo "link add link ib0 name many$i type ipoib pkey 0xffff"; done >"$scratch/add"
	for ((i = first; i <= $1; i++)); do echo "link set many$i up"; done >"$scratch/up"
	ip -batch "$scratch/add"
	ip -batch "$scratch/up"
	children=$1
	for ((i = 0; i < 600; i++)); do
		(($(ip -o link show type ipoib | grep -c 'many.*LOWER_UP') < children)) || return 0
		sleep 0.5
	done
	die "of $children children some have no carrier"
}

# The stock look-up goes through the children in their order: the last one has the address.
children_address()
{
	ip addr flush dev "$1" scope global
	ip addr add 10.3.0.5/24 dev "many$children"
	topology_ip client neigh flush dev ib1.client
	topology_exec client busybox ping -c 1 -w 10 10.3.0.5 >/dev/null || die "10.3.0.5 does not answer a ping"
}

bench_children()
{
	local number kernel round rounds=$((quick ? 1 : 5)) count=$((quick ? 20 : 200)) before=lo
	local -A rate connect
	# All in one namespace answer for each other's addresses, and say so by multicast, unless told not to.
	sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	fabric --rings 16
	ip link set ib0 up
	topology_container client ib1
	topology_ready
	topology_address client ib1.client 10.3.0.9/24
	for number in "${numbers[@]}"; do
		children_grow "$number"
		children_address "$before"
		before=many$number
		for kernel in stock extended; do
			rate[$kernel]=0
			connect[$kernel]=0
		done
		for ((round = 0; round < rounds; round++)); do
			for kernel in stock extended; do
				kernel/load $kernel
				cmtime_run host 10.3.0.5 client 10.3.0.9 "$count"
				is_figure "connections, $kernel, $number children" "$cmtime_rate" "$cmtime_connect" || return 0
				rate[$kernel]=$(larger "$cmtime_rate" "${rate[$kernel]}")
				connect[$kernel]=$(larger "$cmtime_connect" "${connect[$kernel]}")
			done
		done
		jq -cn --argjson children "$number" --argjson stock "${rate[stock]}" --argjson extended "${rate[extended]}" \
			--argjson stock_connect "${connect[stock]}" --argjson extended_connect "${connect[extended]}" \
			'def rounded: . * 1000 | round / 1000;
			 {bench: "RDMA CM connections", children: $children, unit: "1/s", extended: $extended, stock: $stock,
			  ratio: ($extended / $stock | rounded), extended_connect: $extended_connect, stock_connect: $stock_connect,
			  ratio_connect: ($extended_connect / $stock_connect | rounded)}'
		modprobe step1 netdev="many$number" rounds=$((quick ? 10 : 1000))
		jq -cn --argjson children "$number" --argjson stock "$(</sys/module/step1/parameters/stock_ns)" \
			--argjson extended "$(</sys/module/step1/parameters/extended_ns)" \
			'{bench: "step 1", children: $children, unit: "ns", extended: $extended, stock: $stock,
			  ratio: (if $extended > 0 then $stock / $extended * 10 | round / 10 else 0 end)}'
		rmmod step1
	done
	kernel/load stock
}
