# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""How tests are found and bound to a device."""
import importlib
import unittest

from base import Case


def _fits(kind, name, device, first):
    for thing in (kind, getattr(kind, name)):
        if getattr(thing, "once", False) and not first:
            return False
        if device.transport not in getattr(thing, "transports", (device.transport,)):
            return False
    return True


def suite(folder, device, wanted, first=True):
    """All tests of a folder that have a meaning on this device, which may not be the first."""
    found = unittest.TestSuite()
    for file in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for value in vars(module).values():
            if not (isinstance(value, type) and issubclass(value, Case)):
                continue
            if value.__module__ != module.__name__:
                continue
            members = {"device": device, "__module__": value.__module__}
            bound = type(value.__name__, (value,), members)
            for name in unittest.TestLoader().getTestCaseNames(bound):
                test = bound(name)
                if _fits(bound, name, device, first) and wanted(test):
                    found.addTest(test)
    return found
