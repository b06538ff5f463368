#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns ping and listen: IPv4, IPv6, datagrams, netdevs, namespaces, policies; sizes from 0 to 1M; and
# what they say when something is wrong.
# Fabric: --hosts 2 --partitions tests/lib/partitions.conf
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
scratch=$(mktemp -d)
listener=
trap 'listener_end; topology_down; rm -rf -- "$scratch"' EXIT
red=10.0.0.5

listener_end()
{
	[[ -z $listener ]] || kill "$listener" 2>/dev/null || true
	listener_status=0
	[[ -z $listener ]] || wait "$listener" || listener_status=$?
	listener=
}

listener_start() # OPTION...
{
	listener_end
	topology_start host listener "$RDMA_NS" --json listen "$@"
	listener=$topology_started
}

# Leaves $status.
ping() # OPTION...
{
	status=0
	"$RDMA_NS" --json ping --netns client "$@" >"$scratch/said" 2>"$scratch/errors" || status=$?
}

# Of the last line of this event.
fields() # FILE EVENT FIELD...
{
	local list
	printf -v list '.%s,' "${@:3}"
	jq -Rrn "[inputs | fromjson? | select(.event == \"$2\")] | last | [${list%,}] | map(tostring) | join(\" | \")" <"$1"
}

said() { fields "$scratch/said" "$@"; }
heard() { fields "$(topology_log listener)" "$@"; }

answered() # NAME COUNT
{
	tap_equal "$1" "0: $2 | $2 | 0 | 0" "$status: $(said statistics sent answered lost corrupted)"
	[[ ! -s $scratch/errors ]] || tap_note "$(<"$scratch/errors")"
}

fails() # NAME STATUS PATTERN COMMAND...
{
	local errors code=0
	errors=$("${@:4}" 2>&1 >/dev/null) || code=$?
	tap_match "$1" "^$2: rdma-ns: $3\$" "$code: $errors"
}

topology_container blue ib0
topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container client ib1
topology_ready
topology_address red ib0.red $red/24
topology_address red ib0.red fd00::5/64
topology_address red ib0.8001 10.0.1.5/24
topology_address client ib1.client 10.0.0.9/24
topology_address client ib1.client fd00::9/64
qpn=$(topology_qpn red ib0.red)

# Connections.
listener_start --netns red
ping -c 3 -i 0.01 $red
answered "IPv4: three messages, all answered" 3
view="accept | null | ib0.red | sib0 | 0xffff | $qpn | $qpn | qpn | delivered | ib0.red | wildcard | $(topology_exec red stat -Lc %i /proc/self/ns/net)"
tap_equal "the client prints what the listener saw" "$view" \
	"$(said connected resolution.{verdict,reason,netdev,device,p_key,qpn,wanted_qpn,decided_by,route,handling,rule,netns_inode})"
tap_equal "the listener prints the same" "$view" \
	"$(heard request {verdict,reason,netdev,device,p_key,qpn,wanted_qpn,decided_by,route,handling,rule,netns_inode})"
tap_equal "and the client its own side" "sent | $qpn | as aimed" "$(said connected exchange.{sent,peer_qpn,answer})"
tap_within 5 "the listener knows how it ended" eval 'test "$(heard end messages corrupted why)" = "3 | 0 | disconnected"'
tap_match "the times are told" "^[0-9.]+ \| [0-9.]+ \| [0-9.]+ \| [0-9.]+$" "$(said statistics min_ms avg_ms max_ms mdev_ms)"
for size in 0 1 64K 1M; do
	ping -c 2 -i 0 -s $size $red
	answered "messages of $size" 2
done
ping -c 1 fd00::5
answered "IPv6" 1
tap_equal "IPv6: ingress" "qpn | delivered | ib0.red" "$(said connected resolution.{decided_by,route,handling})"
ping -c 1 -I ib1.client $red
answered "from a netdev" 1
tap_match "words for people" "64 bytes from $red:7471: seq=1 time=[0-9.]+ ms" \
	"$(topology_exec client "$RDMA_NS" p -c 1 $red)"
tap_match "quiet: the sums alone" $'^PING [^\n]*\nlistener[^\n]*\nthis side[^\n]*\n--- [^\n]* 2 sent, 2 answered, 0 lost, 0 corrupted\nrtt' \
	"$("$RDMA_NS" ping -N client -q -c 2 -i 0 $red)"

