#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns audit -A sees what is held by no name: by a descriptor, thread, socket or mount. It says what it could not
# see, nothing hides anything else, and names that a tenant chooses break no output.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
held=
trap 'release || true; topology_down; ip link del veth0 2>/dev/null || true; rm -rf -- "$scratch"; rmdir /run/away 2>/dev/null || true' EXIT
scratch=$(mktemp -d)

# Who has the address that collides, by name.
holders()
{
	"$RDMA_NS" --json audit -A 2>/dev/null | jq -r '.audit[] | select(.harm == "collision") | .netns' | sort | paste -sd' '
}

# Leaves $status and the errors in $said.
audit() # COMMAND...: by way of that
{
	status=0
	said=$("$@" "$RDMA_NS" audit -A 2>&1 >/dev/null) || status=$?
}

# Keeps blue's namespace in one way, and gives its name back when it is told to end.
keeper='
import ctypes, fcntl, os, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
how = sys.argv[1]
end = threading.Event()
here, there = os.open("/proc/self/ns/net", os.O_RDONLY), os.open("/run/netns/blue", os.O_RDONLY)

def enter(fd):
	if libc.setns(fd, 0):
		sys.exit("setns: %d" % ctypes.get_errno())

def give_back(path):
	open("/run/netns/blue", "w").close()
	if libc.mount(path.encode(), b"/run/netns/blue", None, 4096, None):
		sys.exit("mount: %d" % ctypes.get_errno())

def mount(what, where, kind, flags):
	if libc.mount(what, where, kind, flags, None):
		sys.exit("mount: %d" % ctypes.get_errno())

# In a mount namespace of its own, which no other thread has.
def stay_with_mount():
	if libc.unshare(0x20000):
		sys.exit("unshare: %d" % ctypes.get_errno())
	mount(b"none", b"/", None, 1 << 18 | 16384)
	mount(b"none", b"/run/away", b"tmpfs", 0)
	open("/run/away/blue", "w").close()
	mount(b"/run/netns/blue", b"/run/away/blue", None, 4096)
	ready.set()
	end.wait()

# With a socket in a descriptor table of its own.
def stay_with_table():
	global kept
	if libc.unshare(0x400):
		sys.exit("unshare: %d" % ctypes.get_errno())
	enter(there)
	os.close(there)
	kept = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	enter(here)
	ready.set()
	end.wait()
	there_again = fcntl.ioctl(kept, 0x894c)
	give_back("/proc/thread-self/fd/%d" % there_again)

# The last thread of the process.
def stay_alone():
	signal.sigwait([signal.SIGTERM])
	give_back("/proc/thread-self/fd/%d" % there)
	os._exit(0)

def stay():
	enter(there)
	ready.set()
	end.wait()
	give_back("/proc/%d/task/%d/ns/net" % (os.getpid(), threading.get_native_id()))

ready = threading.Event()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
stays = {"thread": stay, "mount": stay_with_mount, "table": stay_with_table}
if how in stays:
	thread = threading.Thread(target=stays[how])
	thread.start()
	ready.wait()
	os.close(there)
elif how == "leader":
	os.close(here)
	threading.Thread(target=stay_alone).start()
	print("held", flush=True)
	libc.syscall(60, 0)
elif how in ("socket", "flight"):
	enter(there)
	kept = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	enter(here)
	os.close(there)
if how == "flight":
	pair = socket.socketpair()
	socket.send_fds(pair[0], [b"x"], [kept.fileno()])
	kept.close()
print("held", flush=True)
signal.sigwait([signal.SIGTERM])
if how == "flight":
	kept = socket.socket(fileno=socket.recv_fds(pair[1], 1, 1)[1][0])
if how in ("socket", "flight"):
	there = fcntl.ioctl(kept, 0x894c)
if how in stays:
	if how == "mount":
		give_back("/proc/self/task/%d/root/run/away/blue" % thread.native_id)
	end.set()
	thread.join()
else:
	give_back("/proc/%d/fd/%d" % (os.getpid(), there))
'

keep() # COMMAND...: blue's namespace, which loses its name
{
	: >"$scratch/held"
	"$@" <&- >"$scratch/held" 2>&1 &
	held=$!
	until [[ $(<"$scratch/held") == *held* ]]; do topology_nap; done
	umount -l /run/netns/blue
	rm /run/netns/blue
}

release()
{
	[[ -n $held ]] || return 0
	kill "$held"
	wait "$held" || true
	held=
}

