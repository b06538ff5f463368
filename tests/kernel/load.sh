#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# kernel/load: a module that cannot be loaded, or unloaded, does not leave the host without RDMA CM.
# Fabric: --hosts 2
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
extended=$(. /run/vm/settings && echo "$cache/extended")
folder=$topology_scratch/modules
kernel=stock
trap 'topology_down; kernel/load stock' EXIT
mkdir -p "$folder"

loaded() # which rdma_cm is there, and its user
{
	kernel=none
	[[ ! -d /sys/module/rdma_cm ]] || kernel=stock
	[[ ! -e /sys/module/rdma_cm/parameters/policy ]] || kernel=extended
	[[ -d /sys/module/rdma_ucm ]] || kernel+=" alone"
}

fails() # NAME KERNEL MESSAGE COMMAND...
{
	local output status=0
	output=$("${@:4}" 2>&1) || status=$?
	loaded
	tap_equal "$1: status, and what is loaded" "1 $2" "$status $kernel"
	tap_match "$1: it says so" "$3" "$output"
}

# What the kernel refuses: half of a file.
for broken in rdma_cm rdma_ucm; do
	for name in ib_ipoib rdma_cm rdma_ucm; do
		cp "$extended/$name.ko" "$folder/"
	done
	head -c 5000 "$extended/$broken.ko" >"$folder/$broken.ko"
	for before in stock extended; do
		kernel/load $before
		fails "$before, then a broken $broken.ko" stock "cannot load $broken .*; loaded again: the distribution's .*rdma_cm rdma_ucm" \
			kernel/load extended "$folder"
	done
done

kernel/load stock
exec {file}</dev/infiniband/rdma_cm
fails "a user has the device open" stock "rdma_ucm is in use" kernel/load extended
exec {file}<&-
kernel/load extended
loaded
tap_equal "without it: loaded" extended "$kernel"

# What /etc/modprobe.d has is a part of the command that loads the module.
with() # NAME EXPECTED OPTION[=VALUE] [COMMAND]...
{
	rmmod rdma_ucm rdma_cm
	"${@:4}" insmod "$extended/rdma_cm.ko" "$3"
	tap_equal "$1" "$2" "$(cat "/sys/module/rdma_cm/parameters/${3%%=*}" 2>&1)"
	insmod "$extended/rdma_ucm.ko"
}

ip netns add elsewhere
with "an option, loaded from another network namespace" verify policy=verify ip netns exec elsewhere
with "an option, loaded without CAP_NET_ADMIN" N send_qpn=no setpriv --bounding-set -net_admin --inh-caps -net_admin
ip netns del elsewhere
with "a policy that does not exist is the strictest" strict policy=verfy
tap_match "and the kernel says so" "no policy is called 'verfy': using strict" "$(dmesg | tail -n 20)"
with "and so is a policy without a value" strict policy
tap_match "which the kernel says, too" "no policy is called '': using strict" "$(dmesg | tail -n 20)"
for option in requests=1 retries=1 foreign_qps=1 requests; do
	file=/sys/module/rdma_cm/parameters/${option%=*}
	rmmod rdma_ucm rdma_cm
	tap_run "the option $option, which is a counter: loaded" insmod "$extended/rdma_cm.ko" "$option"
	tap_match "and the kernel says that it is ignored" "rdma_cm: ${option%=*} is no option: ignored" "$(dmesg | tail -n 20)"
	chmod 600 "$file"
	tap_fail "nor is it to be written afterwards" sh -c "echo 1 >$file"
	insmod "$extended/rdma_ucm.ko"
done
with "a value that is none is ignored" Y send_qpn=perhaps
tap_match "and the kernel says so, too" "send_qpn=perhaps is neither yes nor no" "$(dmesg | tail -n 20)"
tap_fail "afterwards, a wrong policy is refused" sh -c 'echo verfy >/sys/module/rdma_cm/parameters/policy'
tap_fail "and what another network namespace writes" \
	unshare -n sh -c 'echo report >/sys/module/rdma_cm/parameters/policy'

# What modprobe would do after "rdma-ns-kernel enable".
mkdir "$folder/bin"
cat >"$folder/bin/modinfo" <<end
#!/bin/sh
[ "\$*" = "-F filename rdma_cm" ] && exec echo $extended/rdma_cm.ko
PATH=/usr/sbin:/sbin exec modinfo "\$@"
end
cat >"$folder/bin/modprobe" <<end
#!/bin/sh
PATH=/usr/sbin:/sbin
[ "\$1" = rdma_cm ] && exec insmod $extended/rdma_cm.ko
exec modprobe "\$@"
end
chmod +x "$folder"/bin/*
PATH=$folder/bin:$PATH kernel/load stock
loaded
tap_equal "though modprobe prefers the extended module: the stock one is loaded" stock "$kernel"
tap_end
