#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Whatever a container does with its netdev, rdma-ns hook takes it back, and gives no other container a netdev of its
# choice.
# Fabric: --hosts 1
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/oci.sh
trap 'set +e; oci_down; ip link del ib0.8001 2>/dev/null; ip link del ib0.8002 2>/dev/null' EXIT

red='{ "org.rdma-ns.network.red": "10.0.0.5" }'
other='{ "org.rdma-ns.network.red": "10.0.0.6" }'
second='{ "org.rdma-ns.network.second": "10.0.1.6", "org.rdma-ns.netdev.second": "ib0" }'
handed='{ "org.rdma-ns.network.handed": "10.0.1.5", "org.rdma-ns.netdev.handed": "ib0" }'
also=${handed/1.5/1.7}

inside() { nsenter --net="/proc/$1/ns/net" "${@:2}"; } # PID COMMAND...
netdevs() { inside "$1" ip -o link show type ipoib | sed -nE 's/^[0-9]+: ([^@]*)@.*/\1/p'; } # PID
# A child comes to the host under its name, if that is free, when its namespace ends.
to_host() # PID NAME
{
	# shellcheck disable=SC2016
	inside "$1" bash -c '
		unshare --net sleep 300 &
		while [[ /proc/$!/ns/net -ef /proc/self/ns/net ]]; do sleep 0.1; done
		printf "link set ib0 %s\n" down "name $1 arp off alias mine netns $!" | ip -batch -
		kill "$!"
		wait "$!"' - "$2" 2>/dev/null || true
	until [[ -e /sys/class/net/$2 ]]; do topology_nap; done
}
to_namespace() # PID OTHER-PID IFINDEX
{
	inside "$1" /usr/bin/python3 -IS -c '
import socket, struct, sys
body = struct.pack("BxHiII", 0, 0, socket.if_nametoindex("ib0"), 0, 0)
body += struct.pack("HHI", 8, 19, int(sys.argv[1])) + struct.pack("HHI", 8, 49, int(sys.argv[2]))
link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
link.send(struct.pack("IHHII", 16 + len(body), 16, 5, 0, 0) + body)
assert struct.unpack_from("i", link.recv(4096), 16) == (0,)
' "$2" "$3"
}

release_ended()
{
	local output status=0
	output=$("$RDMA_NS" hook --release-ended 2>&1) || status=$?
	echo "$status: $output"
}

oci_up
oci_pod
a=$oci_pod
oci_pod
b=$oci_pod
oci_pod
c=$oci_pod
ip link add link ib0 name ib0.8001 type ipoib pkey 0x8001

# While b has ib0.8001, its name is free on the host.
oci_hook b created "$b" "$handed" >/dev/null
oci_hook a created "$a" "$second" >/dev/null
to_host "$a" ib0.8001
tap_match "a netdev that a tenant sends to the host under the name of one that is handed out goes to nobody" \
	"^1: .*network 'handed': all of the 1 netdevs that it hands out are in use" "$(oci_hook c created "$c" "$also")"
tap_equal "and is removed" "hook:b:ib0 hook:b:ib0" "$(oci_left)"
tap_equal "its container ends as any other" "0: " "$(oci_hook a stopped 0)"
oci_hook a created "$a" "$red" >/dev/null
to_host "$a" ib0.8001
tap_equal "it is not in the way of the one that had the name" "0: ib0.8001 0x8001" \
	"$(oci_hook b stopped 0)$(oci_left) $(ip -d link show ib0.8001 | sed -n 's/.* pkey *\(0x[0-9a-f]*\) .*/\1/p')"
oci_hook a stopped 0 >/dev/null
oci_hook a created "$a" "$red" >/dev/null
to_host "$a" eth1
tap_equal "under any other name it is removed when the next container starts" "0: ib0.8001 hook:c:ib0 hook:c:ib0" \
	"$(oci_hook c created "$c" "$other")$(oci_left)"
