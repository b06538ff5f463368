# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced, as root in a guest after tests/lib/topology.sh: OCI containers, which rdma-ns's hook gives netdevs. They see
# the guest's programs and this tree.
#
#   oci_up                                 the cgroups, the networks file $oci_networks, the folder $oci_scratch
#   oci_bundle ID ANNOTATIONS COMMAND...   a bundle whose container runs COMMAND; ANNOTATIONS is a JSON object
#   oci_run ID                             start it by $oci_runtime; the status is the runtime's
#   oci_log                                what the hook said last: crun does not show it
#   oci_pid ID                             of its process
#   oci_exec ID COMMAND...                 run a command in its network namespace
#   oci_end ID                             kill it, and have the runtime delete it
#   oci_crash PID                          kill a container's process, and wait until it has gone
#   oci_state ID STATUS PID [ANNOTATIONS]  the state, as a hook reads it
#   oci_hook ID STATUS PID [ANNOTATIONS]   the hook by hand: its status and what it says
#   oci_pod                                a process in a namespace of its own, instead of a container; it is $oci_pod
#   oci_left                               the host's IPoIB children, and what is remembered of containers
#   oci_addresses NETNS NETDEV             addresses in that namespace, a file
#   oci_down                               remove everything
#
# $oci_runtime is crun or runc.

oci_scratch=${TMPDIR:-/tmp}/oci.$$
oci_networks=$oci_scratch/networks.json
oci_runtime=crun
oci_pods=()
RDMA_NS=${RDMA_NS:-${RDMA_NS_BUILD:-$TOPOLOGY_TREE/build}/bin/rdma-ns}

oci_up()
{
	modprobe rdma_ucm
	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
	mkdir -p "$oci_scratch/root/"{proc,dev,etc,sys,usr,tmp,"$TOPOLOGY_TREE"}
	local folder
	for folder in bin sbin lib lib64; do
		ln -s "usr/$folder" "$oci_scratch/root/$folder"
	done
	cat >"$oci_networks" <<-'END'
		{ "networks": [
			{ "name": "red", "device": "sib0", "addresses": [ "10.0.0.0/24", "fd00::/64" ], "netdev": "ib0" },
			{ "name": "second", "device": "sib0/1", "p_key": "0x8001", "addresses": [ "10.0.1.0/24" ] },
			{ "name": "handed", "device": "sib0", "p_key": 32769, "take": [ "ib0.8001" ], "addresses": [ "10.0.1.0/24" ] },
			{ "name": "absent", "device": "sib0", "p_key": "0x1234" },
			{ "name": "nowhere", "device": "sib99" }
		] }
	END
}

