#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The extended rdma_cm and ib_ipoib build for each kernel, and not without every hook in its place.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/vm/lib.sh"
cd "$tree"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

kernel=$(vm_default_kernel)
other_kernel=$(vm_kernels_here | grep -vxF "$kernel" | head -n 1) || true
tap_run "the extended rdma_cm, ib_ipoib and ib_uverbs build for $kernel" kernel/build --uverbs --kernel "$kernel"
[[ -z $other_kernel ]] ||
	tap_run "the extended rdma_cm and ib_ipoib build for $other_kernel" kernel/build --kernel "$other_kernel"

# As if a build had been killed while it wrote an object.
folder=$(vm_cache "$kernel")/build/extended-uverbs
: >"$folder/uverbs_main.o"
touch "$folder/unfinished"
tap_run "a build that was killed does not spoil the next one" kernel/build --uverbs --kernel "$kernel"

# As if a later kernel had been changed at the places of five hooks; the build's words.
mkdir -p "$scratch/source/drivers/infiniband/ulp"
cp -r -- "$(vm_source "$kernel")/drivers/infiniband/core" "$scratch/source/drivers/infiniband/"
cp -r -- "$(vm_source "$kernel")/drivers/infiniband/ulp/ipoib" "$scratch/source/drivers/infiniband/ulp/"
changed() # FILE SED-SCRIPT
{
	local file=$scratch/source/drivers/infiniband/$1 before
	before=$(cksum <"$file")
	sed -i "$2" "$file"
	tap_equal "${1##*/} is changed" 1 $(($(cksum <"$file" | cut -d ' ' -f 1) != ${before% *}))
}
changed core/cma.c 's/ret = cma_iw_acquire_dev(conn_id, listen_id)/ret = cma_iw_acquire_dev(listen_id, conn_id)/'
changed core/cma.c '/^static int iw_conn_req_handler/,/^}/s/event\.event = RDMA_CM_EVENT_CONNECT_REQUEST/event.status = 0/'
changed core/cma.c 's/cma_check_port/cma_port_check/'
changed core/cma.c '/^static int cma_connect_ib/,/^}/s/if (ret && !IS_ERR(id))/if (ret \&\& !IS_ERR_OR_NULL(id))/'
changed ulp/ipoib/ipoib_main.c '/^static void ipoib_ndo_uninit/,/^}/s/priv = ipoib_priv(dev)/priv = rn_priv(dev)/'
status=0
words=$(kernel/build --headers "$(vm_headers "$kernel")" --source "$scratch/source" --output "$scratch/out" 2>&1) || status=$?
tap_equal "hooks that do not apply stop the build" 1 "$status"
tap_match "one that does not apply is named" \
	'hook iw_conn_req_handler.cocci does not apply: no cma_ns_accept_iwarp in iw_conn_req_handler of cma.c' "$words"
tap_match "and its other rule for another place" \
	'hook iw_conn_req_handler.cocci does not apply: no cma_ns_note_request in iw_conn_req_handler of cma.c' "$words"
tap_match "one whose function is gone" 'hook cma_check_port.cocci does not apply: cma.c has no cma_check_port' "$words"
tap_match "one of which one place is gone" \
	'hook cma_connect_ib.cocci does not apply: no cma_ns_idle_cm_id in cma_connect_ib of cma.c, or not in each of its 2 places' \
	"$words"
tap_match "one of ib_ipoib" \
	'hook ipoib_ndo_uninit.cocci does not apply: no ipoib_ns_unmade in ipoib_ndo_uninit of ipoib_main.c' "$words"
tap_match "one that stands before a function that is gone" 'hook cma_ns_rebind.cocci does not apply: cma.c has no cma_ns_rebind' \
	"$words"
tap_equal "and no others" 6 "$(grep -c 'does not apply' <<<"$words")"
tap_match "a folder that is not a kernel source" "kernel/build: $scratch has no .*: it is not a kernel source" \
	"$(kernel/build --headers "$(vm_headers "$kernel")" --source "$scratch" --output "$scratch/out" 2>&1 || true)"
other_version()
{
	mkdir -p "$scratch/other/drivers/infiniband"
	printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n' >"$scratch/other/Makefile"
	kernel/build --headers "$(vm_headers "$kernel")" --source "$scratch/other" --output "$scratch/out" 2>&1 || echo "status $?"
}
tap_match "a source of another version is refused, and both are named" \
	'the headers are those of [0-9.]+, but the source is that of 6\.1\.0: install .*status 1$' \
	"$(other_version | tr '\n' ' ' | sed 's/ $//')"
for module in rdma_cm rdma_ucm ib_ipoib ib_uverbs; do
	tap_equal "$module says which version it is" "rdma-ns-$(<VERSION)" \
		"$(/sbin/modinfo -F version "$(vm_cache "$kernel")/extended/$module.ko")"
done
tap_match "half of the options" '--headers, --source and --output must be given together' \
	"$(kernel/build --headers /nonexistent 2>&1 || true)"
tap_end
