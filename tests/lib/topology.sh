# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced, as root in a guest after vm/fabric up: containers (network namespaces) with IPoIB children.
#
#   topology_container NETNS PARENT [P_KEY]   a netns with one child of PARENT, PARENT.NETNS
#   topology_child NETNS PARENT NAME P_KEY    one more child for it
#   topology_ready                            wait until all new children have their carrier
#   topology_address NETNS NETDEV ADDRESS/N   add an address, usable at once
#   topology_pods                             red with two P_Keys and addresses, blue, bonded and routed, ready
#   topology_bond NETNS NETDEV [OPTION]...    put NETDEV below the bond bd
#   topology_vrf NETNS NETDEV                 put NETDEV into the VRF vr
#   topology_lladdr NETNS NETDEV              the 20-byte link-layer address
#   topology_qpn NETNS NETDEV                 the IPoIB QPN, as 0x00001a
#   topology_twin NETNS NETDEV OTHER-NETNS PARENT   a child of PARENT, on another device, with NETDEV's QPN: its name is
#                                             $topology_twin; QPNs are unique on a device only
#   topology_take_guid NETNS NETDEV LLADDR    the GUID of that address for a netdev, as its owner may
#   topology_broadcast NETNS NETDEV P_KEY     another P_Key in its broadcast address, likewise
#   topology_neighbour_qpn NETNS ADDRESS      the QPN in the neighbour entry, or "none"
#   topology_exec NETNS COMMAND...            run a command there
#   topology_ip NETNS ARGUMENT...             and, faster, ip
#   topology_batch NETNS LINE...              several of them in one process
#   topology_nap                              wait a twentieth of a second
#   topology_start NETNS NAME COMMAND...      start a listener there, wait until it says that it is listening; its
#                                             process is $topology_started
#   topology_listen NETNS NAME [OPTION]...    the listener cmwho; topology_wrap=(COMMAND...): by way of that
#   topology_log NAME                         the file with its output
#   topology_silence                          end all listeners
#   topology_down                             and remove the containers
#
# NETNS "host" is the initial namespace. A process costs much time in a guest without KVM, hence bash's
# own means where others would do.

