#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns-preload.so under unmodified programs: they work as without, what they are asked and ask is
# logged, the theft is refused, rsockets and synchronous ids included.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/theft.sh
. tests/lib/programs.sh
PRELOAD=${RDMA_NS_RUNTIME:+$RDMA_NS_RUNTIME:}${RDMA_NS_BUILD:-$PWD/build}/lib/rdma-ns/librdma-ns-preload.so
RDMA_NS=${RDMA_NS_BUILD:-$PWD/build}/bin/rdma-ns
log=$(mktemp "${TMPDIR:-/tmp}/preload.XXXXXXXX")
# shellcheck disable=SC2154
trap 'programs_stop "$programs_pid" 2>/dev/null; topology_down; rm -rf -- "$log" "$log.setgid" "$direct"' EXIT
direct=$(mktemp -d "${TMPDIR:-/tmp}/direct.XXXXXXXX")

theft_topology
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null
export RDMA_NS_LOG=$log RDMA_NS_JSON=1

# A copy of librdmacm that calls itself directly, as where distributions link with -Bsymbolic-functions: the flag
# DF_SYMBOLIC has the dynamic linker bind its calls to itself.
/usr/bin/python3 - "$(ldd "$(command -v rping)" | awk '$1 == "librdmacm.so.1" { print $3 }')" "$direct/librdmacm.so.1" <<-'END'
	import struct
	import sys

	data = bytearray(open(sys.argv[1], "rb").read())
	offset, = struct.unpack_from("<Q", data, 32)
	size, count = struct.unpack_from("<HH", data, 54)
	for part in range(offset, offset + size * count, size):
	    if struct.unpack_from("<I", data, part)[0] != 2:  # PT_DYNAMIC
	        continue
	    entry, = struct.unpack_from("<Q", data, part + 8)
	    while struct.unpack_from("<q", data, entry)[0] not in (0, 30):  # DT_NULL, DT_FLAGS
	        entry += 16
	    before = struct.unpack_from("<qQ", data, entry)
	    struct.pack_into("<qQ", data, entry, 30, before[1] | 2)
	open(sys.argv[2], "wb").write(data)
END

lines() # SIDE FIELD...
{
	jq -r "select(.side == \"$1\") | [$(printf '.%s,' "${@:2}" | sed 's/,$//')] | map(tostring) | join(\" | \")" "$log" |
		sort | uniq -c | sed 's/^ *//' | paste -sd ,
}

pair() # NAME REQUESTS SERVER CLIENT
{
	: >"$log"
	LD_PRELOAD=$PRELOAD programs_pair "$1" red "$3" client "$4"
	tap_equal "$1: the listener's side is logged" "$2 accept | ib0.red | qpn | delivered" \
		"$(lines passive verdict netdev decided_by route)"
	tap_equal "$1: and the client's" "$2 established | sent | as aimed" "$(lines active event sent answer)"
}

tap_run "a program that knows nothing of RDMA runs" env LD_PRELOAD="$PRELOAD" RDMA_NS_POLICY=strict true
tap_match "an unknown policy is complained about" "RDMA_NS_POLICY 'lax': not report, verify or strict" \
	"$(LD_PRELOAD=$PRELOAD RDMA_NS_POLICY=lax /bin/true 2>&1)"

export RDMA_NS_POLICY=strict
pair "rping, strict" 1 "rping -s -a $red -C 3" "rping -c -a $red -C 3"
pair "rdma_server, synchronous ids" 1 "rdma_server -s $red -p 7474" "rdma_client -s $red -p 7474"
pair "ucmatose, 10 connections" 10 "ucmatose -b $red -c 10 -C 2" "ucmatose -s $red -c 10 -C 2"
pair "udaddy (SIDR)" 1 "udaddy -b $red -c 1 -C 2" "udaddy -s $red -c 1 -C 2"
pair "rstream (rsockets)" 1 "rstream -b $red -C 20 -S 16384" "rstream -s $red -C 20 -S 16384"
LD_LIBRARY_PATH=$direct pair "rdma_server, where librdmacm calls itself directly" 1 \
	"rdma_server -s $red -p 7474" "rdma_client -s $red -p 7474"
status=0
output=$(LD_PRELOAD=$PRELOAD LD_LIBRARY_PATH=$direct topology_exec red timeout 20 rstream -b $red 2>&1) || status=$?
tap_match "rsockets cannot be judged there, and fail" "rlisten 'librdmacm.so.1': it calls itself directly .* status (1|255)$" \
	"$output status $status"
# They make no connection by RDMA CM.
tap_equal "datagrams over rsockets are left alone there" "connected" \
	"$(LD_PRELOAD=$PRELOAD LD_LIBRARY_PATH=$direct topology_exec client timeout 20 python3 -c '