# Two at a time, one of them ended by SIGINT.
"$RDMA_NS" --json ping -N client -i 0.05 $red >"$scratch/one" &
one=$!
ping -c 2 -i 0 $red
answered "a second client while the first one is served" 2
kill -INT "$one"
status=0
wait "$one" || status=$?
tap_match "SIGINT ends it with the sums" "^0: [0-9]+ \| 0 \| 0$" \
	"$status: $(fields "$scratch/one" statistics sent lost corrupted)"

tap_fail "a stranger is turned away" timeout 20 ip netns exec client rping -c -a $red -p 7471 -C 1
tap_match "and the listener says why" "listen: rejected a request from [^ ]*: the request is not one of 'rdma-ns ping'" "$(<"$(topology_log listener)")"
: >"$scratch/one"
"$RDMA_NS" --json ping -N client -i 0 -q $red >>"$scratch/one" 2>&1 &
one=$!
until [[ $(<"$scratch/one") == *connected* ]]; do topology_nap; done
listener_end
tap_equal "the listener has rejected one: status 1" 1 "$listener_status"
status=0
wait "$one" || status=$?
tap_match "a listener that ends: status 1" "^1: .*the connection has ended" "$status: $(<"$scratch/one")"

listener_start --netns red -c 1 $red
ping -c 1 $red
status=0
wait "$listener" || status=$?
listener=
tap_equal "listen --count ends, and sums up" "0: 1 | 0 | 0 | 1 | 0" \
	"$status: $(heard statistics requests refused rejected messages corrupted)"

# Datagrams.
listener_start --netns red --udp
ping --udp -c 2 -i 0 -s 4000 $red
answered "datagrams" 2
tap_equal "datagrams: ingress" "qpn | delivered" "$(said connected resolution.{decided_by,route})"
ping --udp -c 1 -s 4096 $red
tap_match "datagrams have no room for more than the MTU" "^1: rdma-ns: ping: .* room for 4[0-9]* bytes here, not 4096$" \
	"$status: $(<"$scratch/errors")"
ping --udp -c 1 fd00::5
answered "datagrams, IPv6" 1

# Policies, and listeners bound to a netdev.
listener_start --netns red --netdev ib0.8001 any
ping -c 1 $red
tap_equal "a listener bound to another netdev: refused, the client told why" \
	"1: refused by the listener's policy | the listener is bound to another netdev" "$status: $(said failed what reason)"
tap_within 5 "the listener says so" eval 'test "$(heard refused reason)" = "the listener is bound to another netdev"'
listener_start --netns red --netdev ib0.red
ping -c 1 $red
answered "bound to the right netdev" 1
tap_equal "and the rule says so" "wildcard, bound to the netdev" "$(said connected resolution.rule)"

topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8
topology_address blue ib0.blue $red/24
topology_exec client ip neigh flush dev ib1.client
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null
listener_start --netns blue --policy verify -c 1 $red
ping -c 1 $red
tap_equal "theft, verify: refused, the client told why" \
	"1: refused by the listener's policy | the QPN names no netdev of this namespace" "$status: $(said failed what reason)"
tap_equal "theft: and which neighbour entry it aimed by" "$qpn" "$(said failed neighbour_qpn)"
tap_match "theft: with a remedy, should it be stale" "neighbour entry of $red, QPN $qpn, .* 'ip -n client neigh flush to $red'$" "$(<"$scratch/errors")"
status=0
wait "$listener" || status=$?
listener=
tap_equal "theft: the listener counts it, status 1" "1: 1 | 1 | 0" "$status: $(heard statistics requests refused messages)"
tap_match "theft: and says who, when, why and for whom it was meant" \
	"^20[-0-9]+T[0-9:.]+Z \\| $red:7471 \\| 10\\.0\\.0\\.9:[0-9]+ \\| reject \\| the QPN names no netdev of this namespace \\| verify \\| $qpn\$" \
	"$(heard refused time local peer {verdict,reason,policy,wanted_qpn})"
topology_start host words "$RDMA_NS" listen --netns blue --policy verify -c 2 $red
ping -c 1 $red
ping -c 1 $red
wait "$topology_started" || true
tap_equal "theft, words: a line for each" \
	"2 reject (the QPN names no netdev of this namespace) under verify" \
	"$(sed -nE "s/^20[-0-9]+T[0-9:.]+Z refused: 10\.0\.0\.9:[0-9]+ to $red:7471: (.*); ingress .* aimed at QPN $qpn .*/\1/p" \
		"$(topology_log words)" | sort | uniq -c | sed 's/^ *//')"
