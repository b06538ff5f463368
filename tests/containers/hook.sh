#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns hook gives OCI containers netdevs with addresses that nobody else has, refuses the others, and takes
# everything back, whatever the container does with its netdev, and however it ends.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/oci.sh
pods=()
trap 'set +e; oci_down; kill "${pods[@]}" 2>/dev/null; topology_down; ip link del ib0.8001 2>/dev/null' EXIT

red='{ "org.rdma-ns.network.red": "10.0.0.5" }'
blue='{ "org.rdma-ns.network.red": "10.0.0.6,fd00::6" }'

addresses() { oci_addresses "/proc/$(oci_pid "$1")/ns/net" "$2"; } # ID NETDEV

pod()
{
	oci_pod
	pod=$oci_pod
}
hook() { oci_hook "$@"; } # ID STATUS PID [ANNOTATIONS]

oci_up
topology_container client ib1
topology_ready
topology_address client ib1.client 10.0.0.9/24

oci_bundle red "$red" "$CMWHO" listen --name red
oci_bundle blue "$blue" sleep 300
oci_bundle thief "$red" sleep 300
tap_run "a container with an address that nobody has starts" oci_run red
tap_equal "it has its address" 10.0.0.5/24 "$(addresses red ib0)"
tap_within 20 "and is reached" ip netns exec client "$CMWHO" connect 10.0.0.5
tap_run "so does another one, with two addresses" oci_run blue
tap_equal "it has both" "10.0.0.6/24 fd00::6/64" "$(addresses blue ib0)"
tap_fail "one with an address that another one has does not start" oci_run thief
tap_match "the log says who has it, and what to do" \
	'rdma-ns: hook: 10.0.0.5 is taken on sib0/1, P_Key 0xffff: netdev ib0 of [^ ]+ has it .*: remove it there' "$(oci_log)"
tap_equal "nothing of it is left" "hook:blue:ib0 hook:blue:ib0 hook:red:ib0 hook:red:ib0" "$(oci_left)"
# The tenant's name for it would be a name in the host.
oci_exec blue ip link set ib0 down
oci_exec blue ip link set ib0 name eth0
oci_end blue
oci_end red
tap_equal "when they have ended, nothing is left" "" "$(oci_left)"

oci_runtime=runc
tap_run "runc starts a container, too" oci_run red
tap_equal "it has its address" 10.0.0.5/24 "$(addresses red ib0)"
tap_fail "but none with an address that another one has" oci_run thief
tap_match "and shows what the hook says" 'rdma-ns: hook: 10.0.0.5 is taken on sib0/1' "$(<"$oci_scratch/thief.output")"
oci_end red
tap_equal "when it has ended, nothing is left" "" "$(oci_left)"
oci_runtime=crun

# At the same moment; whichever comes first has it.
oci_bundle first "$red" sleep 300
oci_bundle second "$red" sleep 300
oci_run first & one=$!
oci_run second & other=$!
statuses=
for job in $one $other; do
	status=0
	wait "$job" || status=$?
	statuses+="$((status != 0)) "
done
tap_equal "of two that start at the same moment with one address, one is refused" "0 1" \
	"$(tr ' ' '\n' <<<"$statuses" | grep . | sort | paste -sd' ')"
tap_match "because the other one has it" 'is taken on sib0/1' "$(oci_log)"
# Crashed, and the runtime's files are lost: nobody calls poststop.
for id in first second; do
	pid=$(oci_pid "$id" 2>/dev/null) || continue
	rm -rf "/run/crun/$id"
	oci_crash "$pid"
done
tap_match "one that crashed leaves its netdev" '^hook:(first|second):ib0' "$(oci_left)"
tap_run "its successor is not refused because of it" oci_run red
tap_equal "and what was left is gone" "hook:red:ib0 hook:red:ib0" "$(oci_left)"
oci_crash "$(oci_pid red)"
oci_end red
tap_run "nor is it if it was started anew under its own name" oci_run red

