#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: tests/violation/story.sh [--keep]
#
# The story of ./demo.sh, told inside the guest after "vm/fabric up --hosts 2": an RDMA CM connection
# meant for one container is delivered to another. Every step is checked.
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

connections=10
red=10.0.0.5
differences=()

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
connect()
{
	local line answers=''
	while read -r line; do
		if [[ $line =~ ^summary:\ ([0-9]+)\ of\ [0-9]+\ answered\ by\ (.*) ]]; then
			answers+="${answers:+, }${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
		elif [[ $line =~ ^summary:\ ([0-9]+)\ of\ [0-9]+\ not\ answered ]]; then
			answers+="${answers:+, }${BASH_REMATCH[1]} nobody"
		fi
	done < <(topology_exec client "$CMWHO" connect --repeat "$connections" "$red")
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

((keep)) || trap topology_down EXIT

# IPoIB looks at children in the order of their creation: the intruder's is the older one.
topology_container blue ib0
topology_container red ib0
topology_container client ib1
topology_ready
topology_address blue ib0.blue 10.0.0.6/24
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
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

if ((${#differences[@]})); then
	step "The story did not go as told:" >&2
	say "${differences[@]/#/    }" >&2
	exit 1
fi
step "The connections were meant for red, and blue has them: a containment violation. The request does"
say "not carry red's QPN, so the kernel looked for the address and took the first interface that has it." \
	"All it needed was a tenant that may configure its own interface."
