#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The adversary: connections to red while blue, on an older netdev of the same port, adds and removes red's
# address, flips its interface, deletes and makes anew a child, moves one between namespaces, writes GUIDs, other
# P_Keys into broadcast addresses and IPoIB's type into TAP devices, has a netdev of another HCA with red's QPN and
# GUID, and loosens every policy within its reach. On the extended rdma_cm red gets each one, whatever the
# host's policy; on the stock one, for comparison, counted.
# Meanwhile an accomplice of blue's names the QP of a connection that red holds to red's peer.
#
#     vm/run -e ADVERSARY_CONNECTIONS=10000 --timeout 1800 tests/run --timeout 1700 tests/kernel/adversary.sh
#
# makes as many connections (200), and ADVERSARY_SEED=N repeats a run.
# Fabric: --hosts 2 --extended
# Processors: 2
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/flood.sh
. tests/lib/foreign.sh
connections=${ADVERSARY_CONNECTIONS:-200}
seed=${ADVERSARY_SEED:-$((RANDOM * 32768 + RANDOM))}
scratch=$(mktemp -d)
portion=250
intruder=
taps=
policy=
modprobe tun
# As udev has it.
chmod 666 /dev/net/tun

# And what it has told others to do is done.
end_intruder()
{
	local pid i=0
	[[ -n $intruder ]] || return 0
	kill "$intruder" "$taps" 2>/dev/null || true
	wait "$intruder" "$taps" 2>/dev/null || true
	intruder=
	while read -r pid; do
		for ((; i < topology_patience; i++)); do
			[[ -d /proc/$pid ]] || break
			topology_nap
		done
	done <"$scratch/obeying"
}

cleanup()
{
	end_intruder
	[[ $(kernel) == stock ]] || settings_reset
	topology_down
	rm -rf -- "$scratch"
}
trap cleanup EXIT
tap_note "seed $seed, $connections connections"

kernel()
{
	if settings_series; then
		echo series
	elif [[ -e $settings_parameters/policy ]]; then
		echo extended
	else
		echo stock
	fi
}

# With CAP_NET_ADMIN over its own namespaces alone, as a container's root. In a kernel of kernel/series it has settings of
# its own.
loosen()
{
	local kernel wanted="$policy Y" sending=$settings_parameters/send_qpn
	kernel=$(kernel)
	[[ $kernel != series ]] || wanted="$policy 1" sending=$settings_sysctls/send_qpn
	ip netns exec blue unshare -Ur bash -c ". tests/lib/settings.sh; settings_policy report; echo 0 >$sending" 2>/dev/null ||
		true
	[[ $kernel == stock || "$(settings_policy) $(<"$sending")" == "$wanted" ]] || echo loosened >>"$scratch/loosened"
}

# ip ends at some errors, in spite of -force.
obey() { until ip "$@" -force -batch -; do :; done; }

# Three processes that take line after line: a process for each act would be too slow.
intrude()
{
	local number=0
	exec >/dev/null 2>&1
	trap 'exit' TERM
	# It must get its turn beside a flood of requests.
	renice -n -15 -p "$BASHPID"
	RANDOM=$((seed % 32768))
	exec {host}> >(obey)
	echo $! >"$scratch/obeying"
	exec {blue}> >(obey -n blue)
	echo $! >>"$scratch/obeying"
	exec {lair}> >(obey -n lair)
	echo $! >>"$scratch/obeying"
	while :; do
		case $((RANDOM % 20)) in
		[0-4]) echo "addr replace 10.0.0.5/24 dev ib0.blue" >&"$blue" ;;
		5 | 6) echo "addr del 10.0.0.5/24 dev ib0.blue" >&"$blue" ;;
		7) echo "link set ib0.blue down" >&"$blue" ;;
		8 | 9)
			echo "link set ib0.blue up" >&"$blue"
			echo "addr replace 10.0.0.5/24 dev ib0.blue" >&"$blue"
			;;
		10) echo "link del ib0.spare" >&"$blue" ;;
		11)
			echo "link add link ib0 name ib0.spare netns blue type ipoib pkey 0xffff" >&"$host"
			echo "link set ib0.spare up" >&"$blue"
			echo "addr replace 10.0.0.5/24 dev ib0.spare" >&"$blue"
			;;
		12 | 13)
			echo "link set ib0.moved up" >&"$blue"
			echo "addr replace 10.0.0.5/24 dev ib0.moved" >&"$blue"
			echo "link set ib0.moved netns lair" >&"$blue"
			;;
		14)
			echo "link set ib0.moved up" >&"$lair"
			echo "addr replace 10.0.0.5/24 dev ib0.moved" >&"$lair"
			echo "link set ib0.moved netns blue" >&"$lair"
			;;
		15) ((number % 4)) || loosen ;;
		16)
			# Its own, red's on the other port, or any.
			echo "link set ib0.blue down" >&"$blue"
			echo "link set dev ib0.blue address ${lladdr:0:36}${guids[RANDOM % ${#guids[@]}]}" >&"$blue"
			echo "link set ib0.blue up" >&"$blue"
			echo "addr replace 10.0.0.5/24 dev ib0.blue" >&"$blue"
			;;
		17) echo "link set dev ib0.blue broadcast ${broadcast:0:24}80:01${broadcast:29}" >&"$blue" ;;
		18) echo "link set dev ib0.blue broadcast $broadcast" >&"$blue" ;;
		19)
			echo "link set $topology_twin up" >&"$blue"
			echo "addr replace 10.0.0.5/24 dev $topology_twin" >&"$blue"
			;;
		esac
		number=$((number + 1))
		echo "$number" >"$scratch/number"
		read -rt 0.02 -u "$topology_nothing" || true
	done
}

