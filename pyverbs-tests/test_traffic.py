# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ids of this module with pyverbs' QPs, which the library does not know: the data arrive."""
import time

from pyverbs.addr import AHAttr, GID, GlobalRoute
from pyverbs.cq import CQ
from pyverbs.device import Context
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.qp import QP, QPAttr, QPCap, QPInitAttr
from pyverbs.wr import SGE, RecvWR, SendWR

import verbs
from base import Case, only
from peers import SECONDS
from rdma_ns import Answer, EventType, Policy, Transport
from rdma_ns.addresses import from_gid

SIZE = 4096
SAME = (
    "path_mtu",
    "rq_psn",
    "sq_psn",
    "dest_qp_num",
    "qp_access_flags",
    "pkey_index",
    "max_rd_atomic",
    "max_dest_rd_atomic",
    "min_rnr_timer",
    "port_num",
    "timeout",
    "retry_cnt",
    "rnr_retry",
)


def to_pyverbs(c):
    """pyverbs' QPAttr of a C ibv_qp_attr."""
    attr = QPAttr(qp_state=c.qp_state, port_num=c.port_num)
    for name in SAME:
        setattr(attr, name, getattr(c, name))
    ah = c.ah_attr
    # pyverbs wants eight groups, of which newer versions of Python make fewer for IPv4.
    gid = from_gid(ah.grh.dgid).packed.hex(":", 2)
    route = GlobalRoute(dgid=GID(gid), sgid_index=ah.grh.sgid_index)
    route.flow_label = ah.grh.flow_label
    route.hop_limit = ah.grh.hop_limit
    route.traffic_class = ah.grh.traffic_class
    attr.ah_attr = AHAttr(
        gr=route,
        dlid=ah.dlid,
        sl=ah.sl,
        src_path_bits=ah.src_path_bits,
        static_rate=ah.static_rate,
        is_global=ah.is_global,
        port_num=ah.port_num,
    )
    return attr


class End:
    """A QP of pyverbs, with memory, for an id."""

    def __init__(self, id_):
        self.id = id_
        self.context = Context(name=id_.device)
        self.pd = PD(self.context)
        self.cq = CQ(self.context, 8)
        cap = QPCap(max_send_wr=4, max_recv_wr=4)
        self.qp = QP(self.pd, QPInitAttr(qp_type=verbs.IBV_QPT_RC, scq=self.cq, rcq=self.cq, cap=cap))
        self.mr = MR(self.pd, SIZE, verbs.IBV_ACCESS_LOCAL_WRITE)

    def ready(self):
        for state in (verbs.IBV_QPS_INIT, verbs.IBV_QPS_RTR, verbs.IBV_QPS_RTS):
            attr, mask = self.id.qp_attr(state)
            self.qp.modify(to_pyverbs(attr), mask)

    def receive(self):
        self.qp.post_recv(RecvWR(sg=[self._sge()], num_sge=1))

    def send(self, text):
        self.mr.write(text, SIZE)
        signaled = verbs.IBV_SEND_SIGNALED
        self.qp.post_send(
            SendWR(num_sge=1, sg=[self._sge()], opcode=verbs.IBV_WR_SEND, send_flags=signaled)
        )

    def _sge(self):
        return SGE(self.mr.buf, SIZE, self.mr.lkey)

    def complete(self):
        """Wait for a completion; its status."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            count, found = self.cq.poll()
            if count:
                return found[0].status
        raise TimeoutError("no completion")

    def close(self):
        for thing in (self.qp, self.mr, self.cq, self.pd, self.context):
            thing.close()


@only(Transport.IB, Transport.ROCE)
class Traffic(Case):
    title = "traffic through pyverbs' QPs"

    def setUp(self):
        self.ends = []
        self.addCleanup(lambda: [end.close() for end in self.ends])

    def _active(self, id_):
        self.ends.append(End(id_))
        return {"qp_num": self.ends[-1].qp.qp_num}

    def _passive(self, id_):
        self.server_end = End(id_)
        self.ends.append(self.server_end)
        self.server_end.ready()
        self.server_end.receive()
        return {"qp_num": self.server_end.qp.qp_num}

    def _connect(self, policy=Policy.STRICT):
        server = self.serve(policy=policy, prepare=self._passive)
        client = self.ask(policy=policy, prepare=self._active)
        self.assertEqual(client.event, EventType.CONNECT_RESPONSE)
        end = self.ends[0]
        end.ready()
        client.id.establish()
        return server, client, end

    def test_a_message_arrives_whole(self):
        server, _, client = self._connect()
        text = "".join(chr(32 + i % 90) for i in range(SIZE))
        client.send(text)
        self.assertEqual(client.complete(), verbs.IBV_WC_SUCCESS)
        self.assertEqual(self.server_end.complete(), verbs.IBV_WC_SUCCESS)
        self.assertEqual(self.server_end.mr.read(SIZE, 0).decode(), text)
        self.assertEqual(server.request().ingress.name, self.site.server.netdev)

    def test_and_back(self):
        _, _, client = self._connect()
        client.receive()
        self.server_end.send("b" * SIZE)
        self.assertEqual(self.server_end.complete(), verbs.IBV_WC_SUCCESS)
        self.assertEqual(client.complete(), verbs.IBV_WC_SUCCESS)
        self.assertEqual(client.mr.read(SIZE, 0), b"b" * SIZE)

    @only(Transport.IB)
    def test_the_exchange_is_as_with_librdmacms_qp(self):
        _, client, _ = self._connect()
        self.assertEqual(client.id.exchange().answer, Answer.AS_AIMED)
