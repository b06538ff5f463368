#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# sparse has nothing to say of sib and of the kernel's half, save what it says of the kernel's own files as well.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/vm/lib.sh"
cd "$tree"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
kernel=$(vm_default_kernel)
cache=$(realpath -- "$(vm_cache "$kernel")")

# Kbuild calls it as sparse, with the source last. Files that are the kernel's own, unchanged, are left out.
cat >"$scratch/check" <<'END'
#!/bin/bash
file=${*: -1}
stock=$SPARSE_STOCK/${file##*/}
! cmp -s -- "$file" "$stock" || exit 0
echo "${file##*/}" >>"$SPARSE_SAID.files"
sparse "$@" >"$SPARSE_SAID.$$" 2>&1 || echo "$file: sparse ended with status $?" >>"$SPARSE_SAID.$$"
if [[ -s $SPARSE_SAID.$$ && -e $stock ]]; then
	sparse "${@:1:$#-1}" "$stock" >"$SPARSE_SAID.stock.$$" 2>&1
fi
without_place() { sed -E 's/^[^ ]*\/([^ /:]+):[0-9]+:[0-9]+: /\1: /'; }
# What both say counts as often as each of them says it.
diff <(without_place <"$SPARSE_SAID.$$" | sort) <(without_place <"$SPARSE_SAID.stock.$$" 2>/dev/null | sort) |
	sed -n 's/^< //p' >>"$SPARSE_SAID"
END
chmod +x "$scratch/check"

said() # NAME BUILD-FOLDER STOCK-FOLDER MAKE-ARGUMENT...; "FILES files", and what is new
{
	local stock=${3:-/nonexistent}
	: >"$scratch/$1"
	: >"$scratch/$1.files"
	SPARSE_SAID=$scratch/$1 SPARSE_STOCK=$stock kbuild_make "$(vm_headers "$kernel")" -s M="$2" RDMA_NS_TREE="$tree" \
		C=2 CHECK="$scratch/check" "${@:4}" modules >"$scratch/make" 2>&1 || cat "$scratch/make"
	cat "$scratch/$1"
}

looked_at() # NAME FILE; sparse has seen FILE, and nothing else has taken its place
{
	grep -cxF -- "$2" "$scratch/$1.files" || true
}

command -v sparse >/dev/null || {
	tap_skip "sparse has nothing to say" "there is no sparse: run scripts/setup.sh"
	exit
}
tap_run "the modules are built" kernel/build --uverbs --kernel "$kernel"
tap_run "and sib" vm/module --kernel "$kernel" providers/sib
core=$(vm_source "$kernel")/drivers/infiniband/core
ipoib=$(vm_source "$kernel")/drivers/infiniband/ulp/ipoib
build=$cache/build/extended
exec 9>"$build.lock"
flock 9
tap_equal "rdma_cm and rdma_ucm" "" "$(said rdma_cm "$build" "$core" RDMA_NS_STOCK="$core" RDMA_NS_WERROR=1)"
tap_equal "ib_ipoib" "" "$(said ib_ipoib "$build-ipoib" "$ipoib" RDMA_NS_STOCK="$ipoib" RDMA_NS_WERROR=1)"
tap_equal "ib_uverbs" "" "$(said ib_uverbs "$build-uverbs" "$core" RDMA_NS_STOCK="$core" RDMA_NS_WERROR=1)"
tap_equal "sib" "" "$(said sib "$cache/build/sib" "" W=1 KCFLAGS=-Werror)"
tap_equal "each of them was looked at, as was a file with hooks" "1 1 1 1 1" \
	"$(echo "$(looked_at rdma_cm cma_ingress.c)" "$(looked_at rdma_cm cma.c)" "$(looked_at ib_ipoib ipoib_main.c)" \
		"$(looked_at ib_uverbs uverbs_uapi.c)" "$(looked_at sib device.c)")"

# What it has to find: a pointer of user space that is followed, an address of the network taken for the host's.
mkdir "$scratch/module"
echo 'obj-m := faulty.o' >"$scratch/module/Kbuild"
cat >"$scratch/module/faulty.c" <<'END'
#include <linux/module.h>
#include <linux/types.h>
int faulty_follow(const int __user *pointer);
u32 faulty_order(__be32 address);
int faulty_follow(const int __user *pointer) { return *pointer; }
u32 faulty_order(__be32 address) { return address; }
MODULE_LICENSE("Dual BSD/GPL");
END
tap_match "a file with faults" "dereference of noderef expression.*incorrect type in return expression" \
	"$(said faulty "$scratch/module" "" | tr '\n' ' ')"
tap_end
