#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A user of rdma_cm in the kernel: NFS over RDMA. The server is in the host's namespace at IPoIB's address, the
# client in another one; a file written there is read back, on the extended rdma_cm as on the stock one. Then the
# server's netdev is made anew, with another QPN, as when the server has rebooted, and the file is read again. In
# between, a container with an older child of the server's port takes the server's address and listens.
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
if [[ -n ${RDMA_NS_SERIES-} && $(uname -r) != 6.1.* ]]; then
	tap_skip "NFS" "this kernel's rpcrdma is a client of ib_core, and does not fit that of kernel/series, whose clients are larger"
	exit
fi
export_folder=/run/export
mount_point=/run/imported
proc=/proc/fs/nfsd
forever=2147483647

unmount()
{
	umount -f "$mount_point" 2>/dev/null || true
	[[ ! -e $proc/threads ]] || echo 0 >"$proc/threads"
}
cleanup()
{
	unmount
	topology_down
	umount "$export_folder" 2>/dev/null || true
	ip link del ib0.nfs 2>/dev/null || true
	modprobe -r nfsv4 nfs rpcrdma 2>/dev/null || true
	vm/fabric down
}
trap cleanup EXIT

# What mountd would answer when the kernel asks: who the client is, what is exported to it, and its root.
export_to() # CLIENT
{
	# Flags: read and write, synchronous, no check of subtrees, root stays root, insecure ports, fsid.
	local flags=$((0x2 | 0x400 | 0x2000)) channel=/proc/net/rpc
	echo "nfsd $1 $forever client" >$channel/auth.unix.ip/channel
	echo "client $export_folder $forever $flags 65534 65534 0" >$channel/nfsd.export/channel
	echo "client 1 \\x00000000 $forever $export_folder" >$channel/nfsd.fh/channel
}

# Versions and times can only be set before the server has a port.
serve_nfs()
{
	modprobe -a nfsd rpcrdma nfsv4 || return
	mountpoint -q "$proc" || mount -t nfsd nfsd "$proc" || return
	# The others want rpcbind.
	echo "-2 -3 +4 +4.1" >"$proc/versions" || return
	# No clients of before are to be waited for, but this is the shortest.
	echo 10 >"$proc/nfsv4leasetime" || return
	echo 10 >"$proc/nfsv4gracetime" || return
	echo "rdma 20049" >"$proc/portlist" || return
	export_to 10.0.0.9 || return
	echo 2 >"$proc/threads"
}

# The client's neighbour entry stays as it is: nobody tells of the new netdev.
restart_server()
{
	echo 0 >"$proc/threads" || return
	ip link del ib0.nfs || return
	topology_child host ib0 ib0.nfs 0xffff
	topology_ready
	topology_address host ib0.nfs 10.0.0.5/24 || return
	serve_nfs
}

mount_nfs()
{
	# Not ip, which would mount it in a mount namespace of its own.
	nsenter --net=/run/netns/client mount -i -t nfs4 -o \
		vers=4.1,proto=rdma,port=20049,addr=10.0.0.5,clientaddr=10.0.0.9,timeo=100,retrans=2,soft "10.0.0.5:/" "$mount_point"
}

mount_in_time() { timeout -k 1 "$(tap_slow "$1")" bash -c "$(declare -f mount_nfs); mount_point=$mount_point mount_nfs"; }

# Silent to ARP, so that only the kernel's choice sends anybody there.
steal_mount()
{
	local requests
	umount -f "$mount_point"
	topology_exec thief sysctl -qw net.ipv4.conf.all.arp_ignore=8
	topology_address thief ib0.thief 10.0.0.5/24
	topology_listen thief thief --port 20049
	if [[ $which == extended ]]; then
		tap_run "$which: with a thief of the address, the client mounts it again" mount_in_time 60
		tap_equal "$which: and reads the server's file" "$sum" "$(timeout 60 sha256sum <"$mount_point/$which")"
	else
		tap_fail "$which: with a thief of the address, the client cannot mount it again" mount_in_time 5
	fi
	requests=$(grep -c "from 10\.0\.0\.9" "$(topology_log thief)") || true
	if [[ $which == extended ]]; then
		tap_equal "$which: and the thief got none of the client's requests" 0 "$requests"
	else
		tap_match "$which: and the thief got the client's request" '^[1-9]' "$requests"
	fi
	topology_silence
	topology_ip thief addr del 10.0.0.5/24 dev ib0.thief
	[[ $which == extended ]] || tap_run "$which: without the thief, it mounts it" mount_in_time 60
}

mkdir -p "$export_folder" "$mount_point"
mount -t tmpfs export "$export_folder"
head -c 3000000 /dev/urandom >/run/data
sum=$(sha256sum </run/data)

for which in extended stock; do
	option=
	[[ $which == stock ]] || option=--extended
	vm/fabric up --hosts 2 $option >/dev/null
	settings_watch
	topology_container thief ib0
	topology_container client ib1
	topology_child host ib0 ib0.nfs 0xffff
	topology_ready
	topology_address host ib0.nfs 10.0.0.5/24
	topology_address client ib1.client 10.0.0.9/24
	tap_run "$which: the server listens" serve_nfs
	tap_match "$which: an id of the kernel's listens" 'state LISTEN ps TCP comm \[rpcrdma\]' "$(rdma resource show cm_id)"
	tap_run "$which: the client mounts it" mount_in_time 60
	tap_run "$which: a file is written" timeout 60 dd if=/run/data of="$mount_point/$which" bs=100k conv=fsync status=none
	echo 3 >/proc/sys/vm/drop_caches
	tap_equal "$which: and arrived whole" "$sum" "$(sha256sum <"$export_folder/$which")"
	tap_match "$which: it is mounted over RDMA" 'proto=rdma' "$(grep " $mount_point " /proc/mounts)"
	if [[ $which == extended ]]; then
		tap_match "$which: its request was resolved by its QPN" 'accepted qpn 1' "$(settings_requests)"
	fi
	tap_equal "$which: and is read back" "$sum" "$(timeout 60 sha256sum <"$mount_point/$which")"
	steal_mount
	qpn=$(topology_qpn host ib0.nfs)
	tap_run "$which: the server's netdev is made anew" restart_server
	tap_run "$which: with another QPN" test "$(topology_qpn host ib0.nfs)" != "$qpn"
	echo 3 >/proc/sys/vm/drop_caches
	begin=${EPOCHREALTIME/./}
	tap_equal "$which: and the file is read again" "$sum" "$(timeout 90 sha256sum <"$mount_point/$which")"
	tap_note "$which: that took $(((${EPOCHREALTIME/./} - begin) / 1000)) ms"
	unmount
	topology_down
	ip link del ib0.nfs
	# Its last transports end in a worker.
	tap_within 10 "$which: rpcrdma can be unloaded" rmmod rpcrdma
	vm/fabric down
done
tap_end
