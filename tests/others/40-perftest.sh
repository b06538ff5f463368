# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
package perftest no
for verb in send write read atomic; do
	for kind in lat bw; do
		for how in "" " -R"; do
			[[ -z $how ]] || connects=yes
			pair "ib_${verb}_$kind$how -d DEV0 -F -n 100" "ib_${verb}_$kind$how -d DEV1 -F -n 100 SERVER" "^ *[0-9]+ +100 "
		done
	done
done
pair "ib_send_bw -b -d DEV0 -F -n 100" "ib_send_bw -b -d DEV1 -F -n 100 SERVER" "^ *[0-9]+ +100 "
pair "ib_send_lat -c UD -d DEV0 -F -n 100" "ib_send_lat -c UD -d DEV1 -F -n 100 SERVER" "^ *[0-9]+ +100 "
pair "ib_send_lat -c UC -d DEV0 -F -n 100" "ib_send_lat -c UC -d DEV1 -F -n 100 SERVER" "^ *[0-9]+ +100 "
connects=yes
pair "ib_send_lat -c UD -R -d DEV0 -F -n 100" "ib_send_lat -c UD -R -d DEV1 -F -n 100 SERVER" "^ *[0-9]+ +100 "
