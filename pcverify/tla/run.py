"""One run of TLC: a module, a config, a verdict.

TLC runs in a temporary folder that is removed afterwards, also when the run is interrupted: its
state files, the standard modules that it unpacks and any trace that it writes go there. It unpacks
those modules under fixed names into Java's temporary folder, so two runs that shared one could read
a file that the other has half written; the same holds for the default name of its state folder,
which has the resolution of a second.

Modules are found by name: first beside the given module, then in the given library folders. A
variant in a folder of its own so finds the module that it breaks.

What a verdict shows and does not show is said in `result`, what counts as one in `judge`.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pcverify.tla.config import ModelConfig, read_config
from pcverify.tla.errors import ModelError, TlcCrashed, TlcStopped
from pcverify.tla.judge import STATE, judge
from pcverify.tla.output import Output, counts_in
from pcverify.tla.process import DeadlineReached, Stop, Stopped, run_child
from pcverify.tla.result import Simulation, TlcResult
from pcverify.tla.toolchain import Toolchain

_INITIAL_STATES, _PROGRESS = 2190, 2200

# These shorten small runs; numbers in messages must not depend on the user's language; and Java's
# performance files would stay behind in the shared temporary folder when it is killed.
JAVA_OPTIONS = (
    "-XX:+UseParallelGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Dfile.encoding=UTF-8",
    "-Dstdout.encoding=UTF-8",
)
# Java passes over a cache that does not fit, but says so where TLC's messages are.
_QUIET_ABOUT_IT = ("-Xlog:aot=off", "-Xlog:cds=off")
# TLC repeats the statistics at this interval, and gives them once more at the end, which is enough.
_COVERAGE_EVERY_MINUTES = "1440"
_STOPS_BY_ITSELF_AFTER_S = 60


@dataclass(frozen=True, slots=True)
class TlcProgress:
    """How far a run has come."""

    seconds: float
    """Wall time so far."""
    generated: int
    """States generated."""
    distinct: int
    """Distinct states found."""
    left: int
    """States that wait to be checked."""


def run_tlc(  # noqa: PLR0913  # all but two by keyword
    module_path: Path,
    config_path: Path,
    *,
    library: Sequence[Path],
    toolchain: Toolchain,
    deadlock: bool = True,
    max_seconds: float,
    workers: int = 1,
    coverage: bool = True,
    dump: Path | None = None,
    simulation: Simulation | None = None,
    last_states: int | None = None,
    on_progress: Callable[[TlcProgress], None] | None = None,
    on_print: Callable[[str], None] | None = None,
    stop: Stop | None = None,
) -> TlcResult:
    """Check one module with one config.

    Args:
        module_path: the `.tla` file.
        config_path: the `.cfg` file.
        library: folders in which TLC looks for other modules, after the module's own.
        toolchain: the Java and the jar, from `find_toolchain`.
        deadlock: whether a state without a successor is a violation.
        max_seconds: wall time after which the run is ended.
        workers: threads of TLC. With several, a shortest counterexample is not guaranteed.
        coverage: whether to count how often each action is taken.
        dump: a file, its name ending in `.dot`, for the states and the actions between them; `graph` reads it.
        simulation: what to sample instead of looking at every state. The verdict is then SAMPLED, never OK.
        last_states: how many states of a counterexample to keep, the last ones; None for all. A long one takes
            long to read.
        on_progress: is told how far the run has come: when the initial states are known, after a
            few seconds, and then each minute. Called in this thread.
        on_print: is told each line that stands outside TLC's messages, such as what the module prints. Called in this
            thread.
        stop: lets another thread end the run, which then raises TlcStopped.

    Raises:
        ModelError: a file is missing, or TLC rejects or cannot evaluate the module or the config.
        TlcStopped: the run reached `max_seconds`, or was stopped.
        TlcCrashed: Java was killed, ran out of memory, or TLC met a defect of its own.
        ToolUnusable: Java ended before TLC began.
        TlcOutputError: TLC's output cannot be read, or contradicts itself.
    """
    module_path, config_path = module_path.resolve(), config_path.resolve()
    run, config = look_at(module_path, config_path)
    output = Output()
    begin = time.monotonic()

    def on_line(line: str) -> None:
        if on_print and output.unfinished is None:
            on_print(line.rstrip())
        for message in output.feed(line):
            if last_states is not None and message.code == STATE:
                output.keep_last(STATE, last_states)
            if on_progress and message.code in {_INITIAL_STATES, _PROGRESS} and (counts := counts_in(message)):
                seconds = time.monotonic() - begin
                on_progress(TlcProgress(seconds, counts.generated, counts.distinct, counts.left))

    with work_folder(run, config_path) as work:
        command = [
            *java(toolchain, work / "java"),
            f"-DTLA-Library={library_path(module_path, library)}",
            f"-Dtlc2.TLC.stopAfter={int(max_seconds) + _STOPS_BY_ITSELF_AFTER_S}",
            *("-cp", str(toolchain.jar.path), "tlc2.TLC", "-tool"),
            *("-fp", "0", "-workers", str(workers), "-metadir", str(work / "states")),
            *([] if deadlock else ["-deadlock"]),
            *(["-coverage", _COVERAGE_EVERY_MINUTES] if coverage else []),
            *(["-dump", "dot,actionlabels", str(dump.resolve())] if dump else []),
            *(_simulate(simulation) if simulation else []),
            *("-config", config_path.name, module_path.name),
        ]
        try:
            exit_code = run_child(command, folder=work, max_seconds=max_seconds, on_line=on_line, stop=stop)
        except DeadlineReached:
            raise TlcStopped(
                f"{run}: not done within {max_seconds:g} s{_so_far(output)}; give it more time, or use a smaller config"
            ) from None
        except Stopped:
            raise TlcStopped(f"{run}: stopped{_so_far(output)}") from None
    seconds = time.monotonic() - begin
    return judge(
        output, exit_code, config, run=run, seconds=seconds, simulation=simulation, cut=last_states is not None
    )


def look_at(module_path: Path, config_path: Path) -> tuple[str, ModelConfig]:
    """Return what a run is called in messages, and what its config says.

    Raises:
        ModelError: one of the files is missing, or the config cannot be read.
    """
    if not module_path.is_file():
        raise ModelError(f"there is no module {module_path}")
    return f"{module_path.stem} with {config_path.name}", read_config(config_path)


@contextmanager
def work_folder(run: str, config_path: Path) -> Iterator[Path]:
    """Make the temporary folder of a run: with the config, and a folder `java` for what Java leaves behind.

    With a library set, TLC does not open a config by its path; by its name, it takes the one in its working folder
    before any other.
    """
    with tempfile.TemporaryDirectory(prefix="pcverify-tlc-") as folder:
        work = Path(folder).resolve()
        (work / "java").mkdir()
        try:
            shutil.copyfile(config_path, work / config_path.name)
        except OSError as error:
            raise TlcCrashed(f"{run}: cannot write to {work}: {error}") from error
        yield work


def java(toolchain: Toolchain, temporary: Path) -> list[str]:
    """Return the beginning of a command: Java, with a temporary folder of its own."""
    warm = [f"-XX:AOTCache={toolchain.start_cache}", *_QUIET_ABOUT_IT] if toolchain.start_cache.is_file() else []
    return [str(toolchain.java.path), *JAVA_OPTIONS, *warm, f"-Djava.io.tmpdir={temporary}"]


def _simulate(simulation: Simulation) -> list[str]:
    sample = ["-simulate", f"num={simulation.traces}", "-depth", str(simulation.depth)]
    return [*sample, "-seed", str(simulation.seed), "-aril", "0"]


def library_path(module_path: Path, library: Sequence[Path]) -> str:
    """Return the folders in which TLC looks for modules, as it takes them.

    Raises:
        ModelError: TLC cannot take one of them.
    """
    folders = [str(folder.resolve()) for folder in (module_path.parent, *library)]
    for folder in folders:
        if os.pathsep in folder:
            raise ModelError(f"TLC cannot find modules in a folder whose name contains {os.pathsep!r}: {folder}")
    return os.pathsep.join(dict.fromkeys(folders))


def _so_far(output: Output) -> str:
    message = output.last(_PROGRESS) or output.last(_INITIAL_STATES)
    counts = counts_in(message) if message else None
    return f" ({counts.distinct:,} distinct states so far)" if counts else ""
