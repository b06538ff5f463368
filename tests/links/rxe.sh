#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# RoCE beside sib: rping over rxe, in the initial namespace, where rxe works.
# Fabric: none
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh

cleanup()
{
	rdma link del rxe0 2>/dev/null || true
	rdma link del rxe1 2>/dev/null || true
	ip link del veth0 2>/dev/null || true
	sysctl -qw net.ipv4.conf.all.accept_local=0
}
trap cleanup EXIT

modprobe -a rdma_rxe rdma_ucm ib_uverbs
ip link add veth0 type veth peer name veth1
for i in 0 1; do
	# Both ends are this host's: packets from an own address must be accepted.
	sysctl -qw "net.ipv4.conf.veth$i.accept_local=1" "net.ipv4.conf.veth$i.rp_filter=0"
	ip link set "veth$i" up
	ip addr add "10.1.0.$((i + 1))/24" dev "veth$i"
done
sysctl -qw net.ipv4.conf.all.accept_local=1
tap_run "rxe on both ends of a veth pair" bash -c 'rdma link add rxe0 type rxe netdev veth0 && rdma link add rxe1 type rxe netdev veth1'
tap_match "it is Ethernet" 'link_layer:.*Ethernet' "$(ibv_devinfo -d rxe0)"
programs_pair "rping" host "rping -s -a 10.1.0.1 -C 10 -V" host "rping -c -a 10.1.0.1 -C 10 -V"
programs_pair "rping from the other device" host "rping -s -a 10.1.0.1 -C 10 -V" host "rping -c -I 10.1.0.2 -a 10.1.0.1 -C 10 -V"
programs_pair "ibv_rc_pingpong" host "ibv_rc_pingpong -d rxe0 -g 1 -n 100" host "ibv_rc_pingpong -d rxe1 -g 1 -n 100 127.0.0.1"
tap_end