# The tenant has moved its netdev on to a namespace within its own, and renamed it.
nsenter --net="/proc/$(oci_pid red)/ns/net" unshare --net sleep 300 &
hidden=$!
pods+=("$hidden")
# nsenter's process becomes unshare's, which becomes sleep's.
until [[ $(<"/proc/$hidden/comm") == sleep ]]; do topology_nap; done
oci_exec red ip link set ib0 netns "/proc/$hidden/ns/net" name ib1
oci_end red
tap_equal "a netdev that the tenant moved to another namespace is removed there" "/" \
	"$(oci_left)/$(nsenter --net="/proc/$hidden/ns/net" ip -o link show type ipoib)"

# By hand: what a runtime seldom does.
pod
tap_equal "a container that asks for nothing gets nothing" "0: " "$(hook a created "$pod" '{ "other": "x" }')"
tap_equal "a container gets a netdev" "0: " "$(hook a created "$pod" "$red")"
before=$(nsenter --net="/proc/$pod/ns/net" ip -o link show)
tap_equal "asked again, it keeps it" "0: " "$(hook a creating "$pod" "$red")"
tap_equal "and it is the same one" "$before" "$(nsenter --net="/proc/$pod/ns/net" ip -o link show)"
tap_equal "another container in its namespace shares it" "0: " "$(hook b created "$pod" "$red")"
tap_match "but gets no other address on it" '^1: .*ask for the same network and addresses' "$(hook c created "$pod" "$blue")"
tap_equal "when the first one ends, the other one has it still" "0: /$before" \
	"$(hook a stopped 0)/$(nsenter --net="/proc/$pod/ns/net" ip -o link show)"
tap_equal "with the last one it goes" "0: /" "$(hook b stopped 0)/$(oci_left)"
tap_equal "to end once more is no error" "0: " "$(hook b stopped 0)"
hook a created "$pod" "$red" >/dev/null
nsenter --net="/proc/$pod/ns/net" ip link del ib0
tap_match "if the netdev has gone, another container in its namespace is told why it gets none" \
	"^1: .*'ib0' that hook:a:ib0 was given has gone.* restart all containers" "$(hook b created "$pod" "$red")"
hook a stopped 0 >/dev/null