listener_start --netns blue $red
ping -c 1 $red
tap_equal "theft, report: answered, but flagged and by another netdev" \
	"0: accept, flagged | the QPN names no netdev of this namespace | another netdev" \
	"$status: $(said connected resolution.verdict resolution.reason exchange.answer)"
ping -c 1 --policy strict $red
tap_equal "theft, strict client: not connected" "1: misdelivered" "$status: $(said failed what)"
listener_end
topology_ip blue addr del $red/24 dev ib0.blue

# A client that forges a record: it is not believed, and the log says so.
forged=$(printf 'x%.0s' {1..40})NQ$'\x17'
topology_wrap=("$RDMA_NS" exec --policy verify --log "$scratch/log")
topology_listen red red --bind $red --port 7472
topology_exec client "$CMWHO" connect --port 7472 --name "$forged" --data-length 56 $red >/dev/null || true
topology_silence
tap_match "a forged QPN record is told in the log" \
	"request to $red:7472 .*: accept under verify; ingress ib0.red .* by (address|gid); .*; ignored: a QPN record with a reserved bit set$" "$(<"$scratch/log")"

# What is wrong: one line that names it.
fails "nobody listens" 1 "ping: $red:7999: rejected: nobody listens on this port, .*" "$RDMA_NS" ping -N client -p 7999 $red
fails "nobody listens, datagrams" 1 "ping: $red:7999: unreachable: nobody listens .*" "$RDMA_NS" ping -N client -u -p 7999 $red
fails "nobody has the address" 1 "ping: 10.0.0.77:7471: cannot be resolved: .*" "$RDMA_NS" ping -N client -W 2 10.0.0.77
fails "a netdev that is not there" 1 "ping: there is no netdev 'ib9' in this namespace: .*" "$RDMA_NS" ping -I ib9 $red
fails "a netdev of another namespace" 1 "ping: there is no netdev 'ib0.red' in client: 'rdma-ns -A netdevs' shows where it is" \
	"$RDMA_NS" ping -N client -I ib0.red $red
fails "a netdev without an address" 1 "ping: netdev 'lo' has no address from which $red:7471 can be reached: .*" \
	"$RDMA_NS" ping -N client -I lo $red
fails "a listener's address of another namespace" 1 "listen: cannot listen on $red:7471: no netdev of this namespace has this address: .*" \
	"$RDMA_NS" listen -N client $red
fails "a namespace that is not there" 1 "ping: no network namespace 'green': .*" "$RDMA_NS" ping -N green $red
fails "a file that is no namespace" 1 "listen: '/etc/passwd' is not a network namespace: .*" "$RDMA_NS" listen -N /etc/passwd
fails "a namespace without permission" 1 "ping: no permission to enter network namespace '/run/netns/red': this requires CAP_SYS_ADMIN, .*" \
	setpriv --reuid 65534 --clear-groups "$RDMA_NS" ping -N /run/netns/red $red
fails "no permission for rdma_cm" 1 "ping: no permission to open /dev/infiniband/rdma_cm: .*" \
	unshare -m sh -c "chmod 600 /dev/infiniband/rdma_cm && exec setpriv --reuid 65534 --clear-groups '$RDMA_NS' ping $red"
chmod 666 /dev/infiniband/rdma_cm
fails "no rdma_cm" 1 "listen: there is no /dev/infiniband/rdma_cm here, though the module is loaded: give this container the device" \
	unshare -m sh -c "mount -t tmpfs none /dev/infiniband && exec '$RDMA_NS' listen"
fails "a policy that is none" 2 "listen: policy 'lax' is not report, verify or strict; .*" "$RDMA_NS" listen --policy lax
fails "an address that is none" 2 "ping: 'red' is not an IP address, .*" "$RDMA_NS" ping red
fails "a scope of another namespace" 2 "ping: 'fe80::1%ib0.red' is not an IP address, or its %NETDEV is not .*" "$RDMA_NS" ping fe80::1%ib0.red

# Exclusive mode, the devices being the host's: connecting from elsewhere is beyond librdmacm.
topology_down
# The kernel says EBUSY until the last namespace is wholly gone.
tap_within 20 "exclusive mode" rdma system set netns exclusive
ip netns add green
fails "exclusive mode" 1 "ping: each RDMA device belongs to one network namespace here: .*" "$RDMA_NS" ping -N green $red
fails "a namespace without devices" 1 "ping: there is no RDMA device here: .*" ip netns exec green "$RDMA_NS" ping $red
ip netns del green
tap_within 20 "shared mode again" rdma system set netns shared
tap_end