oci_bundle() # ID ANNOTATIONS COMMAND...
{
	local args hook file files=
	args=$(printf '%s\n' "${@:3}" | jq -R . | jq -sc .)
	# Runtimes hand their own environment to no hook, and a sanitizer has its settings there.
	hook=$(jq -nc '[ { path: $ARGS.positional[0], args: $ARGS.positional[1:], env: ($ENV | to_entries |
		map(select(.key | endswith("SAN_OPTIONS")) | "\(.key)=\(.value)")) } ]' --args -- "$RDMA_NS" rdma-ns hook \
		--config "$oci_networks" --log "$oci_scratch/log")
	for file in /dev/infiniband/{rdma_cm,uverbs*}; do
		files+="{ \"destination\": \"$file\", \"type\": \"bind\", \"source\": \"$file\", \"options\": [ \"bind\" ] },"
	done
	mkdir -p "$oci_scratch/$1"
	cat >"$oci_scratch/$1/config.json" <<-END
		{
			"ociVersion": "1.0.2",
			"process": {
				"user": { "uid": 0, "gid": 0 }, "args": $args, "cwd": "/",
				"env": [ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" ],
				"capabilities": {
					"bounding": [ "CAP_NET_ADMIN", "CAP_SYS_ADMIN" ],
					"effective": [ "CAP_NET_ADMIN", "CAP_SYS_ADMIN" ],
					"permitted": [ "CAP_NET_ADMIN", "CAP_SYS_ADMIN" ]
				},
				"rlimits": [ { "type": "RLIMIT_MEMLOCK", "soft": 18446744073709551615, "hard": 18446744073709551615 } ]
			},
			"root": { "path": "$oci_scratch/root", "readonly": true },
			"mounts": [
				{ "destination": "/proc", "type": "proc", "source": "proc" },
				{ "destination": "/dev", "type": "tmpfs", "source": "tmpfs" },
				{ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs" },
				{ "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [ "ro" ] },
				$files
				{ "destination": "/etc", "type": "bind", "source": "/etc", "options": [ "rbind", "ro" ] },
				{ "destination": "/usr", "type": "bind", "source": "/usr", "options": [ "rbind", "ro" ] },
				{ "destination": "$TOPOLOGY_TREE", "type": "bind", "source": "$TOPOLOGY_TREE", "options": [ "rbind", "ro" ] }
			],
			"annotations": $2,
			"hooks": { "createRuntime": $hook, "poststop": $hook },
			"linux": {
				"namespaces": [ { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" } ],
				"resources": { "devices": [ { "allow": true, "access": "rwm" } ] }
			}
		}
	END
}

oci_call() # ARGUMENT...
{
	if [[ $oci_runtime == crun ]]; then
		crun --cgroup-manager=cgroupfs "$@"
	else
		runc "$@"
	fi
}

oci_run() # ID
{
	oci_call run --detach --bundle "$oci_scratch/$1" "$1" >"$oci_scratch/$1.output" 2>&1 </dev/null || {
		cat "$oci_scratch/$1.output"
		return 1
	}
}

oci_log() { tail -n 1 "$oci_scratch/log"; }
oci_pid() { oci_call state "$1" | jq .pid; }
oci_exec() { nsenter --net="/proc/$(oci_pid "$1")/ns/net" "${@:2}"; }
oci_end() { oci_call delete --force "$1"; }

# As a container ends that crashes; what the runtime knows of it stays.
oci_crash() # PID
{
	(($1 > 1)) || return 0
	kill -9 "$1"
	while [[ -e /proc/$1/ns/net ]]; do topology_nap; done
}

oci_state() # ID STATUS PID [ANNOTATIONS]
{
	printf '{ "ociVersion": "1.0.2", "id": "%s", "status": "%s", "pid": %s, "bundle": "/", "annotations": %s }\n' \
		"$1" "$2" "$3" "${4-{\}}"
}

oci_hook() # ID STATUS PID [ANNOTATIONS]
{
	local output status=0
	output=$("$RDMA_NS" hook --config "$oci_networks" 2>&1 <<<"$(oci_state "$@")") || status=$?
	echo "$status: $output"
}

oci_pod()
{
	unshare --net sleep 600 &
	oci_pod=$!
	oci_pods+=("$oci_pod")
	while [[ /proc/$oci_pod/ns/net -ef /proc/self/ns/net ]]; do topology_nap; done
}

# It is asked often, and each process takes its time.
oci_left()
{
	local name file netdevs=() files=() IFS=' '
	while read -r _ name _; do
		[[ $name != *@* ]] || netdevs+=("${name%%@*}")
	done < <(ip -o link show type ipoib)
	for file in /run/rdma-ns/{attached,netns}/{,.}[!.]*; do
		[[ ! -e $file ]] || files+=("${file##*/}")
	done
	((${#files[@]} < 2)) || mapfile -t files < <(printf '%s\n' "${files[@]}" | sort)
	files=("${netdevs[@]}" "${files[@]}")
	echo "${files[*]}"
}

oci_addresses() # NETNS NETDEV
{
	nsenter --net="$1" ip -o addr show dev "$2" scope global | sed -nE 's/.* inet6? ([^ ]*) .*/\1/p' | sort | paste -sd' '
}

oci_down()
{
	local id oci_runtime
	for oci_runtime in crun runc; do
		for id in $(oci_call list --quiet 2>/dev/null); do
			oci_end "$id" >/dev/null 2>&1 || true
		done
	done
	kill "${oci_pods[@]}" 2>/dev/null || true
	rm -rf -- "$oci_scratch"
}
