# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
pyverbs' constants by their names: verbs.IBV_QPT_RC. Older releases have them in two modules, newer ones
in two others, and there, with Cython 3.1, most of them only in their enumerations.
"""
import contextlib
import enum
import importlib

_MODULES = []
for _name in ("enums", "cm_enums", "libibverbs_enums", "librdmacm_enums"):
    with contextlib.suppress(ImportError):
        _MODULES.append(importlib.import_module(f"pyverbs.{_name}"))


def __getattr__(name):
    for module in _MODULES:
        for place in (module, *vars(module).values()):
            if place is module or (isinstance(place, type) and issubclass(place, enum.Enum)):
                if hasattr(place, name):
                    return getattr(place, name)
    raise AttributeError(f"pyverbs has no {name}")