TOPOLOGY_TREE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
CMWHO=${CMWHO:-${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/cmwho}
topology_scratch=${TMPDIR:-/tmp}/topology.$$
topology_netnses=()
topology_new=()
topology_listeners=()
topology_started=
topology_wrap=()
# How many naps something may take that takes none.
topology_patience=$((200 * ${RDMA_NS_SLOW:-1}))

topology_die()
{
	echo "topology: $*" >&2
	exit 1
}

topology_exec() # NETNS COMMAND...
{
	if [[ $1 == host ]]; then
		"${@:2}"
	else
		ip netns exec "$@"
	fi
}

topology_ip() # NETNS ARGUMENT...
{
	if [[ $1 == host ]]; then
		ip "${@:2}"
	else
		ip -n "$@"
	fi
}

topology_batch() # NETNS LINE...
{
	printf '%s\n' "${@:2}" | topology_ip "$1" -batch -
}

# Nobody writes to it, so that reading takes its time.
exec {topology_nothing}<> <(:)
topology_nap() { read -rt 0.05 -u "$topology_nothing" || true; }

topology_child() # NETNS PARENT NAME P_KEY
{
	local there=()
	[[ $1 == host ]] || there=(netns "$1")
	ip link add link "$2" name "$3" ${there[@]+"${there[@]}"} type ipoib pkey "$4" ||
		topology_die "cannot create $3 with P_Key $4 on $2"
	topology_batch "$1" "link set lo up" "link set $3 up"
	topology_new+=("$1 $3")
}

topology_container() # NETNS PARENT [P_KEY]
{
	ip netns add "$1"
	topology_netnses+=("$1")
	# Siblings share their EUI-64: detection of duplicates would take the later one's link-local address.
	topology_exec "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
	topology_child "$1" "$2" "$2.$1" "${3:-0xffff}"
}

topology_ready()
{
	local child netns netdev i
	for child in "${topology_new[@]}"; do
		read -r netns netdev <<<"$child"
		for ((i = 0; ; i++)); do
			[[ $(topology_ip "$netns" -o link show dev "$netdev") != *LOWER_UP* ]] || break
			((i < topology_patience)) ||
				topology_die "$netdev in $netns has no carrier after $((topology_patience / 20)) s: is OpenSM running, and its P_Key in a partition?"
			topology_nap
		done
	done
	topology_new=()
}

topology_address() # NETNS NETDEV ADDRESS/N
{
	if [[ $3 == *:* ]]; then
		topology_ip "$1" addr add "$3" dev "$2" nodad
	else
		topology_ip "$1" addr add "$3" dev "$2"
	fi
}

topology_pods()
{
	topology_container red ib0
	topology_child red ib0 ib0.8001 0x8001
	topology_container blue ib0
	topology_container bonded ib0
	topology_container routed ib0
	topology_ready
	topology_address red ib0.red 10.0.0.5/24
	topology_address red ib0.red fd00::5/64
	topology_address red ib0.8001 10.0.1.5/24
}

topology_bond() # NETNS NETDEV [OPTION]...
{
	modprobe bonding max_bonds=0
	# A link-local address of its own would come at any moment.
	topology_batch "$1" "link add bd type bond mode active-backup fail_over_mac 1 ${*:3}" "link set $2 down" \
		"link set $2 master bd" "link set bd addrgenmode none" "link set bd up"
}

topology_vrf() # NETNS NETDEV
{
	modprobe vrf
	topology_batch "$1" "link add vr type vrf table 100" "link set vr up" "link set $2 master vr"
}

topology_lladdr() # NETNS NETDEV
{
	[[ $(topology_ip "$1" -o link show dev "$2") =~ link/infiniband\ ([0-9a-f:]*) ]] ||
		topology_die "$2 in $1 is no IPoIB netdev"
	echo "${BASH_REMATCH[1]}"
}

# Bytes 1 to 3 of the link-layer address.
topology_lladdr_qpn() # LLADDR
{
	local bytes
	IFS=: read -ra bytes <<<"$1"
	if ((${#bytes[@]} == 20)); then
		echo "0x${bytes[1]}${bytes[2]}${bytes[3]}"
	else
		echo none
	fi
}

topology_qpn() { topology_lladdr_qpn "$(topology_lladdr "$1" "$2")"; }

# Numbers are given in turn. Where the other device is ahead, NETDEV is made anew. The twin is the younger one.
# The next QP on PARENT's device has a number that is higher by COUNT.
topology_burn() # PARENT COUNT
{
	(($2 <= 0)) || "${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/burn-qpns" "sib${1#ib}" "$2" ||
		topology_die "$2 QPs cannot be made on sib${1#ib}"
}

topology_twin() # NETNS NETDEV OTHER-NETNS PARENT
{
	local parent=${2%%.*} wanted qpn i last=twin
	topology_twin=$4.twin
	topology_child "$3" "$4" "$topology_twin" 0xffff
	for ((i = 0; i < 500; i++)); do
		wanted=$(topology_qpn "$1" "$2")
		qpn=$(topology_qpn "$3" "$topology_twin")
		if ((qpn < wanted)); then
			topology_burn "$4" $((wanted - qpn - 2))
			topology_ip "$3" link del "$topology_twin"
			topology_child "$3" "$4" "$topology_twin" 0xffff
			last=twin
		elif ((qpn > wanted)) || [[ $last != twin ]]; then
			topology_burn "$parent" $((qpn - wanted - 2))
			topology_ip "$1" link del "$2"
			topology_child "$1" "$parent" "$2" 0xffff
			last=netdev
		else
			return 0
		fi
	done
	topology_die "no child of $4 has the QPN of $2 in $1"
}

topology_take_guid() # NETNS NETDEV LLADDR
{
	local own
	own=$(topology_lladdr "$1" "$2")
	topology_batch "$1" "link set dev $2 down" "link set dev $2 address ${own:0:36}${3:36}" "link set dev $2 up"
}

topology_broadcast() # NETNS NETDEV P_KEY
{
	[[ $(topology_ip "$1" -o link show dev "$2") =~ brd\ ([0-9a-f:]*) ]] || return
	topology_ip "$1" link set dev "$2" broadcast "${BASH_REMATCH[1]:0:24}${3:2:2}:${3:4:2}${BASH_REMATCH[1]:29}"
}

topology_neighbour_qpn() # NETNS ADDRESS
{
	[[ $(topology_ip "$1" neigh show "$2") =~ lladdr\ ([0-9a-f:]*) ]] || BASH_REMATCH=()
	topology_lladdr_qpn "${BASH_REMATCH[1]-}"
}

topology_log() { echo "$topology_scratch/$1"; }

topology_start() # NETNS NAME COMMAND...
{
	local log i command=("${@:3}")
	log=$topology_scratch/$2
	# Not by topology_exec, whose process would be another one.
	[[ $1 == host ]] || command=(ip netns exec "$1" "${command[@]}")
	[[ -d $topology_scratch ]] || mkdir "$topology_scratch"
	: >"$log"
	"${command[@]}" >>"$log" 2>&1 &
	topology_started=$!
	topology_listeners+=("$topology_started")
	for ((i = 0; i < topology_patience; i++)); do
		[[ $(<"$log") != *listening* ]] || return 0
		kill -0 "$topology_started" 2>/dev/null || break
		topology_nap
	done
	topology_die "the listener $2 in $1 did not start: $(<"$log")"
}

topology_listen() # NETNS NAME [OPTION]...
{
	topology_start "$1" "$2" "${topology_wrap[@]}" "$CMWHO" listen --name "$2" "${@:3}"
}

topology_silence()
{
	local pid
	for pid in "${topology_listeners[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	topology_listeners=()
}

topology_down()
{
	local netns netdev
	topology_silence
	for netns in "${topology_netnses[@]}"; do
		# A child does not go with its namespace: it would come back to the host's.
		while read -r _ netdev _; do
			netdev=${netdev%:}
			topology_ip "$netns" link del "${netdev%@*}"
		done < <(topology_ip "$netns" -o link show type ipoib)
		ip netns del "$netns"
	done
	topology_netnses=()
	topology_new=()
	rm -rf -- "$topology_scratch"
}

[[ -x $CMWHO ]] || topology_die "$CMWHO is missing: cmake -B build && cmake --build build"
