"""Whose code it is: what is looked into at `line` and `opcode`.

By default that is the caller's own code: whatever is neither the standard library nor installed, and is not this
engine. Packages and modules can be added by name, files and folders by path.

What no point belongs into stays out, whoever's it is: finalisers, which swallow what ends a task.
"""

from __future__ import annotations

import importlib.util
import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.signals import ENGINE

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Sequence

OURS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(ENGINE)), room) + os.sep for room in ("explore", "report", "evidence")
)
FINALISER = "__del__"
FROZEN = "<frozen "


class Ownership:
    """Decides by the name of a file.

    Args:
        function: the program; its file always belongs.
        instrument: packages, modules or paths that belong, too.

    Raises:
        UsageError: one of these cannot be found, or has no source in Python.
    """

    def __init__(self, function: Callable[..., Any], instrument: Sequence[str]) -> None:
        self._known: dict[str, bool] = {}
        self._foreign = _foreign_folders()
        self._added = tuple(path for name in instrument for path in _paths_of(name))
        self._modules = tuple(instrument)
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is not None:
            self._known[code.co_filename] = True

    def owns(self, file: str) -> bool:
        """Whether what stands in this file is looked into."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._decide(file)
        return known

    def sees(self, code: types.CodeType) -> bool:
        """Whether this piece of code, of a file that belongs, may have points."""
        return code.co_name != FINALISER

    def _decide(self, file: str) -> bool:
        if file.startswith("<"):
            module = file[len(FROZEN) : -1] if file.startswith(FROZEN) else ""
            return any(module == name or module.startswith(name + ".") for name in self._modules)
        full = os.path.realpath(file)
        if full.startswith(OURS):
            return False
        if any(full == path or full.startswith(path + os.sep) for path in self._added):
            return True
        return not full.startswith(self._foreign)


def _foreign_folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_path(name) for name in names} | {*site.getsitepackages(), site.getusersitepackages()}
    folders.add(os.path.dirname(os.__file__))
    folders |= {folder for folder in sys.path if os.path.basename(folder) in {"site-packages", "dist-packages"}}
    return tuple(os.path.realpath(folder) + os.sep for folder in folders if folder)


def _paths_of(name: str) -> list[str]:
    """Return the file, or the folder, that is called so."""
    if os.sep in name or name.endswith(".py"):
        if not Path(name).exists():
            raise UsageError(f"instrument: there is no file or folder {name}")
        return [os.path.realpath(name)]
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise UsageError(f"instrument: there is no package or module {name}")
    if spec.submodule_search_locations:
        return [os.path.realpath(folder) for folder in spec.submodule_search_locations]
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None) or spec.origin
    if file is None or not file.endswith(".py"):
        raise UsageError(f"instrument: {name} is not written in Python, so there are no lines to look at")
    return [os.path.realpath(file), file]
