# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What two peers tell each other, and that private data do not suffer."""
from base import Case, only
from rdma_ns import Answer, Policy, PortSpace, Reason, Sent, Transport

# InfiniBand and RoCE pad to these; iWARP is exact.
REQ, REP, SIDR_REQ, SIDR_REP = 56, 196, 180, 136


def data(length):
    return bytes(i % 255 + 1 for i in range(length))


class Exchange(Case):
    title = "exchange"

    def padded(self, length, total):
        exact = self.device.transport == Transport.IWARP
        return data(length) + bytes(0 if exact else total - length)

    @only(Transport.IB)
    def test_the_client_knows_who_answered(self):
        self.serve()
        exchange = self.ask().id.exchange()
        server, client = self.site.server.entry.qpn, self.site.client.entry.qpn
        self.assertEqual((exchange.sent, exchange.answer), (Sent.SENT, Answer.AS_AIMED))
        self.assertEqual(
            (exchange.local_qpn, exchange.wanted_qpn, exchange.peer_qpn), (client, server, server)
        )
        self.assertTrue(exchange.received)
        self.assertEqual(exchange.refusal, Reason.NONE)

    @only(Transport.IB)
    def test_the_listener_knows_who_asked(self):
        server = self.serve()
        self.ask()
        exchange = server.request().exchange
        self.assertEqual((exchange.sent, exchange.received), (Sent.SENT, True))
        self.assertEqual(exchange.local_qpn, self.site.server.entry.qpn)
        self.assertEqual(exchange.peer_qpn, self.site.client.entry.qpn)

    @only(Transport.ROCE, Transport.IWARP)
    def test_nothing_is_sent_where_there_are_no_qpns(self):
        server = self.serve()
        exchange = self.ask().id.exchange()
        self.assertEqual((exchange.sent, exchange.answer), (Sent.NOT_IB, Answer.UNKNOWN))
        self.assertFalse(exchange.received or server.request().exchange.received)

    def _request(self, length, **options):
        server = self.serve(**options)
        client = self.ask(private_data=data(length), **options)
        self.assertTrue(client.established, client.event)
        return server.request(), client

    def test_private_data_of_a_request_without_any(self):
        self.assertEqual(self._request(0)[0].private_data, self.padded(0, REQ))

    def test_private_data_of_a_request_with_a_byte(self):
        self.assertEqual(self._request(1)[0].private_data, self.padded(1, REQ))

    def test_private_data_of_a_request_that_just_leave_room(self):
        request, client = self._request(40)
        self.assertEqual(request.private_data, self.padded(40, REQ))
        self.assertEqual(client.id.exchange().sent, Sent.SENT if self.ib else Sent.NOT_IB)

    def test_private_data_of_a_request_that_leave_none(self):
        request, client = self._request(56)
        self.assertEqual(request.private_data, self.padded(56, REQ))
        if self.ib:
            sent = Sent.SENT if self.site.kernel else Sent.AHEAD
            self.assertEqual(client.id.exchange().sent, sent)
            self.assertEqual(request.ingress.wanted_qpn, self.site.server.entry.qpn)

    def test_private_data_of_an_answer(self):
        self.serve(private_data=data(180))
        client = self.ask(policy=Policy.STRICT)
        self.assertTrue(client.established, client.event)
        self.assertEqual(client.private_data, self.padded(180, REP))

    def test_private_data_of_an_answer_that_leave_no_room(self):
        server = self.serve(private_data=data(196))
        client = self.ask()
        self.assertEqual(client.private_data, self.padded(196, REP))
        if self.ib and not self.site.kernel:
            self.assertEqual(server.request().exchange.sent, Sent.NO_ROOM)
            self.assertEqual(client.id.exchange().answer, Answer.UNKNOWN)

    @only(Transport.IB, Transport.ROCE)
    def test_private_data_of_datagram_services(self):
        request, client = self._request(20, port_space=PortSpace.UDP)
        self.assertEqual(request.private_data, self.padded(20, SIDR_REQ))
        self.assertEqual(client.private_data, bytes(SIDR_REP))

    @only(Transport.IB)
    def test_a_datagram_service_is_as_aimed(self):
        _, client = self._request(164, port_space=PortSpace.UDP)
        self.assertEqual(client.id.exchange().answer, Answer.AS_AIMED)

    @only(Transport.IB)
    def test_ipv6(self):
        address = self.site.server.address6
        self.serve(address=address)
        client = self.ask(address)
        self.assertTrue(client.established, client.event)
        self.assertEqual(client.id.exchange().answer, Answer.AS_AIMED)
