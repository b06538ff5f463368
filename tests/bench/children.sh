# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# The extended rdma_cm against the stock one, the more IPoIB children a port has: medians of rounds, the ratio's of
# those of one round each, since the machine's speed changes meanwhile.

children=0

# One by one: with the port they would go all at once, and nobody else get at the RTNL for a minute.
children_shrink() # NUMBER there are to be
{
	local i
	for ((i = children; i > $1; i--)); do echo "link del many$i"; done >"$scratch/del"
	ip -batch "$scratch/del"
	children=$1
}

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
	local before
	before=$(ip -o -4 addr show to 10.3.0.5 | awk '{print $2}')
	[[ -z $before ]] || ip addr flush dev "$before" scope global
	ip addr add 10.3.0.5/24 dev "many$children"
	topology_ip client neigh flush dev ib1.client
	topology_exec client busybox ping -c 1 -w 10 10.3.0.5 >/dev/null || die "10.3.0.5 does not answer a ping"
}

# The most children against the fewest, which come before and after them: the machine's speed changes meanwhile.
children_most()
{
	jq -cs '(map(.children) | [min, max]) as [$few, $many] |
		def mean(f): map(f) | add / length;
		def rounded: . * 1000 | round / 1000;
		def against(f): (map(select(.children == $many)) | mean(f)) / (map(select(.children == $few)) | mean(f)) | rounded;
		select($few < $many) | {bench: "RDMA CM connections, extended", children: $many, than: $few,
		 ratio: against(.extended), ratio_connect: against(.extended_connect)}' "$scratch/children"
}

bench_children()
{
	local number kernel round order rounds=$((quick ? 1 : 12)) count=$((quick ? 20 : 200))
	local -A rate connect
	((${#numbers[@]})) || numbers=(2 64 512 2000 2)
	: >"$scratch/children"
	# All in one namespace answer for each other's addresses, and say so by multicast, unless told not to.
	sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	# Under both kernels' rdma_cm the extended ib_ipoib, which answers either.
	fabric --rings 16 --extended
	ip link set ib0 up
	topology_container client ib1
	topology_ready
	topology_address client ib1.client 10.3.0.9/24
	for number in "${numbers[@]}"; do
		if ((number < children)); then
			children_shrink "$number"
		else
			children_grow "$number"
		fi
		children_address
		rate=([stock]="" [extended]="")
		connect=([stock]="" [extended]="")
		for ((round = 0; round < rounds; round++)); do
			order=(stock extended)
			((round % 2)) || order=(extended stock)
			for kernel in "${order[@]}"; do
				kernel/load $kernel --keep-ipoib
				cmtime_run host 10.3.0.5 client 10.3.0.9 "$count"
				is_figure "connections, $kernel, $number children" "$cmtime_rate" "$cmtime_connect" || break 3
				rate[$kernel]+=" $cmtime_rate"
				connect[$kernel]+=" $cmtime_connect"
			done
		done
		jq -cn --argjson children "$number" --arg stock "${rate[stock]}" --arg extended "${rate[extended]}" \
			--arg stock_connect "${connect[stock]}" --arg extended_connect "${connect[extended]}" \
			'def rounded: . * 1000 | round / 1000;
			 def numbers: split(" ") | map(select(. != "") | tonumber);
			 def median: sort | (.[length / 2 | floor] + .[(length - 1) / 2 | floor]) / 2 | rounded;
			 def ratio($one; $other): [($one | numbers), ($other | numbers)] | transpose | map(.[0] / .[1]) | median;
			 {bench: "RDMA CM connections", children: $children, unit: "1/s",
			  extended: ($extended | numbers | median), stock: ($stock | numbers | median), ratio: ratio($extended; $stock),
			  extended_connect: ($extended_connect | numbers | median), stock_connect: ($stock_connect | numbers | median),
			  ratio_connect: ratio($extended_connect; $stock_connect)}' | tee -a "$scratch/children"
		modprobe step1 netdev="many$number" rounds=$((quick ? 10 : 1000))
		for kernel in stock extended counted; do
			(($(<"/sys/module/step1/parameters/${kernel}_ns"))) || {
				echo "tests/bench/run: step 1, $number children, $kernel: it found another netdev, or none" >&2
				failed=1
			}
		done
		jq -cn --argjson children "$number" --argjson stock "$(</sys/module/step1/parameters/stock_ns)" \
			--argjson extended "$(</sys/module/step1/parameters/extended_ns)" \
			--argjson counted "$(</sys/module/step1/parameters/counted_ns)" \
			'{bench: "step 1", children: $children, unit: "ns", extended: $extended, without_qpn: $counted, stock: $stock,
			  ratio: (if $extended > 0 then $stock / $extended * 10 | round / 10 else 0 end)}'
		rmmod step1
	done
	children_most
	children_shrink 0
	kernel/load stock
}
