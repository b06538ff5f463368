#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns audit -A against a tenant who does what its own namespace allows: an address on a bond's port, on a VRF
# or beside another GUID still takes red's requests and is still a collision, and a file server that does not answer
# stops nothing.
# Fabric: --hosts 2
# Processors: 2
# Timeout: 1200
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
server=
trap 'silence || true; topology_down; ip netns del away 2>/dev/null || true; rmmod bonding 2>/dev/null || true; rm -rf -- "$scratch"' EXIT
scratch=$(mktemp -d)

# The status, and who has 10.0.0.5, on which netdev, below which, with what harm: "1: NETNS NETDEV UPPER HARM,..."
found()
{
	local status=0 report
	report=$("$RDMA_NS" --json audit -A 2>/dev/null) || status=$?
	echo "$status: $(jq -r '.audit[] | select(.address == "10.0.0.5") | [.netns, .netdev, .upper // "-", .harm] | join(" ")' \
		<<<"$report" | sort | paste -sd,)"
}

# And on which port: "NETNS DEVICE/PORT,..."
places()
{
	{ "$RDMA_NS" --json audit -A 2>/dev/null || true; } |
		jq -r '.audit[] | select(.address == "10.0.0.5") | "\(.netns) \(.device)/\(.port)"' | sort | paste -sd,
}

# The netdev loses its addresses when it comes or goes, hence at once before each step.
blue_alone() # NETDEV: without it
{
	topology_batch blue "link del $1" "link set ib0.blue up"
	topology_ip blue addr flush dev ib0.blue scope global
}

silence()
{
	[[ -n $server ]] || return 0
	# And what it has started, if it has a session of its own.
	kill -KILL -- "-$server" 2>/dev/null || kill -KILL "$server"
	wait "$server" 2>/dev/null || true
	server=
}

# blue's netdev is the older one.
topology_container blue ib0
topology_container red ib0
topology_ready
topology_address red ib0.red 10.0.0.5/24
tap_equal "red alone has the address" "0: " "$(found)"

topology_bond blue ib0.blue
topology_address blue ib0.blue 10.0.0.5/24
tap_equal "on a bond's port" "1: blue ib0.blue - collision,red ib0.red - collision" "$(found)"
topology_ip blue addr del 10.0.0.5/24 dev ib0.blue
tap_equal "the bond and its port without it" "0: " "$(found)"
topology_address blue bd 10.0.0.5/24
tap_equal "on the bond: the row shows the port that the kernel finds" \
	"1: blue ib0.blue bd collision,red ib0.red - collision" "$(found)"
topology_ip blue addr del 10.0.0.5/24 dev bd
topology_vrf blue bd
topology_address blue vr 10.0.0.5/24
tap_equal "on a VRF above the bond" "1: blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
topology_ip blue link del vr
topology_address blue bd 10.0.0.5/24
topology_ip blue link set ib0.blue nomaster
tap_equal "a bond that has lost its port gets no connections" "0: " "$(found)"
blue_alone bd

