#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# NVMe over Fabrics: initiator and target are both in the initial namespace, which is all that nvme-rdma and
# nvmet-rdma know, but talk over the wire, from one of the host's ports to the other.
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/storage.sh
nvmet=/sys/kernel/config/nvmet
nqn=nqn.2026-01.test:storage
backing=/run/storage.disk

disconnect()
{
	local controller
	for controller in /sys/class/nvme/nvme*; do
		[[ ! -d $controller ]] || echo 1 >"$controller/delete_controller"
	done
}
remove_target()
{
	[[ -d $nvmet/ports/1 ]] || return 0
	rm -f "$nvmet/ports/1/subsystems/$nqn"
	rmdir "$nvmet/ports/1" "$nvmet/subsystems/$nqn/namespaces/1" "$nvmet/subsystems/$nqn"
}
cleanup()
{
	disconnect
	remove_target
	storage_wire_down
	modprobe -r nvme_rdma nvmet_rdma || true
	vm/fabric down
}
trap cleanup EXIT

add_target()
{
	local subsystem=$nvmet/subsystems/$nqn port=$nvmet/ports/1
	modprobe -a nvmet-rdma || return
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config || return
	mkdir "$subsystem" "$subsystem/namespaces/1" "$port" || return
	echo 1 >"$subsystem/attr_allow_any_host" || return
	echo -n $backing >"$subsystem/namespaces/1/device_path" || return
	echo 1 >"$subsystem/namespaces/1/buffered_io" || return # tmpfs cannot do direct I/O on 6.1
	echo 1 >"$subsystem/namespaces/1/enable" || return
	echo ipv4 >"$port/addr_adrfam" && echo rdma >"$port/addr_trtype" && echo 10.0.0.9 >"$port/addr_traddr" &&
		echo 4420 >"$port/addr_trsvcid" || return
	ln -s "$subsystem" "$port/subsystems/$nqn"
}
connect()
{
	echo "transport=rdma,traddr=10.0.0.9,host_traddr=10.0.0.5,trsvcid=4420,nqn=$nqn,nr_io_queues=1,reconnect_delay=1,keep_alive_tmo=5" \
		>/dev/nvme-fabrics
}

for which in ${STORAGE_KERNELS:-stock extended}; do
	storage_begin "$which" $backing
	tap_run "$which: the target" add_target
	modprobe nvme-rdma
	tap_run "$which: the initiator connects" timeout 60 bash -c "$(declare -f connect); nqn=$nqn connect"
	tap_within 20 "$which: there is a disk" test -b /dev/nvme0n1
	storage_check "$which" /dev/nvme0n1 $backing
	disconnect
	remove_target
	tap_within 20 "$which: the modules can be unloaded" modprobe -r nvme_rdma nvmet_rdma
	storage_end $backing
done
tap_end
