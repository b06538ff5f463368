#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# SRP: the host's target, ib_srpt on its defaults and the RDMA CM's port; the initiator logs in from a container, by
# RDMA CM, on the stock kernel and on the extended one.
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/storage.sh
target=/sys/kernel/config/target
backing=/run/storage.disk

remove_target()
{
	local wwn
	[[ -d $target/srpt ]] || return 0
	for wwn in "$target"/srpt/0x*; do
		[[ -d $wwn ]] || continue
		echo 0 >"$wwn/1/enable"
		rm -f "$wwn"/1/acls/*/lun_0/disk "$wwn"/1/lun/lun_0/disk
		rmdir "$wwn"/1/acls/*/lun_0 "$wwn"/1/acls/* "$wwn"/1/lun/lun_0 "$wwn"/1 "$wwn"
	done
	rmdir "$target/srpt" "$target/core/fileio_0/disk" "$target/core/fileio_0"
}
log_out()
{
	local port
	for port in /sys/class/srp_remote_ports/*; do
		[[ ! -d $port ]] || echo 1 >"$port/delete"
	done
}
cleanup()
{
	log_out
	remove_target
	topology_down
	modprobe -r ib_srp ib_srpt target_core_file target_core_mod || true
	vm/fabric down
}
trap cleanup EXIT

add_target()
{
	local gid initiator tpg
	modprobe -a target_core_file || return
	modprobe ib_srpt || return
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config || return
	mkdir -p "$target/core/fileio_0/disk" "$target/srpt" || return
	echo "fd_dev_name=$backing,fd_dev_size=$((storage_size << 21))" >"$target/core/fileio_0/disk/control" || return
	echo 1 >"$target/core/fileio_0/disk/enable" || return
	echo 5555 >"$target/srpt/discovery_auth/rdma_cm_port" || return
	read -r gid </sys/class/infiniband/sib0/ports/1/gids/0
	tpg=$target/srpt/0x${gid//:/}/1
	# By its port: as the initiator's address ib_srpt takes its own.
	read -r gid </sys/class/infiniband/sib1/ports/1/gids/0
	gid=${gid#*:*:*:*:}
	initiator=0x0000000000000000${gid//:/}
	mkdir "${tpg%/1}" "$tpg" "$tpg/lun/lun_0" "$tpg/acls/$initiator" "$tpg/acls/$initiator/lun_0" || return
	ln -s "$target/core/fileio_0/disk" "$tpg/lun/lun_0/disk" || return
	ln -s "$tpg/lun/lun_0" "$tpg/acls/$initiator/lun_0/disk" || return
	echo 1 >"$tpg/enable"
}

log_in()
{
	local guid
	read -r guid </sys/module/ib_srpt/parameters/srpt_service_guid
	guid=${guid#0x}
	# ip would mount a sysfs of its own over this one.
	nsenter --net=/run/netns/client bash -c "echo id_ext=$guid,ioc_guid=$guid,dest=10.0.0.5:5555 \
		>/sys/class/infiniband_srp/srp-sib1-1/add_target"
}
patient() { echo 1 >"$1/reconnect_delay" && echo off >"$1/fast_io_fail_tmo" && echo off >"$1/dev_loss_tmo"; }

for which in ${STORAGE_KERNELS:-stock extended}; do
	storage_fabric "$which" $backing
	topology_container client ib1
	ip link set ib0 up
	topology_ready
	topology_address host ib0 10.0.0.5/24
	topology_address client ib1.client 10.0.0.9/24
	tap_within 20 "$which: ping" topology_exec client ping -c 1 -W 1 10.0.0.5
	tap_run "$which: the target" add_target
	modprobe -a ib_srp sd_mod
	tap_run "$which: the container logs in" log_in
	tap_within 20 "$which: there is a disk" storage_disk sib.1/
	disk=$(storage_disk sib.1/) || disk=/dev/missing
	storage_compare "$which" "$disk" $backing
	for port in /sys/class/srp_remote_ports/port-*; do
		tap_run "$which: the initiator waits for its target" patient "$port"
	done
	storage_pull "$which: pulled" "$disk" $backing sib1/1
	if [[ $which == extended ]]; then
		tap_match "$which: its request was resolved by its QPN" 'accepted qpn [1-9]' "$(<"/sys/module/rdma_cm/parameters/requests")"
	fi
	log_out
	remove_target
	tap_within 20 "$which: the modules can be unloaded" modprobe -r ib_srp ib_srpt
	topology_down
	vm/fabric down
	rm -f $backing
done
tap_end