oci_hook a stopped 0 >/dev/null
tap_equal "a container that lost its netdev like this gets one if it asks again" "0: 0: ib0" \
	"$(oci_hook a created "$a" "$red")$(oci_hook c stopped 0)$(netdevs "$a")"
oci_hook a stopped 0 >/dev/null

oci_hook b created "$b" "$handed" >/dev/null
to_host "$b" eth1
tap_equal "one of the host's that comes back like this is handed out again" "0: hook:c:ib0 hook:c:ib0" \
	"$(oci_hook c created "$c" "$also")$(oci_left)"
tap_fail "without what the tenant has set" grep -E 'NOARP|mine' < <(inside "$c" ip link show ib0)
tap_equal "and stays when the former container ends" "0: ib0" "$(oci_hook b stopped 0)$(netdevs "$c")"
oci_hook c stopped 0 >/dev/null

# Names that others have taken.
oci_hook b created "$b" "$handed" >/dev/null
ip link add ib0.8001 type dummy
tap_match "a netdev of another kind that has the name is named" \
	'^1: .*ib0.8001 cannot come back to the host, where another netdev has that name: rename or remove that one' \
	"$(oci_hook b stopped 0)"
tap_match "and is not handed out" "^1: .*all of the 1 netdevs that it hands out are in use" "$(oci_hook c created "$c" "$also")"
ip link del ib0.8001
tap_equal "when it has gone, the next start brings back the one that had the name" "0: hook:c:ib0 hook:c:ib0" \
	"$(oci_crash "$b" && oci_hook c created "$c" "$also")$(oci_left)"
oci_hook c stopped 0 >/dev/null
oci_pod
b=$oci_pod
sed -i '/"handed"/s/"take": \[/& "ib0.8002",/' "$oci_networks"
ip link add link ib0 name ib0.8002 type ipoib pkey 0x8002
tap_equal "one that does not fit is no reason to hand out none" "0: ib0.8002 hook:b:ib0 hook:b:ib0" \
	"$(oci_hook b created "$b" "$handed")$(oci_left)"
tap_match "but is named if no other one is left" "^1: .*ib0.8002 is no child of ib0 with P_Key 0x8001" \
	"$(oci_hook c created "$c" "$also")"
ip link del ib0.8002
oci_hook b stopped 0 >/dev/null

oci_hook a created "$a" "$red" >/dev/null
to_namespace "$a" "$c" 777
tap_equal "of a netdev in another namespace it is not said that its container keeps it" \
	"0: rdma-ns: hook:a:ib0 has not ended; its netdev 'ib0' has left its network namespace, and only this program looks for it" \
	"$(release_ended)"
tap_equal "a netdev that has another ifindex in another namespace is removed there" "0: ib0.8001" \
	"$(oci_hook a stopped 0)$(oci_left)$(netdevs "$c")"
oci_hook b created "$b" "$handed" >/dev/null
to_namespace "$b" "$c" 778
tap_equal "or comes back to the host from there" "0: ib0.8001" "$(oci_hook b stopped 0)$(oci_left)$(netdevs "$c")"

# What a tenant can set, and attach.
ip link set ib0.8001 mtu 2000 txqueuelen 99 group 9 arp off
lladdr=$(topology_lladdr host ib0.8001)
ip link set ib0.8001 address "${lladdr:0:57}55"
# The ifindex and the QPN are new ones.
settings()
{
	ip -o -d link show ib0.8001 | sed -E 's/^[0-9]+: //; s/ permaddr [^ ]*//; s/(infiniband )[0-9a-f:]{12}/\1/'
	tc qdisc show dev ib0.8001
	grep -r . /sys/class/net/ib0.8001/{gro_flush_timeout,threaded,queues/rx-0/rps_cpus}
}
before=$(settings)
oci_hook b created "$b" "$handed" >/dev/null
inside "$b" ip link set ib0 mode dormant
inside "$b" ip link set ib0 gso_max_segs 1 gso_max_size 2000
inside "$b" tc qdisc add dev ib0 clsact
# shellcheck disable=SC2016
inside "$b" unshare --mount bash -c 'mount -t sysfs none /sys
	cd /sys/class/net/ib0
	echo 1000000000 >gro_flush_timeout
	echo 1 >threaded
	echo 3 >queues/rx-0/rps_cpus'
