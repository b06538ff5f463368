# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
package "openmpi-bin, netpipe-openmpi" no
mpirun="mpirun --allow-run-as-root --oversubscribe -np 2 -wdir /tmp"
patience=120
alone "$mpirun --mca pml ucx -x UCX_TLS=rc_verbs,ud_verbs,self -x UCX_NET_DEVICES=DEV0:1 NPopenmpi -u 4096 -n 20 -o np.ucx" "4096 bytes"
known rxe "no: the program ends with 134: mpirun noticed that process rank [01] with PID 0 on node .*" \
	"UCX's UD, with which it begins every connection, gets no answer over rxe, whichever GID it is given; why, was not found."
