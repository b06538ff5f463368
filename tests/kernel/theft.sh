#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The containment violation on the extended rdma_cm, thirty times, and what kernel/theft-variants leaves out.
# Kernels: (all)
# Fabric: --hosts 2 --extended
exec tests/violation/facts.sh theft arp_race bound_across_pkeys nobodys_address ipv6_link_local
