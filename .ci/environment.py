"""Make a virtual environment from `requirements.lock`, with nothing but the standard library.

    python3 .ci/environment.py FOLDER

Called by the Makefile, once per interpreter. It needs `venv` and pip; where a distribution ships Python
without `ensurepip`, the interpreter's own pip fills the environment instead. Exact versions and hashes come
from the lock; which index they are fetched from is pip's own configuration.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PACKAGE = re.compile(r"(?:Collecting |Processing .*/)([A-Za-z][A-Za-z0-9_-]*?)[-=]+\d|Installing collected packages")
OLDEST, NEWEST = (3, 10), (3, 13)


def main(folder: Path) -> int:
    """Make the environment in `folder` and return an exit code."""
    version = sys.version_info[:2]
    name = ".".join(map(str, version))
    if version < OLDEST:
        print(f"Python {name} is too old: pcverify needs 3.10 or later. Try: make PYTHON=python3.12 …")
        return 2
    if version > NEWEST:
        print(f"Python {name} is untested here (3.10 to 3.13 are); going on with it.")
    began = time.monotonic()
    print(f"Setting up {folder.name} for Python {name} from {LOCK.name} (once) …", flush=True)
    make(folder)
    installer = pip_for(folder)
    install(installer, ["--no-deps", "--require-hashes", "-r", str(LOCK)])  # the lock names all there is to need
    install(installer, ["--no-deps", "--no-build-isolation", "--quiet", "--editable", str(ROOT)])
    subprocess.run([str(folder / "bin" / "python"), "-m", "pcverify.tla.warming"], check=True)
    print(f"{folder.name} is ready after {time.monotonic() - began:.0f} s.", flush=True)
    return 0


def make(folder: Path) -> None:
    """Create the empty environment, with its own pip where `ensurepip` exists."""
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        subprocess.run([*command, "--without-pip"], check=True)


def pip_for(folder: Path) -> list[str]:
    """Return the command that installs into `folder`: its own pip, or this interpreter's."""
    python = folder / "bin" / "python"
    own = [str(python), "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    return [sys.executable, "-m", "pip", "--python", str(python)]


def install(installer: list[str], arguments: list[str]) -> None:
    """Run pip, name the packages as it takes them, and print all it said only if it fails."""
    command = [*installer, "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", *arguments]
    said: list[str] = []
    line_length = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if not (match := PACKAGE.match(line)):
                continue
            if line_length > 90:
                print()
                line_length = 0
            word = match[1] or "and install them"
            print(f" {word}" if line_length else f"  {word}", end="", flush=True)
            line_length += len(word) + 1
    if line_length:
        print(flush=True)
    if process.returncode:
        print("".join(said))
        sys.exit(
            f"pip could not install from {LOCK.name}; its output is above. Check the network, then run make again."
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve()))
