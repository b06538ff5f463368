# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# TCP programs over librdmacm's rsockets. bash itself cannot be run so: it ends with SIGSEGV.
for rsockets in /usr/lib/*/rsocket/librspreload.so; do :; done
others_words[RSOCKETS]="LD_PRELOAD=\"\${LD_PRELOAD-} $rsockets\""
package "netcat-openbsd, over rsockets (librspreload.so)" yes
pair "RSOCKETS nc.openbsd -l SERVER 7777 | cmp - /etc/services" "RSOCKETS nc.openbsd -N SERVER 7777 </etc/services"
known "*" "no: the client ends with 1" "Its server calls accept4(), which librspreload.so leaves to the kernel."
package "netcat-traditional, over rsockets (librspreload.so)" yes
pair "RSOCKETS nc.traditional -l -s SERVER -p 7778 | cmp - /etc/services" "RSOCKETS nc.traditional -q 1 SERVER 7778 </etc/services"
package "iperf3, over rsockets (librspreload.so)" yes
pair "RSOCKETS iperf3 -s -1 -B SERVER" "RSOCKETS iperf3 -c SERVER -n 1M" "receiver"
known "*" "no: the client hangs|no: the client ends with 1: iperf3: error - the server has terminated" \
	"Over rsockets neither end of iperf3 learns that the other has ended, on rxe as on sib. With -l 1K it moves data, and hangs then."
