#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# iSER: initiator and target are both in the initial namespace, which is all that ib_iser and ib_isert know, but talk
# over the wire, from one of the host's ports to the other.
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/storage.sh
target=/sys/kernel/config/target
iqn=iqn.2026-01.test:storage
tpg=$target/iscsi/$iqn/tpgt_1
backing=/run/storage.disk
daemon=

node() { iscsiadm -m node -T $iqn -p 10.0.0.9:3260 "$@"; }
# iscsid can miss a signal that comes just before it polls, so it gets another, and at last the one it cannot miss.
end_daemon()
{
	local tries=0 signal=TERM
	[[ -n $daemon ]] || return 0
	while [[ -e /proc/$daemon/exe ]]; do
		((tries++ < 50)) || signal=KILL
		kill -s $signal "$daemon" || break
		sleep 0.2
	done 2>/dev/null
	wait "$daemon" 2>/dev/null || true
	daemon=
}
log_out()
{
	timeout 60 iscsiadm -m node -T $iqn -p 10.0.0.9:3260 -u >/dev/null 2>&1 || true
	end_daemon
}
remove_target()
{
	[[ -d $target/iscsi ]] || return 0
	if [[ -d $tpg ]]; then
		echo 0 >"$tpg/enable"
		rm -f "$tpg/lun/lun_0/disk"
		rmdir "$tpg/np/10.0.0.9:3260" "$tpg/lun/lun_0" "$tpg" "$target/iscsi/$iqn"
	fi
	rmdir "$target/iscsi" "$target/core/fileio_0/disk" "$target/core/fileio_0"
}
cleanup()
{
	log_out
	remove_target
	storage_wire_down
	modprobe -r ib_iser ib_isert iscsi_target_mod target_core_file || true
	vm/fabric down
}
trap cleanup EXIT

add_target()
{
	modprobe -a target_core_file iscsi_target_mod ib_isert || return
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config || return
	mkdir -p "$target/core/fileio_0/disk" "$target/iscsi" || return
	echo "fd_dev_name=$backing,fd_dev_size=$((storage_size << 21))" >"$target/core/fileio_0/disk/control" || return
	echo 1 >"$target/core/fileio_0/disk/enable" || return
	mkdir "$target/iscsi/$iqn" "$tpg" "$tpg/lun/lun_0" || return
	ln -s "$target/core/fileio_0/disk" "$tpg/lun/lun_0/disk" || return
	echo 0 >"$tpg/attrib/authentication" && echo 0 >"$tpg/attrib/demo_mode_write_protect" &&
		echo 1 >"$tpg/attrib/generate_node_acls" && echo 1 >"$tpg/attrib/cache_dynamic_acls" || return
	mkdir "$tpg/np/10.0.0.9:3260" || return
	echo 1 >"$tpg/np/10.0.0.9:3260/iser" || return
	echo 1 >"$tpg/enable"
}
start_initiator()
{
	echo "InitiatorName=iqn.2026-01.test:initiator" >/run/initiatorname.iscsi
	modprobe -a ib_iser sd_mod
	# A session of its own: when it ends, it ends its whole process group.
	setsid iscsid -f -i /run/initiatorname.iscsi >/run/iscsid.log 2>&1 &
	daemon=$!
}
add_node()
{
	node -o new >/dev/null || return
	node -o update -n iface.transport_name -v iser
}

for which in ${STORAGE_KERNELS:-stock extended}; do
	storage_begin "$which" $backing
	tap_run "$which: the target" add_target
	start_initiator
	tap_within 20 "$which: iscsid answers" add_node
	tap_run "$which: the initiator logs in" timeout 60 iscsiadm -m node -T $iqn -p 10.0.0.9:3260 -l
	tap_within 20 "$which: there is a disk" storage_disk /session
	disk=$(storage_disk /session) || disk=/dev/missing
	storage_check "$which" "$disk" $backing
	log_out
	remove_target
	tap_within 20 "$which: the modules can be unloaded" modprobe -r ib_iser ib_isert
	storage_end $backing
done
tap_end
