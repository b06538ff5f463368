#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# iWARP beside sib: rping over siw, between two namespaces.
# Fabric: none
# Kernels: all
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/links.sh
. tests/lib/programs.sh
trap 'topology_down; links_down' EXIT

links_siw
programs_pair "rping" a "rping -s -a 10.2.0.1 -C 10 -V" b "rping -c -a 10.2.0.1 -C 10 -V"
programs_pair "rping, wildcard listener" a "rping -s -a 0.0.0.0 -p 7175 -C 10 -V" b "rping -c -a 10.2.0.1 -p 7175 -C 10 -V"
tap_fail "nobody listens: rping fails" timeout 30 ip netns exec b rping -c -a 10.2.0.1 -C 1
tap_end
