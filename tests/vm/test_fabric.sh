#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Usage: tests/vm/test_fabric.sh
#
# vm/fabric itself. Without arguments it builds sib and runs itself in the guest. Prints
# "ok - NAME" or "not ok - NAME". Exit status: 0 all ok, 1 not.
set -uo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
vm=$tree/vm

if [[ ${1-} != --guest ]]; then
	"$vm/module" "$tree/providers/sib" >/dev/null || exit 1
	exec "$vm/run" --timeout 180 "$tree/tests/vm/test_fabric.sh" --guest </dev/null
fi

failed=0
ok() # NAME TEST-COMMAND...
{
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		sed 's/^/# /' /run/out /run/err
		failed=1
	fi
}

try()
{
	"$@" >/run/out 2>/run/err
	status=$?
}

is() { [[ $1 == "$2" ]] || { echo "# '$1' is not '$2'"; false; }; }
has() { grep -q -- "$2" "$1"; }

try "$vm/fabric" sideways
ok "neither up nor down: usage error" is "$status" 2
try "$vm/fabric" up --mtu 1500
ok "no such MTU: usage error" is "$status" 2
try "$vm/fabric" down
ok "down without up: nothing to do" is "$status" 0

try "$vm/fabric" up --hosts 100000
ok "too many hosts: status 1" is "$status" 1
ok "too many hosts: the kernel's words" has /run/err hosts=100000

try "$vm/fabric" up --hosts 3 --ports 2 --mtu 2048 --rings 16
ok "up: status 0" is "$status" 0
ok "up: six ports are ACTIVE" is "$(grep -cE '^sib[012] +[12] +ACTIVE +[1-9][0-9]* +ib[0-5]$' /run/out)" 6
ok "up: the P_Keys are programmed" is "$(sort -u /sys/class/infiniband/sib2/ports/2/pkeys/* | tr '\n' ' ')" "0x0000 0x8001 0xffff "
ok "up: MTU" has /run/fabric/partitions.conf mtu=4
ok "up: IPoIB's rings" is "$(</sys/module/ib_ipoib/parameters/recv_queue_size)" 16
try "$vm/fabric" up
ok "up again: status 1" is "$status" 1
ok "up again: tells the remedy" has /run/err "vm/fabric down"

read -r first </run/fabric/pid
try "$vm/fabric" restart-sm
ok "restart-sm: status 0" is "$status" 0
ok "restart-sm: another process" test "$(</run/fabric/pid)" != "$first"
ok "restart-sm: which is the only one" is "$(pgrep -c opensm)" 1
try "$vm/fabric" restart-sm now
ok "restart-sm takes no options: usage error" is "$status" 2

try "$vm/fabric" down
ok "down: status 0" is "$status" 0
ok "down: no device" test ! -e /sys/class/infiniband/sib0
ok "down: no OpenSM" is "$(pgrep -c opensm)" 0
try "$vm/fabric" restart-sm
ok "restart-sm without up: status 1" is "$status" 1
ok "restart-sm without up: tells the remedy" has /run/err "vm/fabric up"

echo 'Default=0x7fff, ipoib : ALL=full;' >/run/mine
try "$vm/fabric" up --partitions /run/mine
ok "up once more, with a partitions file: status 0" is "$status" 0
ok "up once more: only its P_Key" is "$(sort -u /sys/class/infiniband/sib0/ports/1/pkeys/* | tr '\n' ' ')" "0x0000 0xffff "
"$vm/fabric" down

mount --bind /bin/false "$(command -v opensm)"
try "$vm/fabric" up
ok "OpenSM fails: status 1" is "$status" 1
ok "OpenSM fails: says so" has /run/err "OpenSM has ended"
ok "OpenSM fails: sib is unloaded" test ! -e /sys/module/sib
umount "$(command -v opensm)"
exit $failed
