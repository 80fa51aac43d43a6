"""Makes TLC start faster: Java keeps the classes of one run, read and linked, in a file beside the jar.

    python -m pcverify.tla.warming

A run of TLC on a small model is half starting up; with such a file it needs a third less. Java 25 and later can make
one; `run` uses it where it is, and Java passes over one that does not fit. Nothing depends on it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pcverify.tla.errors import ToolMissing, ToolUnusable
from pcverify.tla.manifest import find_models
from pcverify.tla.run import JAVA_OPTIONS
from pcverify.tla.toolchain import Toolchain, find_toolchain

MAX_SECONDS = 60
MODEL, CONFIG = "BoundedFifo.tla", "BoundedFifo_p2c2k2i2.cfg"


def warm(toolchain: Toolchain, models: Path | None = None) -> bool:
    """Make the file, if this Java can; return whether it is there. Takes a few seconds."""
    models = models or find_models()
    target = toolchain.start_cache
    with tempfile.TemporaryDirectory(prefix="pcverify-warming-") as folder:
        made = Path(folder, target.name)
        for name in (MODEL, CONFIG):
            shutil.copyfile(models / name, Path(folder, name))
        command = [
            *(str(toolchain.java.path), *JAVA_OPTIONS, f"-XX:AOTCacheOutput={made}", f"-Djava.io.tmpdir={folder}"),
            *("-cp", str(toolchain.jar.path), "tlc2.TLC", "-tool", "-workers", "1"),
            *("-metadir", folder, "-config", CONFIG, MODEL),
        ]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=MAX_SECONDS)
            beside = target.with_suffix(".part")
            shutil.copyfile(made, beside)
            beside.replace(target)  # whole, or not at all
        except (OSError, subprocess.SubprocessError):  # an older Java, a folder that cannot be written to
            return target.is_file()
    return True


def main() -> int:
    """Make it for the tool chain that is found, and say so; return the exit code, which is never a failure."""
    try:
        done = warm(find_toolchain())
    except (ToolMissing, ToolUnusable) as error:
        print(error)
        return 0
    print("TLC starts faster from now on." if done else "TLC starts as fast as this Java can.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
