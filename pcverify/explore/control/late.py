"""Redirects what belongs to modules that need not be loaded: at once if they are, else when the program imports them.

So nothing is imported for the sake of a redirection, and a program that imports what it uses in its own body is as
much under control as one that did so before. What is redirected late is undone at the end with all the rest.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pcverify.explore.control.everything import Control


def redirect_when_loaded(redirection: Control, wanted: Mapping[str, Callable[[Control, Any], None]]) -> None:
    """Call each function with its module, which `wanted` names, as soon as that is loaded."""
    missing = {}
    for name, redirect in wanted.items():
        module = sys.modules.get(name)
        if module is None:
            missing[name] = redirect
        else:
            redirect(redirection, module)
    if missing:
        finder = Finder(redirection, missing)
        sys.meta_path.insert(0, finder)
        redirection.on_end(lambda: _remove(finder))


def _remove(finder: Any) -> None:
    with contextlib.suppress(ValueError):  # the program has taken it away
        sys.meta_path.remove(finder)


class Finder:
    """Is asked first for each module that is imported from now on, and finds those that are waited for."""

    def __init__(self, redirection: Control, missing: dict[str, Callable[[Control, Any], None]]) -> None:
        self._redirection = redirection
        self._missing = missing

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Return what the others find, with a loader that tells."""
        if name not in self._missing:
            return None
        for finder in sys.meta_path:
            spec: Any = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = Loader(spec.loader, self._loaded)
            if spec is not None:
                return spec
        return None

    def _loaded(self, module: Any) -> None:
        redirect = self._missing.pop(module.__name__, None)
        if redirect is not None and self._redirection.in_force is self._redirection:
            redirect(self._redirection, module)


class Loader:
    """Loads as the real one does, and tells when a module is there."""

    def __init__(self, real: Any, tell: Callable[[Any], None]) -> None:
        self._real = real
        self._tell = tell

    def exec_module(self, module: Any) -> None:
        """Run it; let it keep the real loader, and nothing of this one."""
        module.__loader__ = module.__spec__.loader = self._real
        self._real.exec_module(module)
        self._tell(module)

    def __getattr__(self, name: str) -> Any:
        """Return what the real one has."""
        return getattr(self._real, name)
