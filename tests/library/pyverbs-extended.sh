#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# pyverbs-tests on the extended rdma_cm: those in which it has a part. What the library alone says is as on a
# stock kernel and would take as long again; with PYVERBS_ALL=1 it is tested here as well. Only over InfiniBand
# anything is exchanged.
# Fabric: --hosts 2 --extended
# Timeout: 1200
part=()
if [[ -z ${PYVERBS_ALL:-} ]]; then
	for words in "bind to a netdev" "sib*: exchange*" features ingress "it says what happens" \
		"observer: a request" policies refusals statistics traffic; do
		part+=(-k "$words")
	done
fi
PYVERBS_DEVICES=sib0 PYVERBS_LEVEL=2 exec tests/library/pyverbs.sh "${part[@]}"
