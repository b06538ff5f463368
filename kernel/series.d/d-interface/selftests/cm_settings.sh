#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The settings of rdma_cm: each network namespace has its own, and values are checked.
. "$(dirname "$0")/lib.sh"

need ip sysctl modprobe
need_settings
ip netns add cm_settings || skip_all "no network namespace can be made"
before=$(sysctl -n net.rdma_cm.policy)
own_qp=$(sysctl -n net.rdma_cm.own_qp)
heed_qpn=$(sysctl -n net.rdma_cm.heed_qpn)
trap 'ip netns delete cm_settings
	sysctl -qw net.rdma_cm.{policy=$before,own_qp=$own_qp,heed_qpn=$heed_qpn}' EXIT

setting() # NAME
{
	ip netns exec cm_settings sysctl -n "net.rdma_cm.$1" 2>/dev/null
}

set_to() # NAME VALUE
{
	ip netns exec cm_settings sysctl -qw "net.rdma_cm.$1=$2" 2>/dev/null
}

is() # NAME VALUE
{
	[[ $(setting "$1") == "$2" ]]
}

refuses() # NAME VALUE
{
	! set_to "$1" "$2" && ! is "$1" "$2"
}

set_host() # NAME VALUE
{
	sysctl -qw "net.rdma_cm.$1=$2" 2>/dev/null
}

plan 14
check "a new namespace begins with policy 0" is policy 0
check "and sends QPNs" is send_qpn 1
sysctl -qw net.rdma_cm.policy=1
check "its policy is not the host's" is policy 0
set_to policy 2
check "it can be set" is policy 2
check "and the host's stays" [ "$(sysctl -n net.rdma_cm.policy)" = 1 ]
check "there is no policy 3" refuses policy 3
check "nor a negative one" refuses policy -1
check "QPNs are sent or not" refuses send_qpn 2
check "the host can let programs name the QPs of others" set_host own_qp 0
check "or not, and nothing else" eval 'set_host own_qp 1 && ! set_host own_qp 2'
check "but no other namespace can" eval '! setting own_qp && ! set_to own_qp 0'
check "the host can have the QPNs in requests ignored" set_host heed_qpn 0
check "or heeded, and nothing else" eval 'set_host heed_qpn 1 && ! set_host heed_qpn 2'
check "but no other namespace can" eval '! setting heed_qpn && ! set_to heed_qpn 0'
finish
