# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
package rdmacm-utils yes
pair "rping -s -a SERVER -C 20 -V -S 4000" "rping -c -a SERVER -C 20 -V -S 4000"
pair "rping -s -a SERVER6 -C 5 -V" "rping -c -a SERVER6 -C 5 -V"
pair "rping -s -a 0.0.0.0 -C 5 -V" "rping -c -a SERVER -I CLIENT -C 5 -V"
serve "rping -s -P -a SERVER" "rping -c -a SERVER -C 10 -V"
pair "ucmatose -b SERVER -c 10 -C 20 -S 1000" "ucmatose -s SERVER -c 10 -C 20 -S 1000" "data transfers complete"
pair "udaddy -b SERVER -c 5 -C 10 -S 1000" "udaddy -s SERVER -c 5 -C 10 -S 1000" "data transfers complete"
# A member of a multicast group is sent no request.
connects=no
pair "stdbuf -oL mckey -m 239.10.0.1 -b SERVER -C 20 -S 1000" "mckey -m 239.10.0.1 -b CLIENT -s -C 20 -S 1000"
serve "cmtime -b SERVER -c 20" "cmtime -s SERVER -c 20"
pair "rdma_server -s SERVER -p 7474" "rdma_client -s SERVER -p 7474"
pair "rdma_xserver -p 7475 -c r" "rdma_xclient -s SERVER -p 7475 -c r"
known "[se]*" "no: the client ends with 22: rdma_xclient: end 22" "It sends inline without having asked whether the device can, and sib cannot (rdmavt has no inline data). rdma_client \
asks."
pair "rdma_xserver -p 7475 -c x" "rdma_xclient -s SERVER -p 7475 -c x"
known "*" "no: the client ends with 255: rdma_xclient: end -1" "Neither sib nor rxe has XRC."
pair "rstream -b SERVER -C 20 -S 16384" "rstream -s SERVER -C 20 -S 16384"
serve "rcopy" "rcopy /etc/services SERVER:/tmp/rcopied"
pair "riostream -b SERVER -C 20 -S 16384" "riostream -s SERVER -C 20 -S 16384"
blind=10
# rsockets of datagrams tell each other their QPNs by UDP.
connects=no
serve "stdbuf -oL udpong -b SERVER" "udpong -s SERVER -C 20 -S 1000"
known "*" "ok|no: the client hangs|no: the client ends with 255: name +bytes +xfers .*" "How busy the machine is decides, not the column: alone, it also ended well on the stock kernel. Its source says that the \
client, when an answer comes later than it waits for one, sends what it has received last and waits for an answer to something else."
