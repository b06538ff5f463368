#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# vm/run itself: exit status, output, timeout, a kernel that warns, not root.
# Timeout: 1200
exec "$(dirname -- "${BASH_SOURCE[0]}")/../vm/test_vm_run.sh"
