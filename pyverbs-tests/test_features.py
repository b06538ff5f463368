# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What the host can do, as the kernel and pyverbs say."""
import os
import re
import subprocess

import pyverbs.device as d

import rdma_ns
from base import Case, once


@once
class Features(Case):
    title = "features"

    @classmethod
    def setUpClass(cls):
        cls.features = rdma_ns.features()

    def test_the_level_is_that_of_the_kernel(self):
        extended = os.path.exists("/sys/module/rdma_cm/parameters/policy")
        wanted = rdma_ns.Level.KERNEL if extended else rdma_ns.Level.EXCHANGE
        self.assertEqual(self.features.level, wanted)

    def test_devices_and_ports_are_those_that_pyverbs_lists(self):
        names = [entry.name.decode() for entry in d.get_device_list()]
        ports = 0
        for name in names:
            with d.Context(name=name) as context:
                ports += context.query_device().phys_port_cnt
        self.assertEqual((self.features.devices, self.features.ports), (len(names), ports))

    def test_the_mode_of_namespaces_is_that_of_rdma_system(self):
        said = subprocess.run(["rdma", "system"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(str(self.features.netns_mode), re.search(r"netns (\w+)", said).group(1))

    def test_the_rdma_cm_can_be_opened(self):
        self.assertEqual(self.features.rdma_cm_errno, 0)

    def test_ipoib_is_asked_by_an_extended_kernel_only(self):
        self.assertLessEqual(self.features.ipoib, self.features.level == rdma_ns.Level.KERNEL)

    def test_they_are_the_same_inside_a_namespace(self):
        inside = self.site.server.inside(rdma_ns.features)
        self.assertEqual(inside.level, self.features.level)