tap_equal "one of the host's comes back with the settings that it had, and none of a tenant's" "0: $before" \
	"$(oci_hook b stopped 0)$(settings)"

cat >"$oci_scratch/tcx" <<-'END'
	import ctypes, errno, socket, struct, sys, time
	ingress, egress = 46, 47
	libc = ctypes.CDLL(None, use_errno=True)
	def bpf(command, data):
	    buffer = ctypes.create_string_buffer(data.ljust(144, b"\0"), 144)
	    result = libc.syscall(321, command, buffer, 144)
	    if result < 0:
	        raise OSError(ctypes.get_errno(), "bpf")
	    return result, buffer.raw
	netdev = socket.if_nametoindex(sys.argv[1])
	def count(kind):
	    return struct.unpack_from("I", bpf(16, struct.pack("II", netdev, kind))[1], 24)[0]
	if len(sys.argv) > 2:
	    # A program that drops everything; one is attached by a link, which the process holds.
	    code = ctypes.create_string_buffer(struct.pack("BBhiBBhi", 0xb7, 0, 0, 2, 0x95, 0, 0, 0))
	    text = ctypes.create_string_buffer(b"GPL")
	    load = struct.pack("IIQQ", 3, 2, ctypes.addressof(code), ctypes.addressof(text)).ljust(68, b"\0")
	    one, other = (bpf(5, load + struct.pack("I", ingress))[0] for _ in range(2))
	    try:
	        bpf(8, struct.pack("III", netdev, one, ingress))
	        bpf(8, struct.pack("III", netdev, one, egress))
	        bpf(28, struct.pack("III", other, netdev, ingress))
	    except OSError as error:
	        print("none" if error.errno == errno.EINVAL else error, flush=True)
	        sys.exit()
	print(count(ingress), count(egress), flush=True)
	time.sleep(int(*sys.argv[2:3] or "0"))
END
oci_hook b created "$b" "$handed" >/dev/null
inside "$b" /usr/bin/python3 -IS "$oci_scratch/tcx" ib0 300 >"$oci_scratch/attached" &
oci_pods+=("$!")
until [[ -s $oci_scratch/attached ]]; do topology_nap; done
if [[ $(<"$oci_scratch/attached") == none ]]; then
	tap_skip "nor with programs that see what the next container receives" "this kernel has no TCX"
	oci_hook b stopped 0 >/dev/null
else
	tap_equal "nor with programs that see what the next container receives" "2 1 0: 0 0" \
		"$(<"$oci_scratch/attached") $(oci_hook b stopped 0)$(/usr/bin/python3 -IS "$oci_scratch/tcx" ib0.8001)"
fi

inside "$b" ip link add ib0 type dummy
tap_match "one that cannot have its name in the container is not handed out" \
	"^1: .*the container has a netdev 'ib0' already" "$(oci_hook b created "$b" "$handed")"
tap_equal "but comes back" "ib0.8001$before" "$(oci_left)$(settings)"
inside "$b" ip link del ib0

oci_hook b created "$b" "$handed" >/dev/null
inside "$b" ip link del ib0
tap_equal "one that the tenant has removed is made anew" "0: ib0.8001$before" \
	"$(oci_hook b stopped 0)$(oci_left)$(settings)"
oci_hook b created "$b" "$handed" >/dev/null
inside "$b" ip link del ib0
sed -i 's/"parent":[0-9]*/"parent":99999/' /run/rdma-ns/attached/hook:b:ib0
tap_match "but not if its parent has gone" "^0: .*the host's netdev ib0.8001, which hook:b:ib0 was given, has gone with its parent" \
	"$(oci_hook b stopped 0)"
tap_equal "and nothing is left" "" "$(oci_left)"