import ctypes, os, socket, struct, sys
ctypes.CDLL("librdmacm.so.1", mode=ctypes.RTLD_GLOBAL)
calls = ctypes.CDLL(None, use_errno=True)
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H", 7471) + socket.inet_aton(sys.argv[1]) + bytes(8)
status = calls.rconnect(calls.rsocket(socket.AF_INET, socket.SOCK_DGRAM, 0), address, len(address))
print(os.strerror(ctypes.get_errno()) if status else "connected")' "$red" 2>&1)"
unset RDMA_NS_POLICY

: >"$log"
programs_pair "rping without the library, preloaded client" red "rping -s -a $red -C 3" \
	client "env LD_PRELOAD=$PRELOAD rping -c -a $red -C 3"
tap_equal "the client has sent its QPNs, nobody has answered them" "1 established | sent | not known" \
	"$(lines active event sent answer)"

# rdma-ns exec does the same.
: >"$log"
LD_PRELOAD=$PRELOAD programs_pair "rdma-ns exec" red "rping -s -a $red -C 3" \
	client "env -u RDMA_NS_LOG -u RDMA_NS_JSON ${programs_exec[*]} --policy strict --log $log --json rping -c -a $red -C 3"
tap_equal "rdma-ns exec: its log" "1 established | sent | as aimed" "$(lines active event sent answer)"
tap_equal "rdma-ns exec: a shell and what it starts get it, and their status comes back" $'strict\n7' \
	"$(env ${RDMA_NS_RUNTIME:+"LD_PRELOAD=$RDMA_NS_RUNTIME"} "$RDMA_NS" e -p strict -- sh -c 'echo "$RDMA_NS_POLICY"; sh -c "exit 7"' || echo $?)"
exec_fails() # NAME STATUS PATTERN WORD...
{
	local output status=0
	output=$("$RDMA_NS" exec "${@:4}" 2>&1) || status=$?
	tap_match "rdma-ns exec: $1" "^rdma-ns: exec: $3 status $2\$" "$output status $status"
}
cp /bin/true "$log.setgid"
chgrp 1 "$log.setgid"
chmod g+s "$log.setgid"
exec_fails "a statically linked program" 126 ".*/ldconfig' is statically linked: .*" /sbin/ldconfig
exec_fails "a setgid program" 126 ".*setgid' gains privileges .*" "$log.setgid"
exec_fails "a program that is not there" 127 "'no-such' cannot be run: No such file or directory" no-such
exec_fails "a file that is no program" 126 "'/etc/passwd' cannot be run: Permission denied" /etc/passwd
exec_fails "a folder" 126 "'/etc' cannot be run: Permission denied" /etc
exec_fails "a policy that is not there" 125 "policy 'lax' is not report, verify or strict; .*" -p lax true
exec_fails "no program" 125 "no program to run; .*" -j
exec_fails "a log that cannot be written" 125 "cannot write to '/proc/no/log': .*" -l /proc/no/log true

# The theft.
topology_address blue ib0.blue $red/24
topology_exec client ip neigh flush dev ib1.client
topology_exec client busybox ping -c 1 -w 5 $red >/dev/null
: >"$log"
LD_PRELOAD=$PRELOAD RDMA_NS_POLICY=verify programs_start blue "rping -s -a $red -C 3"
tap_fail "theft: blue's rping refuses what was meant for red" topology_exec client env LD_PRELOAD="$PRELOAD" \
	timeout 30 rping -c -a $red -C 3
tap_equal "theft: blue's log" "1 reject | the QPN names no netdev of this namespace" "$(lines passive verdict reason)"
tap_equal "theft: the client's log" "1 refused | the QPN names no netdev of this namespace" "$(lines active event refusal)"
tap_run "theft: blue's rping still listens" kill -0 "$programs_pid"
programs_stop "$programs_pid"
: >"$log"
LD_PRELOAD=$PRELOAD RDMA_NS_POLICY=verify programs_start blue "rdma_server -s $red -p 7474"
tap_fail "theft: blue's rdma_server (rdma_get_request) refuses it, too" topology_exec client env LD_PRELOAD="$PRELOAD" \
	timeout 30 rdma_client -s $red -p 7474
tap_equal "theft: its log" "1 reject | the QPN names no netdev of this namespace" "$(lines passive verdict reason)"
tap_run "theft: it has not returned" kill -0 "$programs_pid"
programs_stop "$programs_pid"
: >"$log"
LD_LIBRARY_PATH=$direct LD_PRELOAD=$PRELOAD RDMA_NS_POLICY=verify programs_start blue "rdma_server -s $red -p 7474"
tap_fail "theft: it refuses it where librdmacm calls itself directly" topology_exec client env LD_PRELOAD="$PRELOAD" \
	timeout 30 rdma_client -s $red -p 7474
tap_equal "theft: its log says so" "1 reject | the QPN names no netdev of this namespace" "$(lines passive verdict reason)"
topology_ip blue addr del $red/24 dev ib0.blue
programs_stop "$programs_pid"
LD_PRELOAD=$PRELOAD programs_pair "blue is gone: red's rping works again" red "rping -s -a $red -C 3" client "rping -c -a $red -C 3"
tap_end
