#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: tests/violation/story.sh [--keep]
#
# The story of ./demo.sh, told inside the guest after "vm/fabric up --hosts 2": an RDMA CM connection
# meant for one container is delivered to another; what librdma-ns does about that on this kernel, and
# what the extended one does (build it with kernel/build), also to OCI containers. Every step is checked.
#
#   --keep   leave the containers and listeners for a look
#   -h, --help
#
# Exit status: 0 the story went as told, 1 a step differed (each is named), 2 usage.
set -euo pipefail
directory=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
keep=0
case ${1-} in
--keep) keep=1 ;;
-h | --help) sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"; exit 0 ;;
?*) echo "story.sh: unexpected argument '$1'; see --help" >&2; exit 2 ;;
esac
. "$directory/../lib/topology.sh"
. "$directory/../lib/oci.sh"
RDMA_NS=${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/rdma-ns

connections=10
red=10.0.0.5
differences=()
extended=0

say() { printf '%s\n' "$@"; }
step() { printf '\n%s\n' "$*"; }

tell() # WHAT EXPECTED ACTUAL
{
	if [[ $3 == "$2" ]]; then
		printf '    %-42s %s\n' "$1" "$3"
	else
		printf '    %-42s %s   <-- expected: %s\n' "$1" "$3" "$2"
		differences+=("$1: expected '$2', saw '$3'")
	fi
}

interface() # NETNS NETDEV HOST
{
	local netns=$1 netdev=$2 host=$3 line addresses='' pkey lladdr
	line=$(topology_ip "$netns" -d -o link show dev "$netdev")
	[[ $line =~ link/infiniband\ ([0-9a-f:]*) ]] && lladdr=${BASH_REMATCH[1]}
	[[ $line =~ ' pkey '+(0x[0-9a-f]+) ]] && pkey=${BASH_REMATCH[1]}
	while read -r _ _ _ line _; do
		addresses+="${addresses:+, }${line%/*}"
	done < <(topology_ip "$netns" -o -4 addr show dev "$netdev")
	printf '    %-8s %-5s %-11s %-9s 0x%04x  %s\n' "$netns" "$host" "$netdev" \
		"$(topology_lladdr_qpn "$lladdr")" "$pkey" "$addresses"
}

interfaces()
{
	printf '    %-8s %-5s %-11s %-9s %-7s %s\n' netns host netdev QPN P_Key addresses
	interface red ib0.red A
	interface blue ib0.blue A
	interface client ib1.client B
}

received() # NETNS NETDEV: packets so far
{
	[[ $(topology_ip "$1" -s -o link show dev "$2") =~ RX:[^\\]*\\\ *[0-9]+\ +([0-9]+) ]]
	echo "${BASH_REMATCH[1]}"
}

ping_red() { topology_exec client busybox ping -c 1 -w 5 "$red" >/dev/null 2>&1; }

forget_neighbour() { topology_ip client neigh flush dev ib1.client; }

# Who answered how often, as "10 red".
connect() # [COMMAND...]: by way of that
{
	local line answers=''
	while read -r line; do
		if [[ $line =~ ^summary:\ ([0-9]+)\ of\ [0-9]+\ answered\ by\ (.*) ]]; then
			answers+="${answers:+, }${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
		elif [[ $line =~ ^summary:\ ([0-9]+)\ of\ [0-9]+\ not\ answered ]]; then
			answers+="${answers:+, }${BASH_REMATCH[1]} nobody"
		fi
	done < <(topology_exec client "$@" "$CMWHO" connect --repeat "$connections" "$red")
	echo "$answers"
}

whose_qpn() # QPN
{
	case $1 in
	"$red_qpn") echo "$1, red's" ;;
	"$blue_qpn") echo "$1, blue's" ;;
	*) echo "$1" ;;
	esac
}