# A netdev that is where nobody can look: in a namespace that only a message holds that was not received, or that many
# others keep from disappearing. It comes to the host when its namespace has gone.
cat >"$oci_scratch/hide" <<-'END'
	import ctypes, os, socket, sys, time
	libc = ctypes.CDLL(None, use_errno=True)
	def enter(namespace):
	    assert libc.setns(namespace, 0x40000000) == 0
	def fresh():
	    assert libc.unshare(0x40000000) == 0
	    return os.open("/proc/self/ns/net", os.O_RDONLY)
	name, many = sys.argv[1], int(sys.argv[2])
	own = os.open("/proc/self/ns/net", os.O_RDONLY)
	others = [fresh() for _ in range(many)]
	hidden = fresh()
	enter(own)
	there = "name %s alias mine netns /proc/%d/fd/%d" % (name, os.getpid(), hidden)
	assert os.system("printf 'link set ib0 %%s\\n' down '%s' | ip -batch -" % there) == 0
	if not many:
	    one, other = socket.socketpair()
	    socket.send_fds(one, [b"x"], [hidden])
	    os.close(hidden)
	print(hidden, flush=True)
	time.sleep(600)
END
hide() # PID NAME MANY
{
	: >"$oci_scratch/hidden"
	nsenter --net="/proc/$1/ns/net" /usr/bin/python3 -IS "$oci_scratch/hide" "$2" "$3" >"$oci_scratch/hidden" &
	hider=$!
	oci_pods+=("$hider")
	until [[ -s $oci_scratch/hidden ]]; do topology_nap; done
}
unhide()
{
	kill -9 "$hider"
	wait "$hider" 2>/dev/null || true
}
lost() { compgen -G '/run/rdma-ns/lost/*' || true; }
rm -rf /run/rdma-ns/lost
ip link add link ib0 name ib0.8001 type ipoib pkey 0x8001
oci_hook b created "$b" "$handed" >/dev/null
hide "$b" ib0.8001 0
tap_equal "one that nobody can see is made anew on the host" "0: ib0.8001" "$(oci_hook b stopped 0)$(oci_left)"
oci_hook c created "$c" "$also" >/dev/null
unhide
until [[ -e /sys/class/net/ib0.8001 ]]; do topology_nap; done
tap_equal "when it comes to the host later, it is not in the way of the one that had the name" "0: ib0.8001" \
	"$(oci_hook c stopped 0)$(oci_left)"
tap_fail "and has gone" grep mine < <(ip link show ib0.8001)
oci_hook a created "$a" "$red" >/dev/null
hide "$a" eth1 200
unhide
said=$(oci_hook a stopped 0)
tap_note "$(lost | wc -l) found nowhere, of 1 whose namespace is disappearing"
for _ in {1..300}; do
	[[ ! -e /sys/class/net/eth1 ]] && { [[ ! -d /run/rdma-ns/lost ]] || [[ -n $(lost) ]]; } || break
	topology_nap
done
tap_equal "a netdev whose namespace is disappearing is removed when it comes to the host" "0: 0: ib0.8001 0" \
	"$said$(oci_hook a stopped 0)$(oci_left) $(lost | wc -l)"

# A netdev that was moved once, to one of many namespaces, and stands still.
there() { nsenter --net="/proc/$hider/fd/$(<"$oci_scratch/hidden")" ip -o link show type ipoib; }
oci_hook a created "$a" "$red" >/dev/null
hide "$a" eth1 30
tap_match "a netdev is in one of many namespaces, which only descriptors hold" ' eth1@' "$(there)"
tap_equal "it is found there" "0: / ib0.8001 0" "$(oci_hook a stopped 0)/$(there) $(oci_left) $(lost | wc -l)"

# So few descriptors that not all can be found, or watched.
cat >"$oci_scratch/few" <<-END
	#!/bin/bash
	ulimit -n "\$FEW" && exec "$RDMA_NS" "\$@"
