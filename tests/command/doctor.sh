#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns doctor finds each cause that is made here on purpose, that one only, and none where all is well.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
. tests/lib/nodes.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
red=10.0.0.5
debugfs=/sys/kernel/debug/sib
scratch=$(mktemp -d)
made=()
trap cleanup EXIT

cleanup()
{
	local i
	kill -CONT "$(</run/fabric/pid)" 2>/dev/null || true
	topology_down
	links_down
	ip netns del pod 2>/dev/null || true
	for ((i = ${#made[@]} - 1; i >= 0; i--)); do
		rmdir "${made[i]}" 2>/dev/null || umount "${made[i]}" || true
	done
	rm -rf -- "$scratch"
}

# Status, causes, and what is said of them: "1: down: netdev 'ib0.red' is down: ..."
doctor_says() # COMMAND...
{
	local status=0 report
	report=$("$@" 2>"$scratch/errors") || status=$?
	echo "$status: $(jq -r '[.doctor[] | values | select(.hint | not)] |
		([.[].cause] | join(" ")) + ": " + ([.[] | .finding + ": " + .remedy] | join("; "))' <<<"$report")"
}
finds() # NAME CAUSES PATTERN COMMAND...
{
	tap_match "$1" "^1: $2: $3\$" "$(doctor_says "${@:4}")"
}
well() # NAME COMMAND...
{
	tap_equal "$1" "0: :  " "$(doctor_says "${@:2}") $(<"$scratch/errors")"
}
doctor=("$RDMA_NS" doctor --json)
as_user=(prlimit --memlock=unlimited setpriv --reuid 65534 --regid 65534 --clear-groups)
in_group() # FOLDER COMMAND...
{
	# shellcheck disable=SC2016
	bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' bash "$@"
}
state() { [[ $(<"/sys/class/infiniband/$1/ports/1/state") == *"$2" ]]; }
until_state() { until state "$@"; do topology_nap; done; }

topology_container red ib0
topology_container client ib1
topology_ready
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null
modprobe dummy

# All is well.
well "red: nothing" "${doctor[@]}" -N red
well "red's own address: nothing" "${doctor[@]}" -N red $red
well "a peer's address: nothing" "${doctor[@]}" -N client $red
well "run in the namespace: nothing" ip netns exec client "${doctor[@]}" $red
well "a user without privileges: nothing" ip netns exec client "${as_user[@]}" "${doctor[@]}" $red
tap_match "it says so" "^nothing found; 'rdma-ns ping' " "$("$RDMA_NS" doctor -N red $red)"

# Device files.
well "both files, of one device only, as in a container" with_nodes rdma_cm uverbs0 -- "${doctor[@]}" -N red $red
finds "no rdma_cm" rdma_cm \
	"there is no /dev/infiniband/rdma_cm here, though the module is loaded: give this container the device" \
	with_nodes uverbs0 uverbs1 -- "${doctor[@]}" -N red
finds "no uverbs" uverbs \
	"/dev/infiniband/uverbs[01] of device 'sib0' cannot be opened \(No such file or directory\): give this .*" \
	with_nodes rdma_cm -- "${doctor[@]}" -N red $red
chmod 600 /dev/infiniband/rdma_cm
finds "the mode of rdma_cm" rdma_cm "no permission to open /dev/infiniband/rdma_cm: its file mode decides .*" \
	ip netns exec red "${as_user[@]}" "${doctor[@]}"
chmod 666 /dev/infiniband/rdma_cm
others="touch uverbs0 uverbs1; mount --bind /dev/null uverbs0; mount --bind /dev/null uverbs1"
OPTIONS=nodev finds "a filesystem without devices" rdma_cm \
	"the filesystem of /dev/infiniband/rdma_cm allows no device files: .*'nodev'" \
	with_dev "mknod rdma_cm c 10 100; $others" \
	"${doctor[@]}" -N red
finds "a stale number" rdma_cm \
	"/dev/infiniband/rdma_cm has a number that is no longer the module's: start this container anew.*" \
	with_dev "mknod rdma_cm c 10 251; $others" \
	"${doctor[@]}" -N red
mkdir "$scratch/devices"
mount -t cgroup -o devices none "$scratch/devices"
made+=("$scratch/devices")
mkdir "$scratch/devices/some"
made+=("$scratch/devices/some")
echo "c 10:$((0x$(stat -c %T /dev/infiniband/rdma_cm))) rwm" >"$scratch/devices/some/devices.deny"
finds "a rule for rdma_cm" rdma_cm "the device rules of this container forbid /dev/infiniband/rdma_cm: start .*" \
	in_group "$scratch/devices/some" "${doctor[@]}" -N red
echo a >"$scratch/devices/some/devices.allow"
echo "c $((0x$(stat -c %t /dev/infiniband/uverbs0))):* rwm" >"$scratch/devices/some/devices.deny"
finds "a rule for uverbs" uverbs \
	".*/uverbs[01] of device 'sib0' cannot be opened \(Operation not permitted\): the device rules .*" \
	in_group "$scratch/devices/some" "${doctor[@]}" -N red
rmmod rdma_ucm
finds "rdma_ucm is not loaded" rdma_cm "/dev/infiniband/rdma_cm cannot be opened .*: load the module rdma_ucm .*" \
	"${doctor[@]}" -N red $red
modprobe rdma_ucm
finds "an image without drivers" "no_driver no_driver" "libibverbs has no driver for device 'sib[01]' here: .*" \
	ip netns exec red unshare -m bash -c 'mount -t tmpfs none /etc/libibverbs.d; exec "$@"' bash "${doctor[@]}"

# What the subnet manager alone needs. The hint in a container that has these files:
rules() # NODE... -- [COMMAND...]
{
	local nodes=()
	while [[ $1 != -- ]]; do
		nodes+=("$1")
		shift
	done
	with_nodes "${nodes[@]}" -- unshare --pid --fork --net "${@:2}" "${doctor[@]}" 2>/dev/null |
		jq -r '.doctor[] | values | select(.cause == "mad_files") | "\(.hint): \(.finding): \(.remedy)"'
}
tap_match "a container with a umad file is told what it can do by it" \
	"^true: this container may open /dev/infiniband/umad0, .*: give it rdma_cm and the uverbs files alone " \
	"$(rules rdma_cm uverbs0 umad0 --)"
tap_match "so is one with an issm file" "^true: this container may open /dev/infiniband/issm1, " "$(rules issm1 --)"
tap_equal "one without is not" "" "$(rules rdma_cm uverbs0 --)"
tap_equal "nor is who may not open it" "" "$(rules umad0 -- "${as_user[@]}")"

# Limits.
unlocked=(setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock)
finds "locked memory" memlock "only 64 KiB of memory may be locked, and less than 64 MiB .*'ulimit -l unlimited'.*" \
	"${unlocked[@]}" prlimit --memlock=65536 "${doctor[@]}" -N red $red
well "enough of it" "${unlocked[@]}" prlimit --memlock=67108864 "${doctor[@]}" -N red $red
mkdir "$scratch/groups"
mount -t cgroup2 none "$scratch/groups"
made+=("$scratch/groups")
echo +rdma >"$scratch/groups/cgroup.subtree_control"
mkdir "$scratch/groups/pod" "$scratch/groups/pod/inner"
made+=("$scratch/groups/pod" "$scratch/groups/pod/inner")
echo "sib0 hca_handle=0" >"$scratch/groups/pod/rdma.max"
# Another test may have mounted the same groups before, and then that place is named.
finds "no handles left, by the group above" rdma_limit \
	"this control group may use 0 more hca_handle of device 'sib0': raise .*, in ($scratch/groups|/sys/fs/cgroup)/pod/rdma.max" \
	in_group "$scratch/groups/pod/inner" "${doctor[@]}" -N red $red
echo "sib0 hca_handle=max hca_object=3" >"$scratch/groups/pod/rdma.max"
finds "too few objects" rdma_limit "this control group may use 3 more hca_object of device 'sib0': .*" \
	in_group "$scratch/groups/pod" "${doctor[@]}" -N red
echo "sib0 hca_object=max" >"$scratch/groups/pod/rdma.max"
well "and enough" in_group "$scratch/groups/pod" "${doctor[@]}" -N red $red

id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
mkdir "$scratch/groups/libpod-$id.scope"
made+=("$scratch/groups/libpod-$id.scope")
# shellcheck disable=SC2016
bash -c 'echo $$ >"$1/cgroup.procs"; exec unshare -n sleep 600' bash "$scratch/groups/libpod-$id.scope" &
container=$!
until [[ $(readlink "/proc/$container/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do topology_nap; done
finds "a container by its name" no_netdev "no netdev of this namespace has an RDMA device: .*" \
	"${doctor[@]}" -N podman:0123456789ab
kill "$container"
wait "$container" || true
tap_equal "one that is not there" \
	"rdma-ns: doctor: no network namespace 'podman:0123456789ab'" \
	"$("$RDMA_NS" doctor -N podman:0123456789ab 2>&1 | sed "s/: 'ip netns'.*//")"

# Netdevs.
topology_ip red link set ib0.red down
finds "a netdev that is down" down "netdev 'ib0.red' is down: 'ip -n red link set ib0.red up'" "${doctor[@]}" -N red $red
topology_exec client ip neigh flush dev ib1.client
elsewhere="\(on this host, namespace 'red' has it on 'ib0.red', which is down\)"
finds "a peer that does not answer, and where it is" no_neighbour \
	"no netdev of this namespace has the address $red, and nobody on netdev 'ib1.client' answers .*$elsewhere: .*" \
	"${doctor[@]}" -N client $red
topology_ip red link set ib0.red up
is_dormant() { [[ $(topology_ip red -o link show dev ib0.red) == *LOWER_UP*"state DORMANT"* ]]; }
topology_ip red link set ib0.red mode dormant state dormant
tap_within 60 "a netdev is up, but dormant" is_dormant
finds "a netdev that is dormant" dormant \
	"netdev 'ib0.red' is dormant, though its port is up, .*: 'ip -n red link set ib0.red mode default state up'" \
	"${doctor[@]}" -N red
topology_ip red link set ib0.red mode default state up
well "and with the remedy it is not" "${doctor[@]}" -N red
echo down >$debugfs/sib1/1/link
until_state sib1 DOWN
until [[ $(topology_ip client -o link show dev ib1.client) != *LOWER_UP* ]]; do topology_nap; done
finds "no cable" no_link "netdev 'ib1.client' has no carrier, as port sib1/1 has no link \([A-Za-z]+\): check the cable.*" \
	"${doctor[@]}" -N client $red
kill -STOP "$(</run/fabric/pid)"
echo up >$debugfs/sib1/1/link
until_state sib1 INIT
finds "no subnet manager" no_sm \
	"netdev 'ib1.client' has no carrier, as port sib1/1 waits in state INIT for a subnet manager: .*" \
	"${doctor[@]}" -N client 10.0.0.9
kill -CONT "$(</run/fabric/pid)"
until_state sib1 ACTIVE
topology_new=("red ib0.red" "client ib1.client")
topology_ready
tap_within 60 "with both, the peer answers again" topology_exec client busybox ping -c 1 -w 2 $red
ip link add link ib0 name ib0.8005 netns red type ipoib pkey 0x8005
topology_batch red "link set ib0.8005 up" "addr add 10.0.5.5/24 dev ib0.8005"
finds "a partition that the port is not in" no_p_key \
	"netdev 'ib0.8005' has no carrier, as port sib0/1 is not in the partition of P_Key 0x8005: .*" "${doctor[@]}" -N red
topology_ip red link del ib0.8005
topology_exec red sysctl -qw net.ipv6.conf.ib0/red.accept_dad=1 net.ipv6.conf.ib0/red.dad_transmits=60
topology_ip red addr add fd00::5/64 dev ib0.red
finds "an address that is not proven" duplicate "address fd00::5 of netdev 'ib0.red' cannot be used.*'dadfailed'.*" \
	"${doctor[@]}" -N red
topology_ip red addr del fd00::5/64 dev ib0.red
topology_child client ib1 ib1.second 0xffff
topology_ready
topology_address client ib1.second 10.0.0.10/24
finds "two netdevs in one subnet" arp \
	"netdevs 'ib1.client' and 'ib1.second' are in one subnet, and .*'ip netns exec client sysctl -w net.ipv4.conf.all.arp_ignore=1.*" \
	"${doctor[@]}" -N client
# As it is said, it changes the namespace and not the host.
for place in "" "-N client" "-N /run/netns/client"; do
	topology_exec client sysctl -qw net.ipv4.conf.all.arp_ignore=0
	enter=()
	[[ -n $place ]] || enter=(ip netns exec client)
	# shellcheck disable=SC2086
	remedy=$({ "${enter[@]}" "$RDMA_NS" doctor --json $place || true; } |
		jq -r '.doctor[] | select(.cause == "arp") | .remedy' | sed -n "s/^'\\(.*\\)'$/\\1/p")
	# shellcheck disable=SC2086
	"${enter[@]}" $remedy >/dev/null || true
	tap_equal "the remedy of 'doctor $place' changes the namespace and not the host" "1 0" \
		"$(topology_exec client sysctl -n net.ipv4.conf.all.arp_ignore) $(sysctl -n net.ipv4.conf.all.arp_ignore)"
done
well "and with the remedy" "${doctor[@]}" -N client
topology_ip client link del ib1.second

# Addresses.
topology_batch client "link add d0 type dummy" "link set d0 up" "addr add 10.9.0.1/24 dev d0"
finds "an address on a netdev without an RDMA device" wrong_netdev "the address is on 'd0', which has no RDMA device: .*" \
	"${doctor[@]}" -N client 10.9.0.1
finds "a route through one" wrong_netdev "the route leads through 'd0', which has no RDMA device: .*" \
	"${doctor[@]}" -N client 10.9.0.5
finds "no route" no_route "no netdev of this namespace has the address 192.0.2.1, and there is no route to it \(.*" \
	"${doctor[@]}" -N client 192.0.2.1
echo "3 1000000" >$debugfs/sib1/1/mad_drop
finds "no path record" no_path "$red answers ARP, but there is no path to it \(.*" "${doctor[@]}" -N client $red
echo "3 0" >$debugfs/sib1/1/mad_drop
ip netns add pod
topology_batch pod "link set lo up" "link add eth0 type dummy" "link set eth0 up" "addr add 10.9.0.2/24 dev eth0"
finds "a pod that has eth0 only" "no_netdev wrong_netdev" \
	"no netdev of this namespace has an RDMA device: .*; the address is on 'eth0', which has no RDMA device: .*" \
	"${doctor[@]}" -N pod 10.9.0.2
finds "the host's netdevs, without addresses" no_address \
	"no netdev of an RDMA device has an IP address in this namespace, .*" \
	"${doctor[@]}"

# RoCE: files in the place of sysfs' own, since software RoCE has no version 1.
links_rxe_vlan
well "RoCE: nothing" "${doctor[@]}" 192.168.0.1
ip link set v1 down
finds "no carrier" "no_carrier no_carrier" "netdev 'v0' has no carrier: 'rdma link' shows its port's state; .*" \
	"${doctor[@]}" 192.168.0.1
ip link set v1 up
until [[ $(ip -o link show dev v0.7) == *LOWER_UP* ]]; do topology_nap; done
ports=/sys/class/infiniband/rxe0/ports/1
for index in {0..15}; do
	[[ $(<$ports/gids/"$index") != *:ffff:c0a8:0001 ]] || break
done
echo "IB/RoCE v1" >"$scratch/v1"
echo "fe80:0000:0000:0000:0000:0000:0000:0000" >"$scratch/gid"
over() { unshare -m bash -c 'mount --bind "$1" "$2"; shift 2; exec "$@"' bash "$@"; } # FILE FILE COMMAND...
finds "a GID of version 1 only" gid_type "port rxe0/1 has a GID of RoCE v1 only for 192.168.0.1, .*" \
	over "$scratch/v1" "$ports/gid_attrs/types/$index" "${doctor[@]}"
finds "no GID" no_gid "port rxe0/1 has no GID for 192.168.0.1 of netdev 'v0': .*" over "$scratch/gid" "$ports/gids/$index" \
	"${doctor[@]}"
mkdir -p "$scratch/config/rdma_cm/rxe0/ports/1"
cp "$scratch/v1" "$scratch/config/rdma_cm/rxe0/ports/1/default_roce_mode"
finds "RDMA CM uses version 1" roce_mode \
	"RDMA CM uses RoCE v1 on port rxe0/1, .*: 'echo RoCE v2 >/sys/kernel/config/rdma_cm/rxe0/ports/1/default_.*'" \
	over "$scratch/config" /sys/kernel/config "${doctor[@]}"
links_down

# What the extended kernel has refused is a hint. The host's ib_ipoib stays.
hints() { "${doctor[@]}" "$@" 2>/dev/null | jq -r '[.doctor[] | values | select(.hint) | .cause] | join(" ")'; }
kernel/load extended --keep-ipoib
tap_equal "a stock ib_ipoib beside an extended rdma_cm is a hint" stock_ipoib "$(hints -N red $red)"
# Without any listener on the device, the question would not reach rdma_cm.
topology_start host wild "$RDMA_NS" listen
"$RDMA_NS" ping -N client -c 1 -W "$(tap_slow 5)" $red >/dev/null 2>&1 || true
topology_silence
tap_equal "so is what was refused" "stock_ipoib refused" "$(hints -N red $red)"
tap_match "with the reason" \
	"hint: the extended kernel has refused requests under policy report \(no_listener 1\): " \
	"$("$RDMA_NS" doctor -N red $red)"
printf 'connect 2\naccept 0\nsend_again 0\n' >"$scratch/foreign"
tap_match "so are QPs of others" "refused that with EPERM \(connect 2\): " \
	"$(over "$scratch/foreign" /sys/module/rdma_cm/parameters/foreign_qps "$RDMA_NS" doctor -N red)"
echo Y >/sys/module/rdma_cm/parameters/explain_refusals
echo N >/sys/module/rdma_cm/parameters/heed_qpn
tap_equal "and settings with which less is protected" "heed_qpn explain_refusals" \
	"$(hints -N red $red | grep -oE 'heed_qpn|send_qpn|own_qp|explain_refusals' | paste -sd ' ')"
tap_match "with the command that ends it" "'echo Y >/sys/module/rdma_cm/parameters/heed_qpn' on the host" \
	"$("$RDMA_NS" doctor -N red $red)"
echo N >/sys/module/rdma_cm/parameters/explain_refusals
echo Y >/sys/module/rdma_cm/parameters/heed_qpn
well "who may not read that has no less seen what could be wrong" ip netns exec red "${doctor[@]}"
tap_match "but is told" "^true: what the extended kernel has refused is shown to the host's root alone" \
	"$(ip netns exec red "${doctor[@]}" 2>/dev/null |
		jq -r '.doctor[] | values | select(.cause == "unseen_counters") | "\(.hint): \(.finding)"')"
tap_equal "a counter that cannot be read for another reason is one that could not be seen" \
	"3: :  rdma-ns: doctor: cannot tell what the extended kernel has refused (No data available): run it as root on the host" \
	"$(doctor_says over /dev/null /sys/module/rdma_cm/parameters/requests "${doctor[@]}" -N red) $(<"$scratch/errors")"
kernel/load stock --keep-ipoib
topology_down
ip netns del pod

# Whose device? The kernel says EBUSY until the last namespace is wholly gone.
tap_within 20 "exclusive mode" rdma system set netns exclusive
ip netns add pod
finds "a namespace without a device, and who has it" exclusive \
	"each RDMA device belongs to one .*, and none to this one \('sib[01]' to 'pid:1'\): .*'rdma system set .* shared'" \
	"${doctor[@]}" -N pod
finds "as a user" exclusive "each RDMA device belongs to one network namespace, and none to this one: .*" \
	ip netns exec pod "${as_user[@]}" "${doctor[@]}"
tap_equal "who cannot see who has it" \
	"rdma-ns: doctor: cannot tell which namespace has the RDMA devices: run it as root on the host" \
	"$(<"$scratch/errors")"
ip link add link ib0 name ib0.pod netns pod type ipoib pkey 0xffff
topology_batch pod "link set ib0.pod up" "addr add 10.0.0.6/24 dev ib0.pod"
finds "an IPoIB netdev alone" exclusive ".* and none to this one .*" "${doctor[@]}" -N pod
ip link set ib0 up
ip addr add 10.0.0.2/24 dev ib0
until [[ $(ip -o link show dev ib0) == *LOWER_UP* ]]; do topology_nap; done
well "the host has its devices" "${doctor[@]}" 10.0.0.2
ip addr del 10.0.0.2/24 dev ib0
topology_ip pod link del ib0.pod
ip link set ib0 down
ip netns del pod
tap_within 20 "shared mode again" rdma system set netns shared

rmmod ib_ipoib
finds "ib_ipoib is not loaded" no_ipoib "the module ib_ipoib is not loaded, .*'modprobe ib_ipoib' on the host\)" \
	"${doctor[@]}"
modprobe ib_ipoib
tap_end
