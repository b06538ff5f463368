# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after tap.sh and topology.sh: what the tests of storage share.
#
#   storage_fabric KERNEL FILE         a fabric with the KERNEL stock or extended, and FILE to back a disk
#   storage_begin KERNEL FILE          this, and the wire
#   storage_check NAME DISK FILE       compares, sees that it went over the wire, and pulls the target's cable
#   storage_end FILE                   undoes storage_begin
#   storage_over_wire                  ib0 is 10.0.0.5 and ib1 10.0.0.9, both of the host, which talks to itself by
#                                      way of the switch
#   storage_wire_down                  undoes it
#   storage_compare NAME DISK FILE     what is written to the block device DISK arrives in FILE, and is read back
#   storage_pull NAME DISK FILE PORT   so does what is written while PORT (sib1/1) is without its cable for a while
#   storage_disk PATTERN               the block device whose sysfs folder has PATTERN in its path

storage_data=/run/storage.data
storage_size=4 # MiB
storage_wire=0

storage_over_wire()
{
	sysctl -qw net.ipv4.conf.{all,ib0,ib1}.rp_filter=0 net.ipv4.conf.{ib0,ib1}.accept_local=1 \
		net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	ip -batch - <<-'END'
		addr add 10.0.0.5/24 dev ib0
		addr add 10.0.0.9/24 dev ib1
		link set ib0 up
		link set ib1 up
		rule add pref 200 lookup local
		rule del pref 0
		rule add pref 10 iif lo to 10.0.0.5 lookup 101
		rule add pref 11 iif lo to 10.0.0.9 lookup 102
		route add 10.0.0.5 dev ib1 src 10.0.0.9 table 101
		route add 10.0.0.9 dev ib0 src 10.0.0.5 table 102
	END
	storage_wire=1
}

storage_wire_down()
{
	((storage_wire)) || return 0
	sysctl -qw net.ipv4.conf.all.{rp_filter,arp_ignore,arp_announce}=0
	ip -batch - <<-'END'
		rule add pref 0 lookup local
		rule del pref 200
		rule del pref 10
		rule del pref 11
	END
	storage_wire=0
}

storage_pings() { ping -I ib0 -c 1 -W 1 10.0.0.9; }
storage_sent() { rdma -j statistic show link sib0/1 | jq '.[0].sent_pkts'; }

storage_fabric() # KERNEL FILE
{
	local option=()
	[[ $1 == stock ]] || option=(--extended)
	truncate -s $((storage_size << 21)) "$2"
	vm/fabric up --hosts 2 ${option[@]+"${option[@]}"} >/dev/null
}

storage_begin() # KERNEL FILE
{
	storage_fabric "$@"
	storage_over_wire
	tap_within 20 "$1: ping over the wire" storage_pings
}

storage_check() # NAME DISK FILE
{
	local before
	before=$(storage_sent)
	storage_compare "$1" "$2" "$3"
	tap_result $(($(storage_sent) < before + storage_size * 64)) "$1: it went over the wire"
	storage_pull "$1: pulled" "$2" "$3" sib1/1
}

storage_end() # FILE
{
	storage_wire_down
	vm/fabric down
	rm -f "$1"
}

# Direct, so that nothing is kept on the way.
storage_write() { dd if=$storage_data of="$1" bs=64k oflag=direct conv=fsync status=none; }
storage_sum() { head -c $((storage_size << 20)) "$@" | sha256sum; }
storage_read() { dd if="$1" bs=64k count=$((storage_size * 16)) iflag=direct status=none | sha256sum; }

storage_compare() # NAME DISK FILE
{
	head -c $((storage_size << 20)) /dev/urandom >$storage_data
	tap_run "$1: written" timeout 60 bash -c "$(declare -f storage_write); storage_data=$storage_data storage_write $2"
	tap_equal "$1: has arrived" "$(storage_sum $storage_data)" "$(storage_sum "$3")"
	tap_equal "$1: read back" "$(storage_sum $storage_data)" "$(storage_read "$2")"
}

storage_pull() # NAME DISK FILE PORT
{
	local link=/sys/kernel/debug/sib/$4/link writer
	head -c $((storage_size << 20)) /dev/urandom >$storage_data
	echo down >"$link"
	storage_write "$2" &
	writer=$!
	sleep 3
	tap_run "$1: without its cable the write waits" kill -0 $writer
	echo up >"$link"
	tap_within 60 "$1: with its cable it ends" bash -c "! kill -0 $writer"
	tap_run "$1: the write succeeds" wait $writer
	tap_equal "$1: has arrived" "$(storage_sum $storage_data)" "$(storage_sum "$3")"
	tap_equal "$1: read back" "$(storage_sum $storage_data)" "$(storage_read "$2")"
}

storage_disk() # PATTERN
{
	local disk
	for disk in /sys/class/block/*; do
		[[ $(realpath "$disk") != *$1* ]] || { echo "/dev/${disk##*/}"; return; }
	done
	return 1
}