END
chmod +x "$oci_scratch/few"
few() { FEW=$1 RDMA_NS=$oci_scratch/few oci_hook "${@:2}"; } # DESCRIPTORS ID STATUS PID [ANNOTATIONS]
oci_hook a created "$a" "$red" >/dev/null
inside "$a" ip link set ib0 down
inside "$a" ip link set ib0 netns "/proc/$hider/fd/$(<"$oci_scratch/hidden")"
tap_match "with few descriptors it is not found: that and the remedy are told" \
	"^1: .*cannot find the netdev ib0 of hook:a:ib0: .*Too many open files: raise the limit of open files" \
	"$(few 20 a stopped 0)"
tap_match "with almost none as well, instead of taking its record for none" "^1: .*Too many open files: raise the limit" \
	"$(few 5 a stopped 0)"
tap_match "and it is not lost" " ib0@.*/ib0.8001 hook:a:ib0( hook:a:ib0)? 0" "$(there)/$(oci_left) $(lost | wc -l)"
# Its container starts again, and whoever has left as many as this behind is known by the list of lost ones alone.
left() { compgen -G '/run/rdma-ns/attached/left:*' | wc -l; }
sed -i 's|"path":"[^"]*"|"path":"/proc/4194305/ns/net"|' /run/rdma-ns/attached/hook:a:ib0
record=$(<"/run/rdma-ns/attached/hook:a:ib0")
tap_match "its container starts again at once, and what is left waits for its time" "^0: /1/ ib0@" \
	"$(oci_hook a created "$c" "$red")/$(left)/$(there | sed 's/^[0-9]*://')"
oci_hook a stopped 0 >/dev/null
rm -f /run/rdma-ns/attached/left:*
for i in {1..64}; do
	sed "s/\"qpn\":[0-9]*/\"qpn\":$i/; s/\"netns\":[0-9]*/\"netns\":0/" <<<"$record" >"/run/rdma-ns/attached/left:$i-000001"
done
echo "$record" >/run/rdma-ns/attached/hook:a:ib0
tap_equal "of too many that are left the last one is known as lost" "0: /64/1" \
	"$(oci_hook a created "$c" "$red")/$(left)/$(lost | wc -l)"
