#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Network namespaces that have no name of ip netns are called after their containers, as the control groups of their
# processes tell. Who forges such a group takes over no other namespace's name.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
groups=/sys/fs/cgroup
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
other=fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210
uid=57e67067-89e4-4001-bdd4-8632d39ea02b
scratch=$(mktemp -d)
mounted=
holder=
processes=()
groups_made=()
trap 'end_all || true; topology_down; rm -rf -- "$scratch"' EXIT

end_all()
{
	local process i
	if [[ -n $holder ]]; then
		nsenter --net="/proc/$holder/fd/9" ip link del ib0.kept || true
		kill "$holder"
		wait "$holder" || true
	fi
	for process in "${processes[@]}"; do
		end "$process" || true
	done
	for ((i = ${#groups_made[@]} - 1; i >= 0; i--)); do
		rmdir "${groups_made[i]}"
	done
	[[ -z $mounted ]] || umount "$groups"
}

# $made is the process, which is in a new namespace and in this control group.
process() # GROUP COMMAND...
{
	unshare -n "${@:2}" <&- >"$scratch/output" 2>&1 &
	made=$!
	processes+=("$made")
	until [[ $(readlink "/proc/$made/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do topology_nap; done
	move "$made" "$1"
}

# $group is its folder.
make_group() # GROUP
{
	local parts part
	IFS=/ read -ra parts <<<"${1#/}"
	group=$groups
	for part in "${parts[@]}"; do
		group+=/$part
		[[ -d $group ]] || { mkdir "$group"; groups_made+=("$group"); }
	done
}

move() # PROCESS GROUP
{
	make_group "$2"
	echo "$1" >"$group/cgroup.procs"
}

netdev() # PROCESS NAME ADDRESS/N
{
	ip link add link ib0 name "$2" netns "$1" type ipoib pkey 0xffff
	nsenter -t "$1" -n ip -batch - <<-END
		link set $2 up
		addr add $3 dev $2
	END
	for ((i = 0; i < topology_patience; i++)); do
		[[ $(nsenter -t "$1" -n ip -o link show dev "$2") != *LOWER_UP* ]] || return 0
		topology_nap
	done
	topology_die "$2 has no carrier"
}

end() # PROCESS: and its namespace; its netdevs would come back to the host's
{
	local netdev
	kill -0 "$1" 2>/dev/null || return 0
	while read -r _ netdev _; do
		netdev=${netdev%:}
		nsenter -t "$1" -n ip link del "${netdev%@*}"
	done < <(nsenter -t "$1" -n ip -o link show type ipoib 2>/dev/null)
	kill "$1"
	wait "$1" || true
}

names() { "${wrap[@]}" "$RDMA_NS" --json netdevs -A | jq -r '.netdevs[].netns' | LC_ALL=C sort -u | paste -sd' '; }
wrap=()
of() # NETDEV FIELD...
{
	"$RDMA_NS" --json netdevs -A | jq -r --arg netdev "$1" --arg fields "${*:2}" \
		'.netdevs[] | select(.netdev == $netdev) | [.[$fields | split(" ")[]] | tostring] | join(" ")'
}
host=pid:1

if ! mountpoint -q "$groups"; then
	mount -t cgroup2 none "$groups"
	mounted=yes
fi

process "/machine.slice/libpod-$id.scope/container" sleep 600
pod=$made
netdev "$pod" ib0.pod 10.0.0.5/24
tap_equal "netdevs -A: a container" "$host podman:0123456789ab" "$(names)"
tap_equal "its parts in JSON" "podman $id $(stat -L -c %i "/proc/$pod/ns/net") $pod sleep null null null" \
	"$(of ib0.pod netns_engine netns_container netns_inode netns_pid netns_command netns_name netns_pod netns_user)"
tap_equal "those of process 1's namespace" "null null $(stat -L -c %i /proc/1/ns/net) 1 $(</proc/1/comm) null null null" \
	"$(of ib0 netns_engine netns_container netns_inode netns_pid netns_command netns_name netns_pod netns_user)"
table=$("$RDMA_NS" netdevs -A)
tap_match "the table has its name" ' podman:0123456789ab ' "$table"
tap_match "and not its parts" '^[^_]*$' "$(head -n 1 <<<"${table/p_key/}")"
: >"$scratch/listening"
nsenter -t "$pod" -n "$CMWHO" listen --bind 10.0.0.5 >"$scratch/listening" 2>&1 &
listener=$!
until [[ $(<"$scratch/listening") == *listening* ]]; do topology_nap; done
tap_equal "show: an id in it" "podman:0123456789ab ib0.pod podman $id $pod" \
	"$("$RDMA_NS" --json show | jq -r --argjson pid "$listener" '.show[] | select(.pid == $pid) |
		[.netns, .netdev, .netns_engine, .netns_container, .netns_pid] | join(" ")')"
kill "$listener"
wait "$listener" || true

# Somebody who was given a part of the tree, and the address as well.
process "/given.slice/libpod-$id.scope" sleep 600
thief=$made
netdev "$thief" ib0.thief 10.0.0.5/24
status=0
report=$("$RDMA_NS" --json audit -A) || status=$?
tap_equal "a forged group: neither is the only one, each keeps its own name" \
	"1: podman:0123456789ab/pid:$pod ib0.pod,podman:0123456789ab/pid:$thief ib0.thief" \
	"$status: $(jq -r '.audit[] | select(.harm == "collision") | [.netns, .netdev] | join(" ")' <<<"$report" | sort | paste -sd,)"
tap_equal "OpenMetrics says of each what it claims" \
	"ib0.pod podman $id ,ib0.thief podman $id " \
	"$({ "$RDMA_NS" audit -A --openmetrics || true; } |
		sed -nE 's/.*netdev="([^"]*)".*netns_engine="([^"]*)",netns_container="([^"]*)",netns_pod="([^"]*)".*/\1 \2 \3 \4/p' |
		sort | paste -sd,)"
move "$thief" "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-$id.scope"
tap_equal "in a user's part of the tree, the user is named, and the other one is left alone" \
	"$host podman:0123456789ab uid:1000/podman:0123456789ab" "$(names)"
tap_equal "in JSON, too" "1000" "$(of ib0.thief netns_user)"
move "$thief" "/system.slice/docker-$other.scope/machine.slice/libpod-$id.scope"
tap_equal "in a container, the container counts" "docker:fedcba987654 $host podman:0123456789ab" "$(names)"
tap_equal "and it has no user" "docker $other null" "$(of ib0.thief netns_engine netns_container netns_user)"
move "$thief" "/machine.slice/machine-pid\\x3a1.scope"
tap_equal "a machine that would be called like a process" "$host pid:$thief podman:0123456789ab" "$(names)"
end "$thief"

# Whoever is in a cgroup namespace sees paths from another root.
process "/lxc.payload.box/libpod-$other.scope" sh -c 'until grep -q libpod /proc/self/cgroup; do sleep 0.1; done
	exec unshare -C sleep 600'
box=$made
until [[ $(readlink "/proc/$box/ns/cgroup") != "$(readlink /proc/self/ns/cgroup)" ]]; do topology_nap; done
netdev "$box" ib0.box 10.0.0.6/24
tap_equal "a cgroup namespace: the path is the host's" "lxc:box $host podman:0123456789ab" "$(names)"
wrap=(unshare -C)
tap_equal "in a cgroup namespace, paths are not the host's, and processes are named" \
	"$(printf '%s\n' pid:1 "pid:$pod" "pid:$box" | LC_ALL=C sort | paste -sd' ')" "$(names)"
wrap=()
end "$box"

# A pod of Kubernetes, whose file in /run/netns has a name that nobody knows.
process "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid//-/_}.slice/cri-containerd-$other.scope" sleep 600
netdev "$made" ib0.k8s 10.0.0.7/24
mkdir -p /run/netns
touch "/run/netns/cni-$uid"
mount --bind "/proc/$made/ns/net" "/run/netns/cni-$uid"
tap_equal "Kubernetes: the container, its pod, and the name that it has instead" \
	"containerd:fedcba987654 containerd $other $uid cni-$uid" \
	"$(of ib0.k8s netns netns_engine netns_container netns_pod netns_name)"
umount "/run/netns/cni-$uid"
rm "/run/netns/cni-$uid"
touch /run/netns/podman:0123456789ab
mount --bind "/proc/$made/ns/net" /run/netns/podman:0123456789ab
tap_equal "what ip netns calls like a container keeps this name" "podman:0123456789ab podman:0123456789ab/pid:$pod" \
	"$(of ib0.k8s netns) $(of ib0.pod netns)"
umount /run/netns/podman:0123456789ab
rm /run/netns/podman:0123456789ab
end "$made"

# What a process is called is its own choice.
cp /bin/sleep "$scratch/"$'pid:1 x\n'
topology_container red ib0
topology_ready
ip netns exec red "$scratch/"$'pid:1 x\n' 600 <&- >/dev/null 2>&1 &
named=$!
processes+=("$named")
until [[ $(<"/proc/$named/comm") == pid:* ]]; do topology_nap; done
tap_equal "a process's name is JSON's alone, and escaped" 'red red pid:1\x20x\x0a null' \
	"$(of ib0.red netns netns_name netns_command netns_engine)"
move "$named" "/docker/$other"
tap_equal "ip netns's name comes first, JSON has the container too" "red docker $other" \
	"$(of ib0.red netns netns_engine netns_container)"

# A namespace that a container's process only holds.
process "/given.slice" sleep 600
netdev "$made" ib0.kept 10.0.0.8/24
: >"$scratch/held"
bash -c 'exec 9<"/proc/$1/ns/net" && echo held && exec sleep 600' bash "$made" <&- >"$scratch/held" 2>&1 &
holder=$!
until [[ $(<"$scratch/held") == held && $(<"/proc/$holder/comm") == sleep ]]; do topology_nap; done
move "$holder" "/machine.slice/libpod-$id.scope/container"
kill "$made"
wait "$made" || true
tap_equal "what a container holds is behind its name, which remains the container's" \
	"podman:0123456789ab/pid:$holder/fd:9 podman:0123456789ab" "$(of ib0.kept netns) $(of ib0.pod netns)"
tap_end
