# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Above a librdma-ns that has one function and no words: what is left works, the rest says so."""
import errno
import unittest

import rdma_ns


class Older(unittest.TestCase):
    subject = "an older library"

    def test_what_it_has_works(self):
        self.assertEqual(rdma_ns.statistics().accepted, 7)

    def test_what_it_fills_less_of_is_zero(self):
        self.assertEqual((rdma_ns.statistics().refused, rdma_ns.statistics().reasons), (0, {}))

    def test_a_function_that_it_has_not_is_named(self):
        for name, function in (
            ("rdma_ns_query_features", rdma_ns.features),
            ("rdma_ns_get_netdevs", rdma_ns.netdevs),
            ("rdma_ns_create_id", rdma_ns.Id),
        ):
            with self.assertRaises(OSError) as caught:
                function()
            said = (caught.exception.errno, caught.exception.filename)
            self.assertEqual(said, (errno.ENOSYS, name))

    def test_words_that_it_has_not_are_the_members_names(self):
        self.assertEqual(str(rdma_ns.Verdict.ACCEPT_FLAGGED), "accept_flagged")


if __name__ == "__main__":
    unittest.main()