# The intruder's netdevs first: they are found first.
topology_container lair ib0
topology_container blue ib0
topology_child blue ib0 ib0.moved 0xffff
topology_child blue ib0 ib0.spare 0xffff
flood_topology
topology_twin red ib0.red blue ib1
topology_ready
# It has been made anew, perhaps.
topology_batch red "addr replace 10.0.0.5/24 dev ib0.red"
topology_address lair ib0.lair 10.0.0.7/24
flood_aim
lladdr=$(topology_lladdr blue ib0.blue)
topology_take_guid blue "$topology_twin" "$(topology_lladdr red ib0.red)"
guids=("${lladdr:36}" "$(topology_lladdr client ib1.client | cut -c 37-)" 02:11:22:33:44:55:66:77)
[[ $(topology_ip blue -o link show dev ib0.blue) =~ brd\ ([0-9a-f:]*) ]]
broadcast=${BASH_REMATCH[1]}

acts() { acted=$(cat "$scratch/number" 2>/dev/null || echo 0); }

# CONNECTIONS: what became of them, into $outcome; how often blue acted, into $acted: once for each 25 at least.
attack()
{
	local made i
	topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
	topology_batch blue "addr replace 10.0.0.5/24 dev ib0.blue"
	flood_serve red red
	flood_serve blue blue
	flood_serve lair blue
	foreign_begin red lair client 10.0.0.9
	rm -f "$scratch"/{number,outcome}
	: >"$scratch/obeying"
	intrude &
	intruder=$!
	ip netns exec blue setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn \
		"${RDMA_NS_BUILD:-$PWD/build}/bin/tap-types" 2 300 >/dev/null 2>&1 &
	taps=$!
	for ((made = 0; made < $1; made += portion)); do
		flood $((made + portion <= $1 ? portion : $1 - made)) >>"$scratch/outcome"
		acts
		for ((i = 0; i < 5 * topology_patience && acted * 25 < made + portion; i++)); do
			topology_nap
			acts
		done
	done
	outcome=$(tr , '\n' <"$scratch/outcome" |
		awk '{ count = $1; sub(/^[0-9]+ /, ""); sum[$0] += count } END { for (how in sum) print sum[how], how }' |
		sort -rn | paste -sd ,)
	end_intruder
	foreign_end
	topology_silence
}

# What other tests have left there does not count.
settings_watch
settings_requests >"$scratch/requests"
counted=0
each=$(((connections + 2) / 3))
for policy in report verify strict; do
	settings_policy $policy
	attack $each
	# And the one that red holds.
	counted=$((counted + each + 1))
	tap_equal "$policy: red gets every connection" "$each answered by red" "$outcome"
	tap_equal "$policy: the intruder gets no request" "requests 0,requests 0" \
		"$(grep -h requests "$(topology_log flood-blue-blue)" "$(topology_log flood-blue-lair)" | paste -sd ,)"
	# A request that is sent again, on a slow machine, counts again.
	accepted=$(settings_requests | awk 'NR == FNR { before[$1, $2] = $3; next }
		$1 == "accepted" && $3 > before[$1, $2] { print $1, $2, $3 - before[$1, $2] }' "$scratch/requests" - |
		paste -sd ,)
	tap_match "$policy: each request was resolved by its QPN" "^accepted qpn [0-9]+$" "$accepted"
	tap_equal "$policy: none is missing" 1 $((${accepted##* } >= counted))
	tap_equal "$policy: it was not loosened" "" "$(cat "$scratch/loosened" 2>/dev/null)"
	tap_equal "$policy: the intruder was at it" 1 "$((acted * 25 >= each))"
	tap_equal "$policy: red's own connection was held, and nobody named its QP" "held, EPERM" \
		"$foreign_held, $foreign_outcome"
	tap_note "$policy: the intruder acted $acted times, and named red's QP $foreign_attempts times"
done

if settings_series; then
	tap_skip "the stock rdma_cm" "it cannot be loaded above the ib_core of kernel/series"
	tap_end
	exit
fi
# The same on the stock rdma_cm.
kernel/load stock --keep-ipoib
# It takes red's address one time in three, and may be at it a few times only.
for ((i = 0; i < 4; i++)); do
	attack $((connections / 4 + 145))
	[[ $outcome == "$((connections / 4 + 145)) answered by red" ]] || break
done
# Refused where the netdev that was taken for red's has no listener behind it.
tap_match "stock: the intruder gets some, or keeps red from them" 'answered by blue|REJECTED 28' "$outcome"
tap_equal "stock: red's own connection was lost" lost "$foreign_held"
tap_note "stock, $((connections / 4 + 145)) connections: $outcome"
kernel/load extended --keep-ipoib
tap_end
