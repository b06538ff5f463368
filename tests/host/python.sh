#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The module for Python: as a program uses it on a machine without RDMA; as the headers are, and what the header
# could change without anybody's noticing is noticed; and it is installed where Python looks.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
work=$(mktemp -d "${TMPDIR:-/tmp}/python.XXXXXXXX")
trap 'rm -rf -- "$work"' EXIT
export LD_LIBRARY_PATH=$PWD/build/lib PYTHONPATH=$PWD/python PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3

# Its own checks, each a line; then this script's.
own() # FOLDER
{
	$python tests/lib/tap.py "$1" || tap_result 1 "all of $1 pass"
}
own python/tests/header
own python/tests/module
echo 'RDMACM_1.0 { global: rdma_*; local: *; };' >"$work/map"
tap_run "a librdmacm is made up" gcc -Wall -Wextra -Werror -shared -fPIC -pthread -Wl,-soname,librdmacm.so.1 \
	-Wl,--version-script="$work/map" -o "$work/librdmacm.so.1" python/tests/ids/fake_rdmacm.c
LD_LIBRARY_PATH=$work:$LD_LIBRARY_PATH own python/tests/ids
mkdir "$work/older" "$work/none"
tap_run "an older library is made up" gcc -Wall -Wextra -Werror -shared -fPIC -Ilibrdmacm -Wl,-soname,librdma-ns.so.1 \
	-o "$work/older/librdma-ns.so.1" python/tests/older/older.c
LD_LIBRARY_PATH=$work/older own python/tests/older
echo >"$work/none/librdma-ns.so.1"
tap_match "without a library it cannot be imported, which says why" '^ImportError: .*librdma-ns\.so\.1' \
	"$(LD_LIBRARY_PATH=$work/none $python -c 'import rdma_ns' 2>&1 | tail -n 1)"

header() # NAME SED-EXPRESSION
{
	sed "$2" librdmacm/rdma/rdma_ns.h >"$work/rdma_ns.h"
	if cmp -s "$work/rdma_ns.h" librdmacm/rdma/rdma_ns.h; then
		tap_result 1 "$1"
		tap_note "the header has nothing that '$2' changes"
	else
		tap_fail "$1" env RDMA_NS_HEADER="$work/rdma_ns.h" $python tests/lib/tap.py python/tests/header
	fi
}
header "a member more is noticed" 's/^\tuint32_t candidates;/&\n\tuint32_t more;/'
header "a member in another place is noticed" '/^struct rdma_ns_features/,/^};/{/uint32_t devices;/d;s/^\tuint32_t ports;.*/\tuint32_t ports;\n\tuint32_t devices;/}'
header "a wider member is noticed" '/^struct rdma_ns_exchange/,/^};/s/uint8_t received/uint32_t received/'
header "an enumerator more is noticed" 's/^\tRDMA_NS_TRANSPORT_IWARP,/&\n\tRDMA_NS_TRANSPORT_OTHER,/'
header "a function more is noticed" 's/^int rdma_ns_listen(.*/&\nint rdma_ns_more(void);/'

installs() # PREFIX
{
	DESTDIR=$work/stage cmake --install build --prefix "$1" >/dev/null
	dirname "$(cd "$work/stage" && find . -path "*/rdma_ns/__init__.py")"
	rm -r -- "$work/stage"
}
tap_match "it is installed where Python looks" '^\./opt/x/lib/python3[^/]*/(dist|site)-packages/rdma_ns$' "$(installs /opt/x)"
tap_end
