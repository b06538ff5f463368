# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# What applications are built on.
package qperf no
for test in rc_lat rc_bw uc_lat ud_lat rc_rdma_read_bw rc_rdma_write_bw; do
	serve "qperf" "qperf SERVER -t 1 $test" "(bw|latency) *="
	known rxe "no: the client ends with 1: ($test:|failed to (modify QP to RTR|create address handle): Invalid argument)" \
		"Without RDMA CM qperf addresses by LID, which RoCE has not."
done
connects=yes
serve "qperf" "qperf SERVER -cm 1 -t 1 rc_lat rc_bw" "bw *="

package libfabric-bin yes
connects=no
alone "fi_info -p verbs" "provider: verbs"
pair "fi_pingpong -p verbs -e msg -I 50" "fi_pingpong -p verbs -e msg -I 50 SERVER"
pair "fi_pingpong -p 'verbs;ofi_rxm' -e rdm -I 50" "fi_pingpong -p 'verbs;ofi_rxm' -e rdm -I 50 SERVER"
known rxe "no: the client ends with 103: \[error\] util/pingpong.c:[0-9]+ *: ctrl/read: no data or remote connection" \
	"rxe refuses the completion queue that ofi_rxm asks for."

package ucx-utils no
alone "ucx_info -d" "rc_verbs"
for test in tag_lat ucp_put_bw ucp_get; do
	environment=(UCX_TLS=rc_verbs,ud_verbs,self)
	pair "ucx_perftest" "ucx_perftest SERVER -t $test -n 100 -w 5"
	known rxe "no: the client ends with 134: =+" "UCX's UD, with which it begins every connection, gets no answer over rxe, whichever GID it is given; why, was not found."
done
