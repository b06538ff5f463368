#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns monitor -A: netdevs and addresses of all namespaces as they come, change and go, collisions as they begin and
# end. It holds no namespace, says what it has lost and is right afterwards, and a noisy tenant hides nothing of others.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/monitor.sh
trap 'end_monitors || true; topology_down; rm -rf -- "$scratch"' EXIT
scratch=$(mktemp -d)
lines=$scratch/lines

# The lines since the last call of "next", as "EVENT VALUE...".
seen=0
next() { seen=$(wc -l <"$lines"); }
said() # JQ-EXPRESSION: of lines that are whole
{
	tail -n +$((seen + 1)) "$lines" | jq -r "$1" 2>/dev/null
}
says() # NAME LINE: the netdev's line comes
{
	told() { said '[.event, .address, .netdev, .netns, .former_netdev, .from_netns] | map(values) | join(" ")'; }
	here() { told | grep -qxF -- "$1" || { told | tail -n 20; tail -n 1 "$lines"; return 1; }; }
	tap_within 60 "$1" here "$2"
}
collisions() { said 'select(.event | startswith("collision")) | [.event, .address, .netns, .netdev, .wins] | join(" ")' | sort | paste -sd,; }
collides() # NAME LINES
{
	there() { [[ $(collisions) == "$1" ]] || { collisions; return 1; }; }
	# After each look the monitor rests for four times as long as it took.
	tap_within 60 "$1" there "$2"
}

topology_container red ib0
topology_container blue ib0
topology_ready
topology_address red ib0.red 10.0.0.5/24
monitor "$lines"
unseen() { [[ $(jq -r '[.event, .unseen] | map(values) | join(" ")' "$lines" | paste -sd,) == "monitoring,unseen resolutions" ]]; }
tap_within 10 "what is there at first is not told, but that a stock kernel tells of no resolution" unseen

# Netdevs, from another namespace.
topology_container late ib0
topology_new=()
topology_netnses=(red blue)
says "a namespace that is made later, and its netdev" "netdev_added ib0.late late"
topology_batch red "link set ib0.red down" "link set ib0.red name eth0"
says "down" "netdev_down ib0.red red"
says "renamed" "netdev_renamed eth0 red ib0.red"
topology_batch red "link set eth0 name ib0.red" "link set ib0.red up" "addr add 10.0.0.6/24 dev ib0.red" \
	"addr del 10.0.0.6/24 dev ib0.red"
says "an address" "address_added 10.0.0.6 ib0.red red"
says "goes" "address_removed 10.0.0.6 ib0.red red"
topology_ip late link set ib0.late netns blue
says "a netdev leaves" "netdev_left ib0.late late"
says "and is elsewhere" "netdev_moved ib0.late blue late"
topology_ip blue link del ib0.late
says "deleted" "netdev_removed ib0.late blue"
tap_equal "device, port, P_Key and QPN are told" "sib0 1 0xffff $(topology_qpn red ib0.red) true" \
	"$(said 'select(.event == "netdev_up" and .netns == "red") | [.device, .port, .p_key, .qpn, .up] | map(tostring) | join(" ")')"
number=$(ip netns list-id | sed -n 's/^nsid \([0-9]*\) .*name: late)$/\1/p')
tap_match "the namespace has a number" '^[0-9]+$' "$number"
ip netns del late
ended() { ! ip netns list-id | grep -q "^nsid $number"; }
tap_within 10 "a namespace ends while it is monitored" ended

# Collisions, as the audit has them.
topology_address blue ib0.blue 10.0.0.5/24
collides "a theft begins" "collision_began 10.0.0.5 blue ib0.blue no,collision_began 10.0.0.5 red ib0.red yes"
monitor "$scratch/second" --netns red collisions
tap_equal "one that is there at first is found" "collision_found blue,collision_found red" \
	"$(until [[ $(wc -l <"$scratch/second") == 3 ]]; do topology_nap; done
		jq -r 'select(.netns) | "\(.event) \(.netns)"' "$scratch/second" | sort | paste -sd,)"
next
topology_ip blue addr del 10.0.0.5/24 dev ib0.blue
collides "it ends" "collision_ended 10.0.0.5 blue ib0.blue no,collision_ended 10.0.0.5 red ib0.red yes"
tap_equal "the filter leaves out what is about no collision" 5 \
	"$(until [[ $(wc -l <"$scratch/second") == 5 ]]; do topology_nap; done; wc -l <"$scratch/second")"