oci_hook a stopped 0 >/dev/null
rm -f /run/rdma-ns/attached/left:* /run/rdma-ns/lost/*
echo "$record" >/run/rdma-ns/attached/hook:a:ib0
tap_equal "with some more it is found, although not all namespaces can be watched" "0: / ib0.8001 0" \
	"$(few 60 a stopped 0)/$(there) $(oci_left) $(lost | wc -l)"
unhide

# A netdev that is moved on to a new namespace all the time.
cat >"$oci_scratch/hop" <<-'END'
	import ctypes, os, socket, struct
	libc = ctypes.CDLL(None, use_errno=True)
	print("hops", flush=True)
	while True:
	    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
	    netdev = [number for number, name in socket.if_nameindex() if name == "ib0"]
	    assert netdev and libc.unshare(0x40000000) == 0
	    fresh = os.open("/proc/self/ns/net", os.O_RDONLY)
	    body = struct.pack("BxHiII", 0, 0, netdev[0], 0, 0) + struct.pack("HHI", 8, 28, fresh)
	    link.send(struct.pack("IHHII", 16 + len(body), 16, 5, 0, 0) + body)
	    assert struct.unpack_from("i", link.recv(4096), 16) == (0,)
	    link.close()
	    os.close(fresh)
END
hop() # PID
{
	: >"$oci_scratch/hops"
	nsenter --net="/proc/$1/ns/net" /usr/bin/python3 -IS "$oci_scratch/hop" >"$oci_scratch/hops" 2>/dev/null &
	hopper=$!
	oci_pods+=("$hopper")
	until [[ -s $oci_scratch/hops ]]; do topology_nap; done
}
judged=
found=0
for _ in 1 2; do
	oci_hook a created "$a" "$red" >/dev/null
	hop "$a"
	said=$(oci_hook a stopped 0)
	kill -STOP "$hopper" 2>/dev/null || true
	if [[ $said == "0: " ]]; then
		found=$((found + 1))
		judged+=$(nsenter --net="/proc/$hopper/ns/net" ip -o link show type ipoib 2>/dev/null || true)
	elif [[ ! $said =~ 'cannot find the netdev ib0 of hook:a:ib0' ]]; then
		judged+=$said
	fi
	# It stands still now.
	judged+=$(oci_hook a stopped 0)
	kill -9 "$hopper" 2>/dev/null || true
	wait "$hopper" 2>/dev/null || true
	for _ in {1..40}; do
		[[ -n $(lost) ]] || break
		oci_hook a stopped 0 >/dev/null
	done
done
tap_note "found $found of 2"
tap_equal "a netdev that is moved on all the time is found, or said not to be" "0: 0: /ib0.8001" "$judged/$(oci_left)"

oci_pod
pod=$oci_pod
oci_hook c created "$c" "$other" >/dev/null
oci_hook b created "$pod" "$red" >/dev/null
to_host "$pod" eth1
oci_crash "$pod"
tap_equal "when one that a container left on the host is removed, the others' namespaces are kept" "0: 2" \
	"$(oci_hook a created "$a" "${red/0.5/0.7}")$(grep -oE 'netns/hook:[ac]:ib0' /proc/self/mounts | sort -u | wc -l)"
oci_hook a stopped 0 >/dev/null
oci_hook c stopped 0 >/dev/null

# The host's netdev cannot come back, and its container goes on without it.
oci_hook b created "$b" "$handed" >/dev/null
to_host "$b" eth1
ip link add ib0.8001 type dummy
tap_match "a netdev whose name is in use is told when another container starts" \
	"^0: .*ib0.8001 cannot come back to the host, .* and the next start of a container brings it back$" \
	"$(oci_hook c created "$c" "$other")"
tap_equal "its container's namespace is not kept, nor remembered" "hook:b:ib0 hook:c:ib0 hook:c:ib0 0" \
	"$(oci_left) $(sed -E 's/.*"netns":([0-9]*),.*/\1/' /run/rdma-ns/attached/hook:b:ib0)"
tap_match "nor is it said that all could be taken back" \
	"^1: .*ib0.8001 cannot come back to the host, .*hook:c:ib0 has not ended and keeps its netdev.*not everything could be taken back" \
	"$(release_ended)"
# As if somebody else's namespace had the inode of one that has gone.
tap_match "so another container in a namespace that looks like it gets a netdev" "^0: " "$(oci_hook d created "$b" "$red")"
oci_hook d stopped 0 >/dev/null 2>&1
ip link del ib0.8001
tap_equal "the netdev comes back as soon as it can, even if its container has not ended" "0: ib0.8001" \
	"$(oci_hook c stopped 0)$(oci_left)"
tap_equal "which ends as any other" "0: " "$(oci_hook b stopped 0)"

oci_hook b created "$b" "$handed" >/dev/null
ip link add ib0.8001 type dummy
oci_hook b stopped 0 >/dev/null
tap_match "a container that starts again gets a netdev although its former one cannot come back" \
	"^0: .*ib0.8001 cannot come back to the host" "$(oci_hook b created "$b" "$red")"
ip link del ib0.8001
tap_equal "which comes back all the same" "0: ib0.8001" "$(oci_hook b stopped 0)$(oci_left)"

oci_pod
pod=$oci_pod
oci_hook b created "$pod" "$handed" >/dev/null
oci_hook d created "$pod" "$handed" >/dev/null
oci_crash "$pod"
tap_equal "one that two containers shared comes back when both have crashed" "0: 0: 0: ib0.8001" \
	"$(oci_hook c created "$c" "$other")$(oci_hook c stopped 0)$(oci_hook b stopped 0)$(oci_left)"
ip link del ib0.8001
tap_equal "none was lost that was taken back" "" "$(lost)"
tap_end
