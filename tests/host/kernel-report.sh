#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What a check's name says of a kernel's report.
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/kernel_report.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/panic" <<'END'
# links/siw
# links/siw: 38 s
# stock/story
ok - stock/story: something
vm/run: the kernel reported (COMMAND's own status: none):
[  213.410100] BUG: unable to handle page fault for address: ffffffffc0a01234
[  213.410200] Oops: 0010 [#1] PREEMPT SMP
[  213.410300] RIP: 0010:0xffffffffc0a01234
[  213.410400] Call Trace:
[  213.410500]  <IRQ>
[  213.410600]  ? __die_body.cold+0x1a/0x1f
[  213.410700]  net_rx_action+0x1/0x2
[  213.410800]  ipoib_rx_poll+0x3/0x4 [ib_ipoib]
[  213.410900] RIP: 0033:0x7ffff7fd1085
[  213.411000] Kernel panic - not syncing: Fatal exception in interrupt
END
tap_equal "of a panic" \
	"during stock/story: BUG: unable to handle page fault for address: ffffffffc0a01234; 0xffffffffc0a01234; by net_rx_action+0x1/0x2 ipoib_rx_poll+0x3/0x4" \
	"$(kernel_report "$scratch/panic")"

cat >"$scratch/warning" <<'END'
<4>[   13.1][  T25] WARNING: CPU: 0 PID: 25 at net/core/dev.c:10 dev_put+0x1/0x2
<4>[   13.2][  T25] RIP: 0010:dev_put+0x1/0x2
END
tap_equal "of a warning, without calls" "WARNING: CPU: 0 PID: 25 at net/core/dev.c:10 dev_put+0x1/0x2; dev_put+0x1/0x2" \
	"$(kernel_report "$scratch/warning")"
echo "[    1.0] ib_ipoib: QP memory leak! 1 still in use" >"$scratch/other"
tap_equal "of lines without a headline" "ib_ipoib: QP memory leak! 1 still in use" "$(kernel_report "$scratch/other")"
cat >"$scratch/stall" <<'END'
# containers/podman
ok - containers/podman: something
vm/run: the kernel reported (COMMAND's own status: none):
[ 2689.416000] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1234 } 5263 jiffies s: 1 root: 0x0/T
[ 2689.416100] Call Trace:
[ 2689.416200]  <TASK>
[ 2689.416300]  ? do_fcntl+0x1d6/0x6e0
END
tap_equal "of a stall" \
	"during containers/podman: rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1234 } 5263 jiffies s: 1 root: 0x0/T" \
	"$(kernel_report "$scratch/stall")"
: >"$scratch/nothing"
tap_equal "of nothing" "see the lines" "$(kernel_report "$scratch/nothing")"
tap_end
