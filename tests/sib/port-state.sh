#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Links that go down: IPoIB loses its carrier, the subnet manager notices, and all heals. Lost and late MADs.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/programs.sh
debugfs=/sys/kernel/debug/sib
scratch=$(mktemp -d)
trap 'topology_down; rm -rf -- "$scratch"' EXIT

carrier() { [[ $(topology_ip host -o link show dev "$1") == *LOWER_UP* ]]; }
no_carrier() { ! carrier "$1"; }
state() { [[ $(<"/sys/class/infiniband/$1/ports/1/state") == *"$2" ]]; }
in_fabric() { [[ $(saquery -N 2>&1) == *"$1"* ]]; }
not_in_fabric() { ! in_fabric "$1"; }
lid() { echo $(($(<"/sys/class/infiniband/$1/ports/1/lid"))); }
pings() { topology_exec left ping -c 1 -W 1 10.0.0.9; }
switch=$(smpquery -D portinfo 0,1 0 | sed -n 's/^Lid:\.*//p')

topology_container left ib0
topology_container right ib1
topology_ready
topology_address left ib0.left 10.0.0.5/24
topology_address right ib1.right 10.0.0.9/24
ip link set ib1 up
tap_within 10 "carrier at first" carrier ib1
tap_within 10 "ping at first" pings

echo down >$debugfs/sib1/1/link
tap_equal "debugfs says so" down "$(<$debugfs/sib1/1/link)"
tap_within 5 "cable out: the port is down" state sib1 DOWN
tap_within 5 "cable out: IPoIB has lost its carrier" no_carrier ib1
tap_within 20 "cable out: the subnet manager has noticed" not_in_fabric sib1
tap_fail "cable out: no ping" pings
echo up >$debugfs/sib1/1/link
tap_within 20 "cable in: the port is ACTIVE" state sib1 ACTIVE
tap_within 20 "cable in: IPoIB has its carrier" carrier ib1
tap_within 20 "cable in: the subnet manager knows the host" in_fabric sib1
tap_within 20 "cable in: ping" pings

tap_run "ibportstate disable" ibportstate "$switch" 2 disable
tap_within 5 "disabled: the port is down" state sib1 DOWN
tap_within 5 "disabled: IPoIB has lost its carrier" no_carrier ib1
tap_match "disabled: ibportstate says so" 'PhysLinkState:\.*Disabled' "$(ibportstate "$switch" 2 query)"
tap_run "ibportstate enable" ibportstate "$switch" 2 enable
tap_within 20 "enabled: the port is ACTIVE" state sib1 ACTIVE
tap_within 20 "enabled: ping" pings

# A port that the subnet manager must bring up anew keeps its address.
before=$(lid sib1)
tap_run "ibportstate reset" ibportstate "$switch" 2 reset
tap_within 20 "reset: the port is ACTIVE" state sib1 ACTIVE
tap_equal "reset: the LID is the same" "$before" "$(lid sib1)"
tap_within 20 "reset: ping" pings

# Class 3 is subnet administration: path records.
echo "3 1000000" >$debugfs/sib1/1/mad_drop
tap_fail "MADs to the SA are lost: no answer" timeout 20 saquery -C sib1 -t 200 -N
echo "3 0" >$debugfs/sib1/1/mad_drop
tap_run "and no more: an answer" timeout 20 saquery -C sib1 -N
echo "3 700" >$debugfs/sib1/1/mad_delay
began=${EPOCHREALTIME/./}
tap_run "MADs to the SA are late: an answer" timeout 60 saquery -C sib1 -t 4000 NR "$(lid sib0)"
tap_result $((${EPOCHREALTIME/./} - began < 700000)) "and it took its time"
echo "3 0" >$debugfs/sib1/1/mad_delay

# One in ten of everything but MADs: IPoIB connected or not, TCP gets through.
echo 100000 >$debugfs/sib1/1/drop
head -c 200000 /dev/urandom >"$scratch/data"
ip netns exec right timeout 60 busybox nc -l -p 5001 -e sha256sum &
sleep 0.5
tap_equal "TCP despite loss" "$(sha256sum <"$scratch/data")" \
	"$(ip netns exec left timeout 60 busybox nc 10.0.0.9 5001 <"$scratch/data")"
wait $! || true
echo 0 >$debugfs/sib1/1/drop

for bad in "link sideways" "drop 1000001" "drop -1" "drop x" "pkeys 16 0x8001" "pkeys 0" "mad_drop 256 1" "mad_delay 3 60001"; do
	tap_fail "debugfs refuses '${bad#* }' for ${bad%% *}" bash -c "echo '${bad#* }' >$debugfs/sib0/1/${bad%% *}"
done
tap_end