topology_container red ib0
topology_container blue ib0
topology_ready
topology_address red ib0.red 10.0.0.5/24
audit
tap_equal "nothing collides and all is seen: status 0, not a word" "0: " "$status: $said"
topology_address blue ib0.blue 10.0.0.5/24
tap_equal "both have names, both are seen" "blue red" "$(holders)"

# Holders without a name.
for how in descriptor thread socket; do
	keep /usr/bin/python3 -c "$keeper" $how
	[[ $how == thread ]] && what='tid' || what='fd'
	tap_match "a namespace that only a $how holds" "^pid:$held/$what:[0-9]+ red$" "$(holders)"
	audit
	tap_equal "and that is a collision: status 1" "1: " "$status: $said"
	release
	tap_equal "it has its name again" "blue red" "$(holders)"
done
mkdir -p /run/away
keep /usr/bin/python3 -c "$keeper" mount
tap_match "a namespace that is only mounted, in the mount namespace of a thread" \
	"^pid:$held/tid:[0-9]+/mount:/run/away/blue red$" "$(holders)"
release
keep /usr/bin/python3 -c "$keeper" leader
tap_match "a namespace that only a descriptor holds, in a process whose first thread has ended" \
	"^pid:$held/tid:[0-9]+/fd:[0-9]+ red$" "$(holders)"
release
keep /usr/bin/python3 -c "$keeper" table
audit
if { IFS=.- read -r major minor _ < <(uname -r); } && ((major > 6 || (major == 6 && minor >= 9))); then
	tap_match "a namespace that only a socket in a thread's own descriptor table holds" \
		"^pid:$held/tid:[0-9]+/fd:[0-9]+ red$" "$(holders)"
else
	tap_match "a socket in a thread's own descriptor table is out of reach, which is told: status 3" \
		"^3: rdma-ns: cannot see which network namespaces are held by pid:$held/tid:[0-9]+: Operation not supported: a thread's own sockets can be seen since Linux 6\.9$" \
		"$status: $said"
fi
release
tap_equal "and it has its name again" "blue red" "$(holders)"
keep unshare -m --propagation private sh -c 'mount -t tmpfs none /run/away && touch "/run/away/blue one" &&
	mount --bind /run/netns/blue "/run/away/blue one" && trap exit TERM && echo held && while :; do sleep 0.1; done'
tap_equal "a namespace that is only mounted, in another mount namespace" \
	"pid:$held/mount:/run/away/blue\\x20one red" "$(holders)"
touch /run/netns/blue
mount --no-canonicalize --bind "/proc/$held/root/run/away/blue one" /run/netns/blue
release

# What cannot be seen is said; what is in the way hides nothing.
touch /run/netns/stray
audit
tap_equal "a stray file among the names hides nothing, and is told" \
	"1: rdma-ns: not a network namespace: /run/netns/stray: remove it" "$status: $said"
tap_equal "the collision is seen beside it" "blue red" "$(holders)"
tap_match "netdevs lists them all as well" "^blue pid:1 red$" \
	"$("$RDMA_NS" --json netdevs -A 2>/dev/null | jq -r '.netdevs[].netns' | sort -u | paste -sd' ')"
tap_run "and show works" "$RDMA_NS" show
rm /run/netns/stray
topology_ip blue addr del 10.0.0.5/24 dev ib0.blue
mount --bind /proc/self/ns/uts /run/netns/red2 2>/dev/null || { touch /run/netns/red2; mount --bind /proc/self/ns/uts /run/netns/red2; }
audit
tap_equal "a namespace of another kind is one of those" "0: rdma-ns: not a network namespace: /run/netns/red2: remove it" "$status: $said"
umount /run/netns/red2
rm /run/netns/red2
user=(setpriv --reuid 65534 --clear-groups)
audit "${user[@]}"
tap_match "another user cannot see all: status 3, and who could" \
	"^3: rdma-ns: cannot .*processes\): Permission denied: run it as root of the host" "$status: $said"
status=0
said=$("${user[@]}" "$RDMA_NS" netdevs -A 2>&1 >/dev/null) || status=$?
tap_match "netdevs -A likewise" "^3: rdma-ns: cannot " "$status: $said"
status=0
said=$("${user[@]}" "$RDMA_NS" audit 2>&1 >/dev/null) || status=$?
tap_equal "its own namespace is all its own" "0: " "$status: $said"
audit unshare -fp --mount-proc
tap_match "in another PID namespace: status 3" \
	"^3: rdma-ns: cannot see processes outside this PID namespace: run it as root in the host's PID namespace$" "$status: $said"