topology_vrf blue ib0.blue
topology_address blue vr 10.0.0.5/24
tap_equal "on a VRF" "1: blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
tap_equal "OpenMetrics has the VRF's name" 'netdev="ib0.blue",upper="vr"' \
	"$({ "$RDMA_NS" audit -A --openmetrics || true; } | grep -o 'netdev="ib0.blue",upper="[^"]*"')"
topology_address blue ib0.blue 10.0.0.5/32
tap_equal "on both" "1: blue ib0.blue - collision,blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
blue_alone vr
tap_equal "both are gone" "0: " "$(found)"

# A VXLAN is above a netdev without being its master.
modprobe vxlan
vxlan() { topology_batch blue "link add vx$1 type vxlan id $1 dev $2 remote 10.77.0.1 dstport 4789" "link set vx$1 up"; }
vxlan 1 ib0.blue
topology_address blue vx1 10.0.0.5/32
tap_equal "on a VXLAN" "1: blue ib0.blue vx1 collision,red ib0.red - collision" "$(found)"
topology_ip blue addr flush dev vx1
topology_vrf blue vx1
topology_address blue vr 10.0.0.5/32
tap_equal "on a VRF above the VXLAN" "1: blue ib0.blue vr collision,red ib0.red - collision" "$(found)"
topology_ip blue link del vr
topology_ip blue link del vx1
vxlan 2 lo
topology_address blue vx2 10.0.0.5/32
tap_equal "on a VXLAN that is not above the IPoIB netdev" "0: " "$(found)"
topology_ip blue link del vx2
# One that has been moved away from what is below it.
modprobe macvlan
ip netns add away
vxlan 4 ib0.blue
topology_batch blue "link add mv4 link vx4 type macvlan" "link set mv4 netns away"
topology_address away mv4 10.0.0.5/32
tap_equal "on a macvlan above a VXLAN that is in another namespace: not all was seen" "3: " "$(found)"
topology_ip away link del mv4
topology_ip blue link set vx4 netns away
topology_address away vx4 10.0.0.5/32
tap_equal "nor of a VXLAN that is in another namespace itself" "3: " "$(found)"
topology_ip away link del vx4
# The VRF between them does not say what is below it, only its ports say what is above them.
topology_vrf blue ib0.blue
vxlan 6 vr
topology_batch blue "link add mv6 link vx6 type macvlan" "link set mv6 netns away"
topology_address away mv6 10.0.0.5/32
tap_equal "nor of a macvlan above a VXLAN above a VRF above the IPoIB netdev" "3: " "$(found)"
topology_ip away link del mv6
topology_ip blue link set vx6 netns away
topology_address away vx6 10.0.0.5/32
tap_equal "nor of that VXLAN" "3: " "$(found)"
topology_ip blue link set ib0.blue nomaster
tap_equal "above a VRF without a port it may be anywhere" "0: " "$(found)"
topology_ip away link del vx6
blue_alone vr
vxlan 5 lo
topology_batch blue "link add mv5 link vx5 type macvlan" "link set mv5 netns away" "link set vx5 netns away"
topology_address away mv5 10.0.0.5/32
tap_equal "what is not above an IPoIB netdev may be anywhere" "0: " "$(found)"
ip netns del away
tap_equal "they are gone" "0: " "$(found)"

# Statuses of so many audits while a batch of ip goes on, in which these lines repeat.
statuses() # COUNT LINE...
{
	local status count=$1
	shift
	for ((i = 0; i < 20000; i++)); do
		printf '%s\n' "$@"
	done >"$scratch/batch"
	ip -n blue -batch "$scratch/batch" >&2 &
	server=$!
	for ((i = 0; i < count; i++)); do
		status=0
		"$RDMA_NS" audit -A >"$scratch/audit" 2>&1 || status=$?
		[[ -z $(jobs -pr) ]] || echo "$status"
		grep '^rdma-ns: ' "$scratch/audit" >&2 || true
	done
	silence
}

renaming() { echo "link set $1 name $2"; echo "link set $2 name $1"; } # NAME OTHER

# Before Linux 6.2, only what is down can be renamed.
vxlan 3 ib0.blue
topology_batch blue "link set vx3 down" "addr add 10.0.0.5/32 dev vx3"
tap_equal "on a VXLAN that is down" "1: blue ib0.blue vx3 collision,red ib0.red - collision" "$(found)"
tap_match "its owner renames it all the time: the audit finds the collision, or says that it could not see all" \
	"^[13]( [13])*$" "$(statuses 10 "$(renaming vx3 a-name-of-vx3)" | paste -sd' ')"
ip -n blue link set a-name-of-vx3 name vx3 2>/dev/null || true
topology_ip blue link set ib0.blue down
tap_match "or what is below" "^[13]( [13])*$" "$(statuses 10 "$(renaming ib0.blue a-name)" | paste -sd' ')"
ip -n blue link set a-name name ib0.blue 2>/dev/null || true
topology_ip blue link set ib0.blue up

# Whoever audits has a socket in each namespace, which its owner sees. Namespaces without a name are listed last.
setsid unshare -n bash -c 'for ((i = 0; i < 40; i++)); do unshare -n sleep 1000 & done; wait' &
spares=$!
mover_program='
import os, sys, time
def sockets(): return open("/proc/net/netlink").read().count("\n")
before = sockets()
late = time.monotonic() + 60
print("ready", flush=True)
while sockets() <= before and time.monotonic() < late:
	pass
time.sleep(float(sys.argv[2]))
os.execlp("ip", "ip", "-batch", sys.argv[1])
'
printf '%s\n' "addr add 10.0.0.5/32 dev ib0.blue" "addr del 10.0.0.5/32 dev vx3" >"$scratch/batch"
: >"$scratch/log"
topology_exec blue /usr/bin/python3 -c "$mover_program" "$scratch/batch" 0.2 >"$scratch/log" 2>&1 &
server=$!
until [[ $(<"$scratch/log") == *ready* ]]; do topology_nap; done
tap_match "the address comes down when the audit begins: it is found" "^1: blue ib0.blue.*,red ib0.red - collision" "$(found)"
wait "$server"
topology_ip blue link del vx3

# A thief who lets go as long as the audit has sockets there.
lets_go() # WAY BACK: the findings while one line takes the address away, and then how it comes back
{
	echo "$1" >"$scratch/batch"
	: >"$scratch/log"
	topology_exec blue /usr/bin/python3 -c "$mover_program" "$scratch/batch" 0 >"$scratch/log" 2>&1 &
	server=$!
	until [[ $(<"$scratch/log") == *ready* ]]; do topology_nap; done
	found
	wait "$server"
	server=
	# shellcheck disable=SC2086
	ip -n blue $2
}
for i in 1 2 3; do
	tap_equal "an address is let go when the audit begins, and comes back: it is found ($i)" \
		"1: blue ib0.blue - collision,red ib0.red - collision" \
		"$(lets_go "addr del 10.0.0.5/32 dev ib0.blue" "addr add 10.0.0.5/32 dev ib0.blue")"
done
topology_ip blue addr flush dev ib0.blue scope global
topology_vrf blue ib0.blue
topology_address blue vr 10.0.0.5/32
tap_match "or the VRF that has it is let go: it is found, or not all was seen" "^(1: blue ib0.blue vr .*|3: )$" \
	"$(lets_go "link set ib0.blue nomaster" "link set ib0.blue master vr")"
topology_ip blue link del vr
topology_exec blue sysctl -qw net.ipv6.conf.ib0/blue.keep_addr_on_down=1 net.ipv6.conf.ib0/blue.accept_dad=0
topology_ip blue addr add fd00::55/64 dev ib0.blue
topology_ip red addr add fd00::55/64 dev ib0.red nodad
tap_match "an IPv6 address that is kept on a netdev which is down meanwhile: it is found, or not all was seen" "^[13]: $" \
	"$(lets_go "link set ib0.blue down" "link set ib0.blue up")"
topology_ip blue addr flush dev ib0.blue scope global
topology_ip red addr del fd00::55/64 dev ib0.red
topology_address blue ib0.blue 10.0.0.66/32
tap_equal "one that nobody else has harms nobody" "0: " "$(lets_go "addr del 10.0.0.66/32 dev ib0.blue" "addr flush dev ib0.blue scope global")"

# From one namespace to another, and always in one of them.
topology_container green ib0
topology_ready
wander()
{
	while :; do
		ip -n green addr add 10.0.0.5/24 dev ib0.green
		ip -n blue addr flush dev ib0.blue scope global
		ip -n blue addr add 10.0.0.5/24 dev ib0.blue
		ip -n green addr flush dev ib0.green scope global
	done
}
topology_ip blue addr flush dev ib0.blue scope global
topology_ip blue addr add 10.0.0.5/24 dev ib0.blue
wander >&2 &
server=$!
statuses=
for ((i = 0; i < 6; i++)); do
	status=0
	"$RDMA_NS" audit -A >/dev/null || status=$?
	statuses+=" $status"
done
tap_equal "the address wanders between two namespaces: each audit finds it" " 1 1 1 1 1 1" "$statuses"
silence
# Its last command may still flush addresses.
until ! pgrep -x ip >/dev/null; do topology_nap; done

# A tenant's own collisions do not bury those that it causes.
topology_ip green addr flush dev ib0.green scope global
topology_ip blue addr flush dev ib0.blue scope global
for netns in blue green; do
	for ((i = 0; i < 100; i++)); do
		echo "addr add 1.0.0.$i/32 dev ib0.$netns"
	done | ip -n "$netns" -batch -
done
topology_address blue ib0.blue 10.0.0.5/24
table=$("$RDMA_NS" -n audit -A 2>"$scratch/said" || true)
tap_equal "very many collisions between a tenant's namespaces: each other one is shown" "blue red " \
	"$(awk '$4 == "10.0.0.5" { print $5 }' <<<"$table" | sort | tr '\n' ' ')"
tap_equal "of its own, what there is room for" "64 64" \
	"$(grep -c '1\.0\.0\.[0-9]* *blue' <<<"$table") $(grep -c '1\.0\.0\.[0-9]* *green' <<<"$table")"
tap_match "and the others are counted" "^rdma-ns: audit: 72 more lines are not shown" "$(<"$scratch/said")"
tap_equal "JSON has them all" 200 \
	"$("$RDMA_NS" --json audit -A 2>/dev/null | jq '[.audit[] | select(.address | startswith("1.0.0."))] | length')"
topology_ip green addr flush dev ib0.green scope global
topology_ip blue addr flush dev ib0.blue scope global

# In a namespace that did not exist when the audit searched, on a netdev that has just come there.
cat >"$scratch/hide" <<'end'
ip netns add late && ip link set ib0.green netns late && ip -n late addr add 10.0.0.5/24 dev ib0.green
end
said=
for ((i = 0; i < 10; i++)); do
	: >"$scratch/log"
	nsenter --net=/run/netns/green /usr/bin/python3 -c "${mover_program/\"ip\", \"ip\", \"-batch\"/\"sh\", \"sh\"}" \
		"$scratch/hide" 0 >"$scratch/log" 2>&1 &
	server=$!
	until [[ $(<"$scratch/log") == *ready* ]]; do topology_nap; done
	status=0
	said=$("$RDMA_NS" -n audit -A 2>&1 >/dev/null) || status=$?
	wait "$server"
	server=
	[[ $said != *late* ]] || break
	ip -n late link set ib0.green netns green
	ip netns del late
done
tap_match "an address in a namespace that is made meanwhile: that is reported" "^3 .*namespace late: .*: run it again$" "$status $said"
tap_equal "the next audit finds it there" "1: late ib0.green - collision,red ib0.red - collision" "$(found)"
ip -n late link set ib0.green netns green
ip netns del late
topology_ip green link del ib0.green
kill -KILL -- "-$spares"
wait "$spares" 2>/dev/null || true
topology_ip blue addr flush dev ib0.blue scope global
tap_equal "and then no more" "0: " "$(found)"

# Other names are properties of a netdev, and all of them are in one message.
other_name() { printf '%s-%0123d' "$1" "$2"; } # PREFIX NUMBER
for ((i = 0; i < 496; i++)); do
	echo "link property add dev ib0.blue altname $(other_name alt "$i")"
done >"$scratch/batch"
ip -n blue -batch "$scratch/batch"
topology_address blue ib0.blue 10.0.0.5/24
tap_equal "a netdev with as many other names as it can have is seen" "1: blue ib0.blue - collision,red ib0.red - collision" \
	"$(found)"
sed -i s/add/del/ "$scratch/batch"
ip -n blue -batch "$scratch/batch"
topology_ip blue addr flush dev ib0.blue scope global

own=$(topology_lladdr blue ib0.blue)
topology_take_guid blue ib0.blue "${own:0:48}be:ef:be:ef"
topology_address blue ib0.blue 10.0.0.5/24
tap_equal "beside the GUID of no port: datagram requests carry none" \
	"1: blue ib0.blue - collision,red ib0.red - collision" "$(found)"
tap_equal "its parent says on which port it is" "blue sib0/1,red sib0/1" "$(places)"
topology_address host ib1 10.0.0.5/24
tap_equal "who has the address on another port takes no part" \
	"1: blue ib0.blue - collision,pid:1 ib1 - other port,red ib0.red - collision" "$(found)"
topology_take_guid blue ib0.blue "$(topology_lladdr host ib1)"
tap_equal "beside the GUID of another port" \
	"1: blue ib0.blue - collision,pid:1 ib1 - other port,red ib0.red - collision" "$(found)"
tap_equal "it is still on its own" "blue sib0/1,pid:1 sib1/1,red sib0/1" "$(places)"
topology_ip host addr del 10.0.0.5/24 dev ib1
topology_take_guid blue ib0.blue "$own"
topology_ip blue addr flush dev ib0.blue scope global
# The kernel does not tell the parent of one that has the parent's ifindex. Those of a namespace are given in turn.
parent=$(</sys/class/net/ib0/ifindex)
index() { topology_ip same -o link show dev ib0.same | cut -d: -f1; }
topology_container same ib0
for ((i = 0; i < parent && $(index) != parent; i++)); do
	topology_ip same link del ib0.same
	topology_child same ib0 ib0.same 0xffff
done
topology_take_guid same ib0.same "$(topology_lladdr host ib1)"
topology_address same ib0.same 10.0.0.5/24
tap_equal "one with its parent's ifindex" "$parent 1: red ib0.red - collision,same ib0.same - collision" "$(index) $(found)"
topology_ip same link del ib0.same
# Nobody says on which port the children of what is in a container are.
topology_child blue ib1 ib1.blue 0xffff
topology_address blue ib1.blue 10.0.0.5/24
ip netns add away
ip link set ib1 netns away
tap_equal "one whose parent is in a container is where its GUID says" \
	"0: blue ib1.blue - other port,red ib0.red - other port" "$(found)"
topology_take_guid blue ib1.blue "${own:0:48}be:ef:be:ef"
tap_equal "or on any port, if that is the GUID of none" \
	"1: blue ib1.blue - collision,red ib0.red - collision" "$(found)"
topology_ip blue link del ib1.blue
ip -n away link set ib1 netns 1
ip netns del away
tap_equal "with its own GUID again, and without the address" "0: " "$(found)"

# A file server that answers as little as a process needs to make it its root, and then no more. It also covers the
# only mount of a namespace.
modprobe fuse
ip netns add spare
mkdir "$scratch/served"
: >"$scratch/log"
server_program='
import ctypes, os, signal, struct, sys, threading
INIT, ACCESS = 26, 34
libc = ctypes.CDLL(None, use_errno=True)
device = os.open("/dev/fuse", os.O_RDWR)
options = "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % device
if libc.mount(b"served", sys.argv[1].encode(), b"fuse", 0, options.encode()):
	sys.exit("mount: %d" % ctypes.get_errno())

def serve():
	while True:
		request = os.read(device, 1 << 20)
		_, what, number = struct.unpack_from("=IIQ", request)
		if what == INIT:
			answer = struct.pack("=IIIIHHII", 7, 31, 0, 0, 0, 0, 4096, 0).ljust(64, b"\0")
			os.write(device, struct.pack("=IiQ", 16 + len(answer), 0, number) + answer)
		elif what == ACCESS:
			os.write(device, struct.pack("=IiQ", 16, -38, number))
			# A request that was read would wait even if its process is killed.
			return

threading.Thread(target=serve, daemon=True).start()
if not os.fork():
	libc.prctl(1, signal.SIGKILL)
	kept = os.open(sys.argv[1], os.O_PATH)
	os.chroot(sys.argv[1])
	print("held", flush=True)
signal.pause()
'
unshare -m --propagation private sh -c 'mount -t tmpfs none "$1" && mkdir "$1/in" && touch "$1/in/spare" &&
	mount --bind /run/netns/spare "$1/in/spare" && exec /usr/bin/python3 -c "$2" "$1"' \
	sh "$scratch/served" "$server_program" >"$scratch/log" 2>&1 &
server=$!
until [[ $(<"$scratch/log") == *held* ]]; do
	kill -0 "$server" || { cat "$scratch/log"; exit 1; }
	topology_nap
done
tap_fail "the server does not answer" timeout -s KILL 5 stat "/proc/$server/root$scratch/served"
status=0
said=$(timeout -s KILL 60 "$RDMA_NS" audit -A 2>&1 >/dev/null) || status=$?
tap_equal "a process with its root and a descriptor on such a server is not waited for" "0: " "$status: $said"
ip netns del spare
status=0
said=$(timeout -s KILL 60 "$RDMA_NS" audit -A 2>&1 >/dev/null) || status=$?
tap_equal "nor is it for what it covers, which is told: status 3" \
	"3: rdma-ns: cannot reach the network namespace that is mounted at pid:$server/mount:$scratch/served/in/spare: Resource temporarily unavailable: its path is on a file server, which is not waited for" \
	"$status: $said"
silence

# What covers a mount may be no file server.
ip netns add spare
mkdir "$scratch/m"
: >"$scratch/log"
unshare -m --propagation private sh -c 'mount -t tmpfs none "$1" && touch "$1/spare" &&
	mount --bind /run/netns/spare "$1/spare" && mount -t tmpfs none "$1" && echo held && exec sleep 1000' \
	sh "$scratch/m" >"$scratch/log" 2>&1 &
server=$!
until [[ $(<"$scratch/log") == *held* ]]; do topology_nap; done
ip netns del spare
status=0
said=$(timeout -s KILL 60 "$RDMA_NS" audit -A 2>&1 >/dev/null) || status=$?
tap_equal "a mount that a tmpfs covers: status 3, and what to do" \
	"3: rdma-ns: cannot reach the network namespace that is mounted at pid:$server/mount:$scratch/m/spare: No such file or directory: unmount what covers it" \
	"$status: $said"
silence

# One socket as often as a process may have it, in as many processes as a user may, which share one table.
crowd_program='
import ctypes, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
kept = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
copies = [kept.dup() for _ in range(16000)]
stacks = []
for _ in range(200):
	stacks.append(ctypes.create_string_buffer(65536))
	top = (ctypes.addressof(stacks[-1]) + 65536) & ~15
	# VM, FS, FILES
	if libc.clone(ctypes.cast(libc.pause, ctypes.c_void_p), ctypes.c_void_p(top), 0x100 | 0x200 | 0x400 | signal.SIGCHLD, None) < 0:
		raise SystemExit("clone: %d" % ctypes.get_errno())
print("held", flush=True)
signal.pause()
'
topology_address blue ib0.blue 10.0.0.5/24
: >"$scratch/log"
bash -c 'ulimit -n 17000 && exec setsid setpriv --reuid 65534 --clear-groups /usr/bin/python3 -c "$1"' bash "$crowd_program" \
	>"$scratch/log" 2>&1 &
server=$!
until [[ $(<"$scratch/log") == *held* ]]; do
	kill -0 "$server" || { cat "$scratch/log"; exit 1; }
	topology_nap
done
status=0
said=$(timeout -s KILL 60 "$RDMA_NS" audit -A 2>&1 >/dev/null) || status=$?
tap_equal "3200000 descriptors of one socket hide no collision" "1: " "$status: $said"
silence
tap_end
