# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
Peers that do not know librdma-ns: pyverbs' own ids, each in a process of its own. This process only
starts and ends them, as its standard input, a socket, says: Python and pyverbs need seconds to
start. A message is JSON, with a socket to answer to:

  [PATH, "connect", ADDRESS, PORT, SOURCE]    its process says "answered", or the name of the error
  [PATH, "listen", ADDRESS, PORT]             says "listening", then "accepted"; then waits
  ["end", PROCESS]                            ends it, if it has not ended

PATH is that of a namespace, or null. What a process says first is its number.
"""
import ctypes
import errno
import json
import os
import signal
import socket
import traceback

from pyverbs.cmid import CMID, AddrInfo, ConnParam
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.qp import QPCap, QPInitAttr

import verbs

CLONE_NEWNET = 0x40000000


def attributes():
    return QPInitAttr(qp_type=verbs.IBV_QPT_RC, cap=QPCap(max_recv_wr=1))


def connect(said, address, port, source):
    route = AddrInfo(src=source, dst=address, dst_service=port, port_space=verbs.RDMA_PS_TCP)
    try:
        cmid = CMID(creator=route, qp_init_attr=attributes())
        cmid.connect(ConnParam())
    except PyverbsRDMAError as error:
        print(errno.errorcode.get(error.error_code, str(error)), file=said)
        return
    print("answered", file=said, flush=True)
    cmid.disconnect()
    cmid.close()


def listen(said, address, port):
    where = AddrInfo(src=address, src_service=port, port_space=verbs.RDMA_PS_TCP, flags=verbs.RAI_PASSIVE)
    cmid = CMID(creator=where, qp_init_attr=attributes())
    cmid.listen()
    print("listening", file=said, flush=True)
    request = cmid.get_request()
    request.accept(ConnParam())
    print("accepted", file=said, flush=True)
    signal.pause()


def peer(said, path, verb, *words):
    print(os.getpid(), file=said, flush=True)
    if path:
        with open(path, "rb") as netns:
            if ctypes.CDLL(None, use_errno=True).setns(netns.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), f"setns {path}")
    {"connect": connect, "listen": listen}[verb](said, *words)


def end(process):
    os.kill(process, signal.SIGKILL)
    # Until then its number is nobody else's, and its ids may be there.
    os.waitpid(process, 0)


def main():
    orders = socket.socket(fileno=0)
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, 4096, 1)
        if not order:
            return
        words = json.loads(order)
        with open(descriptors[0], "w", encoding="utf-8") as said:
            if words[0] == "end":
                end(words[1])
            elif not os.fork():
                try:
                    peer(said, *words)
                except BaseException:  # the test shows it
                    traceback.print_exc(file=said)
                said.flush()
                os._exit(0)


main()