# The dynamic linker, too, needs /proc to find a library beside the program.
audit env LD_LIBRARY_PATH="$(dirname -- "$RDMA_NS")/../lib" unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh
tap_match "without /proc: status 3" "^3: rdma-ns: audit: cannot find the network namespaces: " "$status: $said"
status=0
"$RDMA_NS" audit -A --openmetrics >/dev/full 2>/dev/null || status=$?
tap_equal "who cannot write says neither 0 nor 1" 3 "$status"
audit bash -c 'ulimit -n 9 && exec "$@"' bash
tap_match "with too few files at a time: says so, whatever it found" "^[13]: .*Too many open files: raise the limit of open files" "$status: $said"

# The kernel numbers a veth's other end, whoever holds it.
ip link add veth0 type veth peer name veth1 netns blue
keep /usr/bin/python3 -c "$keeper" flight
audit
tap_match "a socket on its way between processes is out of reach, but the kernel's number says that it is there" \
	"^3: rdma-ns: cannot find what holds the network namespace with number [0-9]+: 'ip netns list-id' lists the numbers$" \
	"$status: $said"
tap_equal "in OpenMetrics, too" 'rdma_ns_audit_unseen{kind="numbers"} 1' \
	"$("$RDMA_NS" audit -A --openmetrics 2>/dev/null | grep '_unseen{.*[1-9]$')"
release
audit
tap_equal "and with its name back all is seen" "0: " "$status: $said"
ip link del veth0

# Names of all kinds: each output remains what it is, and they all say the same.
ugly=$'q"\\\xff\x1b[2J'
safe='q"\x5c\xff\x1b[2J'
topology_address blue ib0.blue 10.0.0.5/24
topology_ip red link set ib0.red down
topology_ip red link set ib0.red name "$ugly"
topology_ip red link set "$ugly" up
topology_ip red addr replace 10.0.0.5/24 dev "$ugly"
ip netns add $'g\xe9 \x1b[2J'
tap_equal "names: JSON is UTF-8" "$safe" "$("$RDMA_NS" --json netdevs -A | iconv -f UTF-8 -t UTF-8 |
	jq -r '.netdevs[] | select(.netns == "red") | .netdev')"
tap_equal "names: tables" 1 "$("$RDMA_NS" netdevs -A | LC_ALL=C grep -cF " $safe ")"
tap_equal "names: OpenMetrics" "red $safe" "$({ "$RDMA_NS" audit -A --openmetrics || true; } | /usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.buffer.read().decode("utf-8")):
	for sample in family.samples:
		if sample.name.endswith("collision") and sample.labels["netns"] == "red":
			print(sample.labels["netns"], sample.labels["netdev"])
' 2>&1)"
tap_equal "names: resolve" "$safe" \
	"$(topology_exec red "$RDMA_NS" --json resolve 10.0.0.5 from 10.0.0.9 dev sib0 | iconv -f UTF-8 -t UTF-8 | jq -r '.resolve[0].netdev')"
cp "$CMWHO" "$scratch/"$'w\xff\n\x1b[2J'
: >"$scratch/listening"
topology_exec red "$scratch/"$'w\xff\n\x1b[2J' listen --bind 10.0.0.5 >"$scratch/listening" 2>&1 &
listener=$!
until [[ $(<"$scratch/listening") == *listening* ]]; do topology_nap; done
tap_equal "names: a process" 'w\xff\x0a\x1b[2J' \
	"$("$RDMA_NS" --json show | iconv -f UTF-8 -t UTF-8 | jq -r '.show[] | select(.netns == "red") | .command')"
status=0
said=$("${user[@]}" "$RDMA_NS" --json show 2>&1 >"$scratch/shown") || status=$?
tap_equal "show: what another user may not see is null, and said: status 3" \
	"3: null: rdma-ns: show: 1 ids belong to other users' processes, so their namespace and netdev are not shown: run it as root" \
	"$status: $(jq -r '.show[] | select(.state == "LISTEN") | .netns' "$scratch/shown"): $said"
kill "$listener"
wait "$listener" || true
ip netns del $'g\xe9 \x1b[2J'
topology_ip red link set "$ugly" down
topology_ip red link set "$ugly" name ib0.red
tap_end
