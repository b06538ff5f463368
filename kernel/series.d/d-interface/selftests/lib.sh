# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by the tests: TAP, and network namespaces with children of IPoIB net_devs.

ksft_skip=4
tap_count=0
tap_failed=0
tap_planned=0
namespaces=()

plan() # NUMBER
{
	echo "TAP version 13"
	echo "1..$1"
	tap_planned=$1
}

skip_all() # REASON...
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit "$ksft_skip"
}

check() # NAME COMMAND...
{
	local name=$1
	shift
	tap_count=$((tap_count + 1))
	if "$@"; then
		echo "ok $tap_count $name"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count $name"
	fi
}

finish()
{
	[[ $tap_count == "$tap_planned" && $tap_failed == 0 ]]
}

need() # COMMAND...
{
	local name
	[[ $(id -u) == 0 ]] || skip_all "this needs root"
	for name; do
		command -v "$name" >/dev/null || skip_all "there is no $name"
	done
}

need_settings()
{
	modprobe -q rdma_ucm
	[[ -e /proc/sys/net/rdma_cm/policy ]] ||
		skip_all "this rdma_cm has no settings for network namespaces"
}

need_netdevs()
{
	netdevs=$(dirname "$0")/cm_netdevs
	[[ -x $netdevs ]] || skip_all "cm_netdevs is not built"
}

device_index() # RDMA-DEVICE
{
	rdma dev show "$1" | sed -n '1s/:.*//p'
}

need_rxe()
{
	modprobe -q rdma_rxe && modprobe -q dummy || skip_all "there is no rdma_rxe or no dummy"
}

# A RoCE device, cm_rxe, on a net_dev of its own, cm_dummy with 192.0.2.1.
make_rxe()
{
	ip link add cm_dummy type dummy || skip_all "no net_dev can be made"
	ip address add 192.0.2.1/24 dev cm_dummy
	ip link set cm_dummy up
	rdma link add cm_rxe type rxe netdev cm_dummy || skip_all "no RoCE device can be made"
	wait_for 20 grep -qs ffff:c000:0201 /sys/class/infiniband/cm_rxe/ports/1/gids/* ||
		skip_all "the address does not become a GID"
}

remove_rxe()
{
	rdma link delete cm_rxe 2>/dev/null
	ip link delete cm_dummy 2>/dev/null
}

# The net_devs of two ports that reach each other: $RDMA_PORTS, or the first two.
find_ports()
{
	local path ports=()
	read -ra ports <<<"${RDMA_PORTS-}"
	for path in /sys/class/net/*; do
		((${#ports[@]} < 2)) || break
		[[ -e $path/device/infiniband && ! -e $path/parent ]] || continue
		[[ $(<"$path/type") == 32 ]] || continue
		ports+=("${path##*/}")
	done
	((${#ports[@]} >= 2)) ||
		skip_all "there are no two IPoIB net_devs: name them in RDMA_PORTS"
	server_port=${ports[0]}
	client_port=${ports[1]}
}

# Siblings have the same link-local address, which is no reason to give it up.
namespace() # NAME PORT ADDRESS; it gets a child of the net_dev PORT
{
	ip netns add "$1" || skip_all "no network namespace can be made"
	namespaces+=("$1")
	ip netns exec "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0
	ip link add link "$2" name "$1" netns "$1" type ipoib pkey 0xffff ||
		skip_all "$2 gets no child"
	ip -n "$1" link set lo up
	ip -n "$1" link set "$1" up
	ip -n "$1" address add "$3" dev "$1"
}

wait_for() # SECONDS COMMAND...
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.2
	done
}

has_carrier() # NAMESPACE
{
	[[ $(ip -n "$1" -o link show dev "$1") == *LOWER_UP* ]]
}

# A child outlives its namespace: it would go to the initial one.
clean_up()
{
	local name
	for name in "${namespaces[@]}"; do
		ip netns pids "$name" | xargs -r kill
		ip -n "$name" link delete dev "$name" 2>/dev/null
		ip netns delete "$name"
	done
}
