# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
package ibverbs-utils no
alone "ibv_devices" "DEV0"
alone "ibv_devinfo -v -d DEV0" "PORT_ACTIVE"
for kind in rc uc ud srq; do
	pair "ibv_${kind}_pingpong -d DEV0 GID -n 200" "ibv_${kind}_pingpong -d DEV1 GID -n 200 SERVER"
done
pair "ibv_rc_pingpong -d DEV0 GID -e -n 200" "ibv_rc_pingpong -d DEV1 GID -e -n 200 SERVER"
pair "ibv_xsrq_pingpong -d DEV0 GID -n 200" "ibv_xsrq_pingpong -d DEV1 GID -n 200 SERVER"
known "*" "no: the client ends with 1: Couldn't Open the XRC Domain 95" "Neither sib nor rxe has XRC."