# Its process leaves the namespace that the netdev is in, which is no end.
go=$(mktemp -u)
# shellcheck disable=SC2016
unshare --net bash -c 'until [[ -e $1 ]]; do sleep 0.1; done; exec unshare --net sleep 300' -- "$go" &
mover=$!
pods+=("$mover")
until [[ $(readlink "/proc/$mover/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do topology_nap; done
hook a created "$mover" "$red" >/dev/null
touch "$go"
until [[ $(<"/proc/$mover/comm") == sleep ]]; do topology_nap; done
rm "$go"
tap_equal "a container whose process is in another namespace now has not ended" "0: /hook:a:ib0 hook:a:ib0 hook:b:ib0 hook:b:ib0" \
	"$(hook b created "$pod" "$blue")/$(oci_left)"
kill "$mover"
wait "$mover" || true
tap_equal "it has when the process has" "0: /hook:c:ib0 hook:c:ib0" \
	"$(hook b stopped 0 >/dev/null; hook c created "$pod" "$blue")/$(oci_left)"
hook c stopped 0 >/dev/null

# A QPN is given again when its netdev has gone: as if that of a's netdev had come to b's, then to one of the host's.
record() # OWNER FILTER: change what is remembered of its ib0
{
	local file=/run/rdma-ns/attached/hook:$1:ib0 changed
	changed=$(jq -c "$2" "$file")
	echo "$changed" >"$file"
}
qpn() { jq .qpn "/run/rdma-ns/attached/hook:$1:ib0"; } # OWNER
reused()
{
	nsenter --net="/proc/$first/ns/net" ip link del ib0
	record a ".qpn = $1"
}
pod
first=$pod
pod
tap_equal "two containers get netdevs" "0: 0: " "$(hook a created "$first" "$red")$(hook b created "$pod" "$blue")"
reused "$(qpn b)"
before=$(nsenter --net="/proc/$pod/ns/net" ip -o link show)
tap_equal "one whose QPN came to another container's netdev ends without it" "0: /$before" \
	"$(hook a stopped 0)/$(nsenter --net="/proc/$pod/ns/net" ip -o link show)"
tap_equal "the first one gets a netdev again" "0: " "$(hook a created "$first" "$red")"
ip link add link ib0 name ib0.hand type ipoib pkey 0xffff
lladdr=$(topology_lladdr host ib0.hand)
reused "$((16#$(tr -d : <<<"${lladdr:3:8}")))"
tap_equal "one whose QPN came to a netdev of the host ends without it" "0: ib0.hand hook:b:ib0 hook:b:ib0" \
	"$(hook a stopped 0)$(oci_left)"
# Without the number that no other netdev has, as earlier versions wrote it.
hook a created "$first" "$red" >/dev/null
reused "$((16#$(tr -d : <<<"${lladdr:3:8}")))"
record a "del(.created)"
tap_match "nor does it remove that one if it cannot know which one it is" \
	'^1: .*ib0.hand may be the one that hook:a:ib0 had.*rm /run/rdma-ns/attached/hook:a:ib0' "$(hook a stopped 0)"
tap_equal "and what is remembered stays" "hook:a:ib0 hook:b:ib0 hook:b:ib0 ib0.hand" "$(oci_left | tr ' ' '\n' | sort | paste -sd' ')"
ip link del ib0.hand
tap_equal "until that one has gone" "0: 0: /" "$(hook a stopped 0)$(hook b stopped 0)/$(oci_left)"

# As if a's process had ended, and another one had its number now.
hook a created "$first" "$red" >/dev/null
record a ".start += 1"
tap_equal "a container has ended if another process has its process's number now" "0: /hook:b:ib0 hook:b:ib0" \
	"$(hook b created "$pod" "$blue")/$(oci_left)"
hook b stopped 0 >/dev/null
# The process's parent does not ask for its status.
bash -c 'unshare --net sleep 300 & echo $!; exec sleep 300 >&-' >"$oci_scratch/zombie" &
pods+=("$!")
until [[ -s $oci_scratch/zombie ]]; do topology_nap; done
zombie=$(<"$oci_scratch/zombie")
until [[ $(readlink "/proc/$zombie/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do topology_nap; done
hook a created "$zombie" "$red" >/dev/null
kill -9 "$zombie"
until [[ $(<"/proc/$zombie/stat") == *') Z '* ]]; do topology_nap; done
tap_equal "or if nobody has asked how its process ended" "0: /hook:b:ib0 hook:b:ib0" \
	"$(hook b created "$pod" "$blue")/$(oci_left)"
hook b stopped 0 >/dev/null

# Nothing keeps its namespace, but it is there.
hook a created "$first" "$red" >/dev/null
umount /run/rdma-ns/netns/hook:a:ib0
rm /run/rdma-ns/netns/hook:a:ib0
tap_equal "a netdev is found where it was even if its namespace was not kept" "0: /" \
	"$(hook a stopped 0)/$(oci_left)$(nsenter --net="/proc/$first/ns/net" ip -o link show type ipoib)"

# A tenant who waits for its netdev, and moves it on before anybody has seen its QPN.
mover='
import socket, struct, sys
link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
link.bind((0, 1))
print("ready", flush=True)
while True:
	data = link.recv(65536)
	kind, device, index = *struct.unpack_from("H", data, 4), *struct.unpack_from("=Hi", data, 18)
	if kind == 16 and device == 32:
		body = struct.pack("BxHiII", 0, 0, index, 0, 0) + struct.pack("HHI", 8, 19, int(sys.argv[1]))
		link.send(struct.pack("IHHII", 16 + len(body), 16, 1, 0, 0) + body)
'
nsenter --net="/proc/$first/ns/net" /usr/bin/python3 -c "$mover" "$hidden" >"$oci_scratch/mover" &
mover=$!
pods+=("$mover")
until [[ -s $oci_scratch/mover ]]; do topology_nap; done
said=
for _ in {1..4}; do
	said+=$(hook a created "$first" "$red")
	hook a stopped 0 >/dev/null
done
kill "$mover"
wait "$mover" 2>/dev/null || true
tap_note "lost to the tenant: $(grep -o 'has gone from the container at once' <<<"$said" | wc -l) of 4"
tap_equal "a netdev that the tenant moves on at once is removed there" "/" \
	"$(oci_left)/$(nsenter --net="/proc/$hidden/ns/net" ip -o link show type ipoib)"

# A tenant may have taken it before.
hook b created "$pod" "$blue" >/dev/null
nsenter --net="/proc/$pod/ns/net" ip addr add 10.0.0.5/24 dev ib0
tap_match "whoever has taken an address without having been given it is told from its owner" \
	'^1: .*10.0.0.5 is taken on sib0/1, P_Key 0xffff: netdev ib0 of [^ ]+ has it, which it was not given \(' \
	"$(hook a created "$first" "$red")"
hook b stopped 0 >/dev/null

# Before the package goes: b has ended, and a has not.
prerm() { PATH=$oci_scratch:$PATH sh debian/rdma-ns.prerm "$@" 2>&1; } # ARGUMENT...
ln -s "$RDMA_NS" "$oci_scratch/rdma-ns"
pod
ended=$pod
hook b created "$ended" "$blue" >/dev/null
hook a created "$first" "$red" >/dev/null
oci_crash "$ended"
tap_equal "an upgrade of the package takes nothing back" "/hook:a:ib0 hook:a:ib0 hook:b:ib0 hook:b:ib0" \
	"$(prerm upgrade 9)/$(oci_left)"
elsewhere() { nsenter --net="$1" "$RDMA_NS" hook --release-ended 2>&1 || echo "status $?"; } # NETNS
tap_match "in a container's network namespace nothing is taken back" \
	"hook: this runs in the network namespace of hook:a:ib0: .*, usually by 'nsenter --target 1 --net'.*status 1" \
	"$(elsewhere "/proc/$first/ns/net" | paste -sd' ')"
tap_match "nor in another one that is not the host's" \
	"hook: the netdev of hook:[ab]:ib0 came from network namespace net:.*, usually by 'nsenter --target 1 --net'.*status 1" \
	"$(elsewhere /run/netns/client | paste -sd' ')"
tap_equal "and what is there stays, as does all that was given" "1/hook:a:ib0 hook:a:ib0 hook:b:ib0 hook:b:ib0" \
	"$(nsenter --net="/proc/$first/ns/net" ip -o link show type ipoib | wc -l)/$(oci_left)"
tap_equal "whoever ends there and was given nothing is not refused" "0" \
	"$(nsenter --net=/run/netns/client "$RDMA_NS" hook 2>&1 <<<"$(oci_state c stopped 0)"; echo $?)"
tap_equal "before it goes, what those have that have ended is taken back, and the others are named" \
	"rdma-ns: hook:a:ib0 has not ended and keeps its netdev 'ib0', which only this program takes back/hook:a:ib0 hook:a:ib0" \
	"$(prerm remove)/$(oci_left)"
hook a stopped 0 >/dev/null
pod=$first

# One after the other; who works now says so to those who wait.
flock /run/rdma-ns/lock sleep 3 &
pods+=("$!")
until ! flock -n /run/rdma-ns/lock true; do topology_nap; done
SECONDS=0
tap_equal "a container waits for another one's start" "0: " "$(hook a created "$pod" "$red")"
tap_fail "as long as that takes" test "$SECONDS" -lt 2
tap_match "the lock has the PID of who had it last" '^[1-9][0-9]*$' "$(</run/rdma-ns/lock)"
hook a stopped 0 >/dev/null

refused() # NAME PATTERN ANNOTATIONS [PID]
{
	tap_match "refused: $1" "^1: rdma-ns: hook: $2" "$(hook a created "${4:-$pod}" "$3")"
}
refused "the host's namespace" "the container is in the host's network namespace" "$red" 1
refused "a process that has ended" '/proc/[0-9]+/ns/net is no network namespace' "$red" 999999
refused "a network that is not in the file" "there is no network 'ib0': .* add it to " '{ "org.rdma-ns.network.ib0": "" }'
refused "an address outside of the network" "network 'red' does not allow the address 10.0.1.5" \
	'{ "org.rdma-ns.network.red": "10.0.1.5" }'
refused "an address in a network without any" "network 'absent' does not allow" \
	'{ "org.rdma-ns.network.absent": "10.0.0.5" }'
refused "a P_Key that the port lacks" "network 'absent': sib0/1 does not have the P_Key 0x9234" \
	'{ "org.rdma-ns.network.absent": "" }'
refused "a device that is missing" "network 'nowhere': sib99/1 has no IPoIB netdev" '{ "org.rdma-ns.network.nowhere": "" }'
refused "a name that is a path" "'../x' cannot be a netdev's name" \
	'{ "org.rdma-ns.network.red": "", "org.rdma-ns.netdev.red": "../x" }'
refused "a name that a terminal would obey" "there is no network '.x1b.2J'" '{ "org.rdma-ns.network.\u001b[2J": "" }'
refused "a name that is in use" "the container has a netdev 'ib0' already" "$red" "$(
	nsenter --net="/proc/$pod/ns/net" ip link add ib0 type dummy
	echo "$pod")"
nsenter --net="/proc/$pod/ns/net" ip link del ib0
refused "one container's two netdevs of one name" "two netdevs would be called 'ib0'" \
	'{ "org.rdma-ns.network.red": "", "org.rdma-ns.network.second": "", "org.rdma-ns.netdev.second": "ib0" }'
tap_match "the stage of a container that runs is none for it" '^1: .*configure this hook for createRuntime and poststop' \
	"$(hook a running "$pod" "$red")"
tap_equal "after all that, nothing is left" "" "$(oci_left)"

topology_address host ib0 10.0.0.5/24
refused "an address of the host" "10.0.0.5 is taken on sib0/1, P_Key 0xffff: netdev ib0 of pid:1 has it" "$red"
ip addr del 10.0.0.5/24 dev ib0
chmod g+w "$oci_networks"
refused "a file that others can write" ".* is not believed, since others can write it" "$red"
chmod g-w "$oci_networks"

# All or nothing: the second one cannot be had.
refused "all of it if a part cannot be had" "network 'handed': all of the 1 netdevs that it hands out are in use" \
	'{ "org.rdma-ns.network.red": "10.0.0.5", "org.rdma-ns.network.handed": "10.0.1.5" }'
tap_equal "and nothing is left" "" "$(oci_left)"

# The host's own netdev.
handed='{ "org.rdma-ns.network.handed": "10.0.1.5", "org.rdma-ns.netdev.handed": "ib1" }'
ip link add link ib0 name ib0.8001 type ipoib pkey 0x8001
lladdr=$(topology_lladdr host ib0.8001)
settings() { ip -j -d link show "$1" | jq -c '.[0] | [.mtu, .txqlen, .group, .ifalias, .xdp, .flags, .linkinfo.info_data]'; } # NETDEV
before=$(settings ib0.8001)
tap_equal "a netdev of the host is handed out" "0: " "$(hook a created "$pod" "$handed")"
tap_equal "it is in the container alone" "hook:a:ib1 hook:a:ib1/10.0.1.5/24" \
	"$(oci_left)/$(oci_addresses "/proc/$pod/ns/net" ib1)"
# The tenant changes what it can.
nsenter --net="/proc/$pod/ns/net" ip link set ib1 down
nsenter --net="/proc/$pod/ns/net" ip link set ib1 name lo1 address "${lladdr:0:57}77" mtu 1280 arp off multicast off promisc on \
	txqueuelen 7 alias mine
nsenter --net="/proc/$pod/ns/net" ip link set lo1 group 5
# An XDP program that drops what comes.
nsenter --net="/proc/$pod/ns/net" /usr/bin/python3 -c '
import ctypes, socket, struct
code = ctypes.create_string_buffer(struct.pack("BBhiBBhi", 0xb7, 0, 0, 1, 0x95, 0, 0, 0))
text = ctypes.create_string_buffer(b"GPL")
attributes = struct.pack("IIQQ", 6, 2, ctypes.addressof(code), ctypes.addressof(text)).ljust(120, b"\0")
program = ctypes.CDLL(None).syscall(321, 5, attributes, len(attributes))
xdp = struct.pack("HHiHHI", 8, 1, program, 8, 3, 2)
body = struct.pack("BxHiII", 0, 0, socket.if_nametoindex("lo1"), 0, 0) + struct.pack("HH", 4 + len(xdp), 0x802b) + xdp
link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
link.send(struct.pack("IHHII", 16 + len(body), 19, 5, 0, 0) + body)
assert struct.unpack_from("i", link.recv(4096), 16) == (0,)
'
# Names that would be in the way: its own one on the host, another netdev's, and one that is free.
for name in ib0.8001 ib0 ib2; do
	nsenter --net="/proc/$pod/ns/net" ip link property add dev lo1 altname "$name"
done
tap_equal "at the end it is back, with its GUID" "0: /ib0.8001/${lladdr:12}" \
	"$(hook a stopped 0)/$(oci_left)/$(topology_lladdr host ib0.8001 | cut -c 13-)"
tap_fail "without another name" grep altname < <(ip link show ib0.8001)
tap_equal "and with the settings that it had, whatever the tenant has set" "$before" "$(settings ib0.8001)"

# Two containers of a pod share it, and it gets another ifindex meanwhile.
hook a created "$pod" "$handed" >/dev/null
inside() { nsenter --net="/proc/$1/ns/net" ip "${@:2}"; } # PID ARGUMENT...
oci_pod
inside "$oci_pod" link add index "$(inside "$pod" -j link show ib1 | jq '.[0].ifindex')" name occupied type dummy
inside "$pod" link set ib1 down
inside "$pod" link set ib1 netns "$oci_pod"
inside "$oci_pod" link set ib1 netns "$pod"
tap_equal "the pod's second container has it, too" "0: 0: /" \
	"$(hook d created "$pod" "$handed")$(hook d stopped 0)/$(ip -o link show ib0.8001 2>/dev/null || true)"
tap_equal "when one has ended, the other one keeps it" "10.0.1.5/24" "$(oci_addresses "/proc/$pod/ns/net" ib1)"
tap_equal "until it ends, too" "0: /ib0.8001/$before" "$(hook a stopped 0)/$(oci_left)/$(settings ib0.8001)"

# The tenant deletes it, and the QPN comes to another one of the host.
hook a created "$pod" "${handed/ib1/ib0}" >/dev/null
nsenter --net="/proc/$pod/ns/net" ip link del ib0
ip link add link ib0 name ib0.hand type ipoib pkey 0x8001
lladdr=$(topology_lladdr host ib0.hand)
record a "del(.created) | .qpn = $((16#$(tr -d : <<<"${lladdr:3:8}")))"
tap_match "one that it has deleted is not confused with another one of the host" '^1: .*ib0.hand may be the one that hook:a:ib0 had' \
	"$(hook a stopped 0)"
tap_equal "which stays as it is" "$lladdr" "$(topology_lladdr host ib0.hand)"
ip link del ib0.hand
tap_equal "until that one has gone" "0: ib0.8001" "$(hook a stopped 0)$(oci_left)"
ip link del ib0.8001

# What is given is not there all the time.
oci_pod
owner=$oci_pod
hook b created "$owner" '{ "org.rdma-ns.network.red": "fd00::7" }' >/dev/null
nsenter --net="/proc/$owner/ns/net" ip link set ib0 down
tap_equal "an IPv6 address goes with its netdev's being up" "" "$(oci_addresses "/proc/$owner/ns/net" ib0)"
refused "such an address as long as its container has not ended" \
	"fd00::7 was given to hook:b:ib0, which has not ended: end it, or give this container another address" \
	'{ "org.rdma-ns.network.red": "fd00::7" }'
hook b stopped 0 >/dev/null

# What a runtime repeats that has been failing for long does not keep the lock busy.
hook b created "$owner" "$red" >/dev/null
uptime=$(cut -d. -f1 /proc/uptime)
record b ".failed = $((uptime > 100 ? uptime - 100 : 1)) | .tried = $uptime"
tap_match "what could not be taken back for long is not looked for whenever its end is told" \
	"^1: .*ib0 of hook:b:ib0 could not be taken back before: repeat this in [0-9]+ s or more, .*--release-ended'" \
	"$(hook b stopped 0)"
tap_equal "but if that is asked for, even if its process goes on" "/" \
	"$("$RDMA_NS" hook --release-ended 2>&1 || true)/$(oci_left)"

# Whoever removes a record need not know of the namespace.
oci_pod
owner=$oci_pod
hook a created "$owner" "$red" >/dev/null
nsenter --net="/proc/$owner/ns/net" ip link del ib0
rm /run/rdma-ns/attached/hook:a:ib0
tap_equal "the namespace of a record that has been removed is not kept any more" "hook:a:ib0/0: /" \
	"$(oci_left)/$(hook a stopped 0)/$(oci_left)"
tap_fail "nor mounted" grep -q hook:a:ib0 /proc/self/mounts

# So many other names that the netdev has outgrown the buffer in which the kernel lists netdevs by default.
other_names() # PID
{
	for ((i = 0; i < 300; i++)); do
		printf 'link property add dev ib0 altname alt-%0123d\n' "$i"
	done | nsenter --net="/proc/$1/ns/net" ip -batch -
}
named='{ "org.rdma-ns.network.red": "10.0.0.7" }'
oci_pod
owner=$oci_pod
hook a created "$owner" "$named" >/dev/null
other_names "$owner"
tap_equal "a netdev with very many other names is shared as any other" "0: 0: " \
	"$(hook b created "$owner" "$named")$(hook b stopped 0)"
nsenter --net="/proc/$owner/ns/net" sleep 300 &
holder=$!
pods+=("$holder")
until [[ /proc/$holder/ns/net -ef /proc/$owner/ns/net ]]; do topology_nap; done
oci_crash "$owner"
tap_equal "it is taken back although another process keeps its namespace" "0: /" \
	"$(hook a stopped 0)/$(oci_left)$(nsenter --net="/proc/$holder/ns/net" ip -o link show type ipoib)"

children() { ip -o link show type ipoib | grep -c @ || true; }
to_host() # its owner ends a namespace of its own that has it
{
	local before
	before=$(children)
	nsenter --net="/proc/$owner/ns/net" unshare --net sleep 300 &
	inner=$!
	until [[ $(<"/proc/$inner/comm") == sleep ]]; do topology_nap; done
	nsenter --net="/proc/$owner/ns/net" ip link set ib0 netns "$inner"
	other_names "$inner"
	kill "$inner"
	wait "$inner" 2>/dev/null || true
	until (($(children) > before)); do topology_nap; done
}
oci_pod
owner=$oci_pod
hook a created "$owner" "$named" >/dev/null
to_host
tap_equal "one with very many other names that came to the host is removed by a later start, which succeeds" \
	"0: hook:b:ib0 hook:b:ib0" "$(hook b created "$pod" "$red")$(oci_left)"
hook a stopped 0 >/dev/null
hook b stopped 0 >/dev/null
hook a created "$owner" "$named" >/dev/null
to_host
oci_crash "$owner"
tap_equal "or at once, if that is asked for" "0: /" "$(status=0
	"$RDMA_NS" hook --release-ended 2>&1 || status=$?
	echo "$status: ")/$(oci_left)"

tap_match "a state that is no JSON" '^rdma-ns: hook: the state is not JSON: ' \
	"$("$RDMA_NS" hook --config "$oci_networks" 2>&1 <<<'{' || true)"
tap_end