as_told()
{
	((${#differences[@]})) || return 0
	step "The story did not go as told:" >&2
	say "${differences[@]/#/    }" >&2
	exit 1
}

# How a request was resolved, its steps one below the other.
steps() # LINE
{
	local line=${1/): reject/):$'\n'            reject}
	line=${line//; /$'\n'            }
	printf '        %s\n' "${line//, aimed at/,$'\n'                aimed at}"
}

told_reason() # FILE, of a client: how often which reason, as "10 REASON"
{
	sed -n 's/.* refused by the peer: \([^;]*\) status .*/\1/p' "$1" | sort | uniq -c | sed 's/^ *//' | paste -sd,
}

# What the tenant of an OCI container does in it.
tenant() { oci_call exec "$@" >/dev/null 2>&1 </dev/null; } # ID COMMAND...

container() # ID ADDRESS COMMAND...: its status, and what the hook says of one that is refused
{
	local status=0
	oci_bundle "$1" "{ \"org.rdma-ns.network.red\": \"$2\" }" "${@:3}"
	oci_run "$1" >/dev/null || status=$?
	((status)) && echo "refused" || echo "started"
}

listeners() { rdma resource show cm_id | grep -c "state LISTEN.* src-addr $1:"; } # ADDRESS

listens() # ADDRESS COUNT
{
	local i
	for ((i = 0; i < topology_patience && $(listeners "$1") < $2; i++)); do
		topology_nap
	done
}

end()
{
	oci_down
	topology_down
	((!extended)) || "$TOPOLOGY_TREE/kernel/load" stock
}

((keep)) || trap end EXIT

# IPoIB looks at children in the order of their creation: the intruder's is the older one.
set_up()
{
	topology_container blue ib0
	topology_container red ib0
	topology_container client ib1
	topology_ready
	topology_address blue ib0.blue 10.0.0.6/24
	topology_address red ib0.red $red/24
	topology_address client ib1.client 10.0.0.9/24
}

set_up
red_qpn=$(topology_qpn red ib0.red)
blue_qpn=$(topology_qpn blue ib0.blue)

step "Two containers, red and blue, share host A's InfiniBand port; a client is on host B."
interfaces

step "1. Red offers a service at $red; the client connects $connections times."
topology_listen red red --bind $red
ping_red || true
tell "the client's neighbour entry for $red" "$red_qpn, red's" "$(whose_qpn "$(topology_neighbour_qpn client $red)")"
tell "answered by" "$connections red" "$(connect)"

step "2. Blue's tenant adds red's address to its own interface, tells ARP to be silent, and listens."
topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
topology_address blue ib0.blue $red/24
topology_listen blue blue --bind $red
interfaces

step "3. IP goes where it went before. The client forgets its neighbours and sends a ping:"
forget_neighbour
red_before=$(received red ib0.red)
ping_red && answer=answered || answer='not answered'
tell "ping to $red" answered "$answer"
tell "the client's neighbour entry for $red" "$red_qpn, red's" "$(whose_qpn "$(topology_neighbour_qpn client $red)")"
(($(received red ib0.red) > red_before)) && arrived='at red' || arrived='not at red'
tell "the packets arrived" "at red" "$arrived"

step "4. RDMA CM does not. The client connects $connections times again, to the same address:"
tell "answered by" "$connections blue" "$(connect)"
tell "the client's neighbour entry for $red" "$red_qpn, red's" "$(whose_qpn "$(topology_neighbour_qpn client $red)")"
duplicate=$(dmesg | grep 'duplicate IP address' | tail -n 1 | sed 's/^\[[^]]*\] *//' || true)
[[ $duplicate == *'duplicate IP address detected'* ]] && warned=yes || warned=no
tell "the kernel of host A noticed" yes "$warned"
say "    its words: ${duplicate:-(none)}"

as_told
say "    The request does not carry red's QPN: the kernel looks for the address, and takes the first" \
	"    interface that has it. This is a containment violation."

step "5. All three run with librdma-ns now: \"rdma-ns exec --policy verify\", the programs unchanged."
topology_silence
topology_wrap=("$RDMA_NS" exec --policy verify)
topology_listen red red --bind $red
topology_wrap+=(--log "$(topology_log blue.steps)")
topology_listen blue blue --bind $red
tell "answered by" "$connections nobody" "$(connect "$RDMA_NS" exec --log "$(topology_log client.steps)")"
tell "blue refuses, the client is told" "$connections the QPN names no netdev of this namespace" \
	"$(told_reason "$(topology_log client.steps)")"
say "    blue's log, step by step:"
line=$(grep passive "$(topology_log blue.steps)" | tail -n 1)
steps "${line#*passive: }"
as_told

step "6. Host A's administrator looks for such addresses with \"rdma-ns audit -A\":"
status=0
audit=$("$RDMA_NS" audit -A) || status=$?
# The column of addresses is as wide as a link-local one, of which none is shown.
sed -n "s/ *\$//; s/ address  */ address  /; s| $red  *| $red |; 1s/^/    /p; / collision /s/^/    /p" <<<"$audit"
tell "its status says that there are some" 1 "$status"
tell "who has $red, and gets its requests" "blue yes, red no" \
	"$(awk -v address="$red" '$4 == address { print $5, $NF }' <<<"$audit" | sort | paste -sd, | sed 's/,/, /')"

step "7. Blue gives the address back:"
topology_ip blue addr del $red/24 dev ib0.blue
tell "answered by" "$connections red" "$(connect "$RDMA_NS" exec)"
as_told

step "8. The extended kernel, no library anywhere: blue takes the address as in step 2."
topology_wrap=()
extended=1
# IPoIB's netdevs go with its module.
topology_down
"$TOPOLOGY_TREE/kernel/load" extended
set_up
topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
topology_address blue ib0.blue $red/24
topology_listen blue blue --bind $red
topology_listen red red --bind $red
forget_neighbour
ping_red || true
tell "answered by" "$connections red" "$(connect)"
topology_silence
topology_start host listener "$RDMA_NS" listen --netns red --quiet $red
ping=$("$RDMA_NS" ping --netns client --count 1 $red) || true
say "    \"rdma-ns ping\" asks red's side how its request arrived:"
steps "$(sed -n "s/^listener's side: //p" <<<"$ping")"
[[ $ping =~ 'ingress '([^ ]*)\ .*\ by\ ([a-z]*\ in\ the\ kernel) ]] || BASH_REMATCH=('' '' '')
tell "ingress" "ib0.red by qpn in the kernel" "${BASH_REMATCH[1]} by ${BASH_REMATCH[2]}"
as_told

step "9. The same with OCI containers (crun), to which rdma-ns's hook gives their netdevs:"
topology_down
topology_container client ib1
topology_ready
topology_address client ib1.client 10.0.0.9/24
oci_up
tell "blue, with the address 10.0.0.6" started "$(container blue 10.0.0.6 sleep 600)"
tell "red, with the address $red" started "$(container red $red "$CMWHO" listen --name red --bind $red)"
listens $red 1
tell "answered by" "$connections red" "$(connect)"
tell "a third one, with red's address" refused "$(container thief $red sleep 600)"
say "    The hook's words, which podman shows and crun keeps in a log:"
said=$(oci_log)
fold -s -w 80 <<<"${said#*rdma-ns: hook: }" | sed 's/ *$//; s/^/        /'
tell "blue's tenant adds the address later" 0 "$(tenant blue sysctl -qw net.ipv4.conf.all.arp_ignore=8 &&
	tenant blue ip addr add $red/24 dev ib0 && echo $?)"
tenant blue sh -c "exec $CMWHO listen --name blue --bind $red &" || true
listens $red 2
tell "listeners at $red" 2 "$(listeners $red)"
tell "answered by" "$connections red" "$(connect)"
as_told
step "Red has its connections, whatever blue does with its own interface."
