#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Each variant of the containment violation, the stock rdma_cm beside the extended one: who answers over IPv4
# and IPv6, connections and datagrams (SIDR). With the extended one red answers whoever aims at red.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/theft.sh
cleanup()
{
	theft_down
	settings_series || kernel/load extended --keep-ipoib
}
trap cleanup EXIT

# Who answers, or how it ended.
answer() # ADDRESS PORT-SPACE
{
	local line
	line=$(topology_exec client "$CMWHO" connect --json --timeout "$(tap_slow 5)" --port-space "$2" "$1" 2>&1) || true
	case $line in
	*'"what":"ESTABLISHED"'*) [[ $line =~ \"name\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}" ;;
	*'"what":"REJECTED","status":28,'* | *'"what":"UNREACHABLE","status":2,'*) echo refused ;;
	*) echo "$line" ;;
	esac
}

# ANSWER: of all four kinds, or "IPv4 IPv6".
variant() # NAME STOCK-ANSWER EXTENDED-ANSWER [ADDRESS IPV6-ADDRESS]
{
	local expected=$2 port_space address saw=() clients=()
	[[ $kernel == stock ]] || expected=$3
	[[ $expected == *" "* ]] || expected+=" $expected"
	# All four at once: each is mostly a process that starts.
	for port_space in tcp udp; do
		for address in "${4-$red}" "${5-$red6}"; do
			answer "$address" $port_space >"$topology_scratch/answer.${#clients[@]}" &
			clients+=($!)
		done
	done
	wait "${clients[@]}"
	for address in "${!clients[@]}"; do
		saw+=("$(<"$topology_scratch/answer.$address")")
	done
	tap_equal "$kernel: $1: $expected, connections and datagrams" "$expected $expected" "${saw[*]}"
}

listeners() # NETNS...
{
	local netns port_space
	for netns; do
		for port_space in tcp udp; do
			topology_listen "$netns" "$netns" --bind :: --port-space $port_space
		done
	done
}

steal() { topology_batch "$1" "addr add $red/${3-24} dev $2" "addr add $red6/${4-64} dev $2 nodad"; } # NETNS NETDEV
yield() { topology_batch "$1" "addr del $red/${3-24} dev $2" "addr del $red6/${4-64} dev $2"; }

table()
{
	listeners red
	theft_pin ib1.client red ib0.red $red $red6
	variant "red alone" red red
	steal blue ib0.blue
	variant "blue, the older, without a listener" refused red
	listeners blue
	variant "blue, the older, with one" blue red
	theft_pin ib1.client blue ib0.blue $red $red6
	variant "the client aims at blue, who won the ARP race" blue blue
	theft_pin ib1.client red ib0.red $red $red6
	# Going down takes IPv6 addresses away.
	topology_ip blue link set ib0.blue down
	variant "blue's interface is down" "refused red" red
	topology_batch blue "link set ib0.blue up" "addr flush dev ib0.blue scope global"
	steal blue ib0.blue 32 128
	variant "blue has it as /32 or /128" refused red
	yield blue ib0.blue 32 128
	variant "blue is gone" red red
	listeners host
	steal host ib0
	variant "the host has it on the parent" host red
	yield host ib0
	topology_batch client "route add 10.77.0.1/32 dev ib1.8001 src 10.0.1.9" "route add fd77::1/128 dev ib1.8001 src fd01::9"
	theft_pin ib1.8001 red ib0.8001 10.77.0.1 fd77::1
	variant "an address that nobody has" red refused 10.77.0.1 fd77::1
	topology_batch client "route del 10.77.0.1/32 dev ib1.8001" "route del fd77::1/128 dev ib1.8001"
	topology_silence
}

theft_topology
theft_partitions
if settings_series; then
	kernel=extended
	table
	tap_skip "the stock rdma_cm" "it cannot be loaded above the ib_core of kernel/series"
	tap_end
	exit
fi
# Above the extended ib_ipoib, which answers it as ever, so that the netdevs stay.
kernel/load stock --keep-ipoib
kernel=stock
table
tap_run "the extended rdma_cm takes the stock one's place" kernel/load extended --keep-ipoib
kernel=extended
table
# The order of creation matters to the stock one alone.
tap_run "the stock rdma_cm is back" kernel/load stock --keep-ipoib
kernel=stock
topology_ip blue link del ib0.blue
topology_child blue ib0 ib0.blue 0xffff
topology_ready
steal blue ib0.blue
listeners red blue
theft_pin ib1.client red ib0.red $red $red6
variant "red's child is the older" red red
tap_end
