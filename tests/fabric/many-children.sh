#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# One port with 1,000 IPoIB children answers as fast as with 10, give or take a broadcast to them all.
# The last one in its machine, since the kernel takes a minute to remove so many.
# Fabric: --hosts 2 --rings 16
set -euo pipefail
. tests/lib/tap.sh

children=0
grow() # NUMBER of children there are to be
{
	local i first=$((children + 1))
	for ((i = first; i <= $1; i++)); do
		echo "link add link ib0 name many$i type ipoib pkey 0xffff"
	done >/tmp/add
	for ((i = first; i <= $1; i++)); do
		echo "link set many$i up"
	done >/tmp/up
	ip -batch /tmp/add && ip -batch /tmp/up
}

carriers() { (($(ip -o link show type ipoib | grep -c 'many.*LOWER_UP') == children - 1)); }

# The fastest of some answers, in microseconds: what else the machine does is not the children's.
fastest() # PING-OPTION...
{
	local best=0 answer time
	while read -r answer; do
		[[ $answer =~ time=([0-9]*)\.?([0-9]*)\ ms ]] || continue
		time=${BASH_REMATCH[2]}000
		time=$((BASH_REMATCH[1] * 1000 + 10#${time:0:3}))
		((best && best < time)) || best=$time
	done < <(ping "$@" 10.0.0.5)
	echo "$best"
}

first() # the answer to a client that has to ask by broadcast first, three times
{
	local i best=0 time
	for i in 1 2 3; do
		ip neigh flush dev ib1
		time=$(fastest -c 1 -W 10)
		((!time || (best && best < time))) || best=$time
	done
	echo "$best"
}

# All in one namespace answer for each other's addresses, and say so by multicast, unless told not to.
sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
free_before=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)
ip netns add a
ip link set ib0 up
ip link set ib1 up
ip addr add 10.0.0.9/24 dev ib1
tap_run "10 children" grow 10
children=10
ip link set many1 netns a
ip -n a link set many1 up
ip -n a addr add 10.0.0.5/24 dev many1
tap_within 30 "10 children: all have a carrier" carriers
ping -c 1 -W 10 10.0.0.5 >/dev/null || true
ten=$(fastest -c 30 -i 0.1 -W 10)
ten_first=$(first)

tap_run "1000 children" grow 1000
children=1000
tap_within 60 "1000 children: all have a carrier" carriers
ping -c 1 -W 10 10.0.0.5 >/dev/null || true
thousand=$(fastest -c 30 -i 0.1 -W 10)
thousand_first=$(first)
used=$(((free_before - $(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)) / children))

tap_note "ping: $ten us with 10 children, $thousand us with 1000"
tap_note "with a broadcast first: $ten_first us with 10, $thousand_first us with 1000"
tap_note "memory: $used KiB for each child"
tap_result $((!ten || !thousand || thousand > ten * 3 + 2000)) "1000 children: a ping is as fast as with 10"
tap_result $((!thousand_first || thousand_first > ten_first + 1500000)) "1000 children: so it is with the broadcast, of at most 1.5 s"
tap_result $((used > 2048)) "1000 children: at most 2 MiB of memory each"
tap_end
