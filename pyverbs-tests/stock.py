# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
A peer that does not know librdma-ns: pyverbs' own ids.

  stock.py connect ADDRESS PORT [SOURCE]    prints "answered", or the name of the error
  stock.py listen ADDRESS PORT              prints "listening", then "accepted"; ends with its input
"""
import errno
import sys

import pyverbs.cm_enums as ce
import pyverbs.enums as e
from pyverbs.cmid import CMID, AddrInfo, ConnParam
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.qp import QPCap, QPInitAttr


def attributes():
    return QPInitAttr(qp_type=e.IBV_QPT_RC, cap=QPCap(max_recv_wr=1))


def connect(address, port, source=None):
    route = AddrInfo(src=source, dst=address, dst_service=port, port_space=ce.RDMA_PS_TCP)
    try:
        cmid = CMID(creator=route, qp_init_attr=attributes())
        cmid.connect(ConnParam())
    except PyverbsRDMAError as error:
        print(errno.errorcode.get(error.error_code, str(error)))
        return
    print("answered", flush=True)
    cmid.disconnect()
    cmid.close()


def listen(address, port):
    where = AddrInfo(src=address, src_service=port, port_space=ce.RDMA_PS_TCP, flags=ce.RAI_PASSIVE)
    cmid = CMID(creator=where, qp_init_attr=attributes())
    cmid.listen()
    print("listening", flush=True)
    request = cmid.get_request()
    request.accept(ConnParam())
    print("accepted", flush=True)
    sys.stdin.read()


{"connect": connect, "listen": listen}[sys.argv[1]](*sys.argv[2:])
