#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The extended rdma_cm above the stock ib_ipoib, which does not tell who has a QPN: it says so once, and under policy
# verify a request reaches either the netdev that it was aimed at, or nobody.
# Kernels: (all)
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/theft.sh
. tests/lib/script.sh
parameters=/sys/module/rdma_cm/parameters
times=5
cleanup()
{
	theft_down
	kernel/load stock
}
trap cleanup EXIT

who() # ADDRESS: how $times attempts ended
{
	{ topology_exec client "$CMWHO" connect --repeat $times "$1" 2>&1 || true; } |
		sed '/^summary/d; s/^[^ ]*: //' | sort | uniq -c | sed 's/^ *//' | paste -sd ,
}

said() { dmesg --color=never | grep -c 'the stock ib_ipoib is loaded' || true; }

# RDMA_NS_FEATURE_IPOIB, of librdmacm's rdma_set_option().
feature() # RESULT NAME
{
	script "$2" <<-END
		create id rdma host
		set id 1 4000000000000000 => $1
	END
}

dmesg --clear
kernel/load extended --keep-ipoib
theft_topology
feature EOPNOTSUPP "the feature is not there"
tap_equal "it has not said anything yet" 0 "$(said)"
topology_listen red red --bind ::
topology_listen blue blue --bind ::
theft_pin ib1.client red ib0.red $red

tap_equal "report: red alone has its address, and gets the requests" "$times answered by red" "$(who $red)"
tap_equal "it has said once that the stock ib_ipoib is loaded" 1 "$(said)"
echo verify >$parameters/policy
tap_equal "verify: the QPN confirms the address" "$times answered by red" "$(who $red)"
topology_address blue ib0.blue $red/24
tap_match "verify: blue, found first, has the address too: nobody gets them" "^$times REJECTED status 28" "$(who $red)"
echo N >$parameters/send_qpn
tap_match "verify: nor without a QPN" "^$times REJECTED status 28" "$(who $red)"
topology_ip blue addr del $red/24 dev ib0.blue
tap_match "verify: without a QPN one address among several netdevs is not enough" "^$times REJECTED status 28" "$(who $red)"
echo report >$parameters/policy
tap_equal "report: it is" "$times answered by red" "$(who $red)"
echo Y >$parameters/send_qpn
theft_down

# A P_Key that one netdev of the port has.
topology_container red ib0 0x8001
topology_container client ib1 0x8001
topology_ready
topology_address red ib0.red $red/24
topology_address client ib1.client 10.0.0.9/24
theft_pin ib1.client red ib0.red $red
topology_listen red red --bind ::
echo verify >$parameters/policy
echo N >$parameters/send_qpn
tap_equal "verify: a netdev that is alone with its P_Key needs no QPN" "$times answered by red" "$(who $red)"
echo Y >$parameters/send_qpn
topology_ip client neigh replace $red lladdr "$(topology_lladdr host ib0)" dev ib1.client nud permanent
tap_match "verify: a QPN that is not its own is refused" "^$times REJECTED status 28" "$(who $red)"
tap_equal "it has said it once only" 1 "$(said)"
topology_down

kernel/load extended
feature ok "with the extended ib_ipoib the feature is there"
tap_end