# Names that a tenant chooses.
ugly=$'q"\\\xff\x1b[2J'
topology_batch blue "link set ib0.blue down"
topology_ip blue link set ib0.blue name "$ugly"
says "an ugly name is escaped" 'netdev_renamed q"\x5c\xff\x1b[2J blue ib0.blue'
tap_equal "all lines are JSON in printable ASCII" "0 $(wc -l <"$lines")" \
	"$(LC_ALL=C grep -c '[^ -~]' "$lines" || true) $(jq -c . "$lines" | wc -l)"
topology_ip blue link set "$ugly" name ib0.blue
topology_ip blue link set ib0.blue up

# COUNT times two notifications, in few messages.
churn='
import socket, struct, sys
count, ifindex = int(sys.argv[1]), socket.if_nametoindex(sys.argv[2])
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
def message(kind, flags, host):
	body = struct.pack("BBBBI", 2, 32, 0, 0, ifindex) + struct.pack("HH4B", 8, 2, 10, 9, 9, host)
	return struct.pack("IHHII", 16 + len(body), kind, flags, 0, 0) + body
pair = message(20, 0x601, 1) + message(21, 1, 1)
while count > 0:
	netlink.send(pair * 200)
	count -= 200
netlink.send(message(20, 0x601, 2))
'

# More than its queue holds.
next
kill -STOP "$monitor" "${monitors[0]}"
ip netns exec blue /usr/bin/python3 -c "$churn" 24000 ib0.blue
topology_batch red "addr del 10.0.0.5/24 dev ib0.red" "addr add 10.0.0.7/24 dev ib0.red"
kill -CONT "$monitor" "${monitors[0]}"
lost() { said 'select(.event == "lost") | .notifications' | grep -qx '[1-9][0-9]*'; }
tap_within 20 "notifications are lost, and how many is told" lost
says "afterwards what has come meanwhile is told" "address_added 10.0.0.7 ib0.red red"
says "and what has gone" "address_removed 10.0.0.5 ib0.red red"
topology_address red ib0.red 10.0.0.5/24
says "and it goes on" "address_added 10.0.0.5 ib0.red red"
tap_within 20 "lines of the noisy one were left out, and how many is told" \
	test blue = "$(sleep 1; said 'select(.event == "left_out") | .netns' | sort -u)"

# While one is noisy, two others collide. They have their names before: on a busy machine a look may find a namespace
# between "ip netns" making it and naming it, and the next look comes later than the address.
end_monitors
topology_container green ib0
topology_ready
monitor "$lines" --rate 20
seen=0
memory() { awk '/^VmRSS:/ { print $2 }' "/proc/$monitor/status"; }
before=$(memory)
(while :; do ip netns exec blue /usr/bin/python3 -c "$churn" 400 ib0.blue; done) &
noise=$!
sleep 1
topology_address green ib0.green 10.0.0.5/24
collides "a noisy tenant does not hide its neighbour's collision" \
	"collision_began 10.0.0.5 green ib0.green no,collision_began 10.0.0.5 red ib0.red yes"
says "nor its neighbour's address" "address_added 10.0.0.5 ib0.green green"
kill "$noise"
wait "$noise" 2>/dev/null || true
tap_run "its memory does not grow with the changes ($before KiB, then $(memory))" test $(($(memory) - before)) -lt 4096

# The end.
status=0
end_monitors || status=$?
tap_equal "SIGTERM ends it with status 0" 0 "$status"
tap_equal "whoever reads may go" "0 0 monitoring: namespaces 4" \
	"$(set +o pipefail; said=$("$RDMA_NS" monitor -A 2>&1 | head -n 1; echo "${PIPESTATUS[*]}"); paste -sd' ' <<<"${said##*$'\n'}
${said%$'\n'*}")"
tap_equal "another user may not follow all" \
	"1: rdma-ns: monitor: -A requires CAP_NET_BROADCAST, which root of the host has" \
	"$(status=0; said=$(setpriv --reuid 65534 --clear-groups "$RDMA_NS" monitor -A 2>&1) || status=$?; echo "$status: $said")"
tap_equal "but its own namespace, until so many lines" "monitoring: namespaces 1" \
	"$(setpriv --reuid 65534 --clear-groups "$RDMA_NS" monitor --count 1 netdevs)"
tap_end
