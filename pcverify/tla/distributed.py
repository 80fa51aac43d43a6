"""One run of TLC on several machines: a server that holds the states, and workers that look at them.

This is for runs that are too large for one machine; on one it only costs. What it is worth:

- It is for safety. TLC ignores liveness in this mode without a word, so a config with PROPERTIES is refused, also
  if they speak of single steps (`[][A]_v`, as refinement does): nobody would see which were left out.
- TLC exits with 0 whatever it finds. A violation is known by its trace, which is the last state or two, and TLC does
  not say of what: `violated` lists all that was asked. A step that leaves a variable without a value looks like a
  violation, too. Run it alone to see which it is, and the whole behaviour.
- OK needs the message that all is checked, no state left on the queue, and a worker that has registered. The number
  of distinct states is that of a run alone; states generated and depth are not.

The server and the workers that it starts run in temporary folders, and are gone when this returns. The port of the
server is open to the network while it runs, if a worker is to come from elsewhere: TLC has no access control.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pcverify.tla.errors import ModelError, TlcCrashed, TlcStopped
from pcverify.tla.judge import judge_distributed
from pcverify.tla.output import Output
from pcverify.tla.process import DeadlineReached, Stop, Stopped, run_child
from pcverify.tla.result import TlcResult
from pcverify.tla.run import java, library_path, look_at, work_folder
from pcverify.tla.toolchain import Toolchain

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TWO_HERE = ("127.0.0.1", "127.0.0.1")
_READY, _REGISTERED = 7000, 7001
_PORT = "-Dtlc2.tool.distributed.TLCServer.port"


def run_distributed(  # all but two by keyword
    module_path: Path,
    config_path: Path,
    *,
    library: Sequence[Path],
    toolchain: Toolchain,
    deadlock: bool = True,
    max_seconds: float,
    workers: Sequence[str] = TWO_HERE,
    say: Callable[[str], None] = lambda line: None,
) -> TlcResult:
    """Check one module with one config on several machines, for safety.

    Args:
        module_path, config_path, library, toolchain, deadlock: as for `run_tlc`.
        max_seconds: wall time after which the run is ended; waiting for workers counts.
        workers: the machine of each worker. One is started for each that is this machine by a name in `LOOPBACK`; the
            others are to be started by hand.
        say: is told what to do on the other machines, and when a worker has come.

    Raises:
        ModelError: also if the config names PROPERTIES.
        TlcStopped, TlcCrashed, ToolUnusable, TlcOutputError: as for `run_tlc`; TlcCrashed also if no worker is left.
    """
    module_path, config_path = module_path.resolve(), config_path.resolve()
    run, config = look_at(module_path, config_path)
    if config.properties:
        raise ModelError(
            f"{run}: not distributed, because of PROPERTIES {', '.join(config.properties)}: TLC then ignores liveness "
            "without a word. Those that speak of single steps, [][A]_v, count too: use a config with invariants alone"
        )
    if not workers:
        raise ModelError(f"{run}: not distributed without a worker")
    here, elsewhere = [host for host in workers if host in LOOPBACK], [host for host in workers if host not in LOOPBACK]
    address, port = _address_for(elsewhere), _free_port()
    output = Output()
    began = time.monotonic()
    with work_folder(run, config_path) as work, Stop() as stop_server, Stop() as stop_workers:
        crew = _Crew(toolchain, work, address, port, max_seconds, stop_workers)

        def on_line(line: str) -> None:
            for message in output.feed(line):
                if message.code == _READY:
                    for host in elsewhere:
                        say(f"On {host}, in an empty folder: {_by_hand(host, address, port)}")
                    say(f"Waiting for {len(workers)} workers, {len(here)} of them here.")
                    crew.start(len(here), stop_server if not elsewhere else None)
                elif message.code == _REGISTERED:
                    say("A worker has come.")

        command = [
            *java(toolchain, work / "java"),
            f"-Djava.rmi.server.hostname={address}",
            f"{_PORT}={port}",
            f"-DTLA-Library={library_path(module_path, library)}",
            *("-cp", str(toolchain.jar.path), "tlc2.tool.distributed.TLCServer", "-tool"),
            *("-fp", "0", "-metadir", str(work / "states")),
            *([] if deadlock else ["-deadlock"]),
            *("-config", config_path.name, module_path.name),
        ]
        try:
            exit_code = run_child(command, folder=work, max_seconds=max_seconds, on_line=on_line, stop=stop_server)
        except DeadlineReached:
            raise TlcStopped(
                f"{run}: not done within {max_seconds:g} s with {_workers_in(output)} workers; give it more time"
            ) from None
        except Stopped:
            raise TlcCrashed(f"{run}: no worker is left\n{crew.last_words()}".rstrip()) from None
        finally:
            stop_workers.request()
            crew.join()
    return judge_distributed(output, exit_code, config, deadlock=deadlock, run=run, seconds=time.monotonic() - began)


class _Crew:
    """The workers on this machine: a thread for each, which starts, reads, ends and reaps it."""

    def __init__(
        self, toolchain: Toolchain, work: Path, server: str, port: int, max_seconds: float, stop: Stop
    ) -> None:
        self._toolchain = toolchain
        self._work = work
        self._server = server
        self._port = port
        self._max_seconds = max_seconds
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()  # protects the two below
        self._failed = 0
        self._lines: list[str] = []

    def start(self, count: int, none_left: Stop | None) -> None:
        """Start so many, and ask `none_left` for the end if all of them fail."""
        for number in range(count):
            thread = threading.Thread(target=self._run, args=(number, count, none_left), daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def last_words(self) -> str:
        with self._lock:
            return "\n".join(self._lines[-15:])

    def _run(self, number: int, count: int, none_left: Stop | None) -> None:
        folder = self._work / f"worker-{number}"
        folder.mkdir()
        command = [
            *java(self._toolchain, folder),
            f"-Djava.rmi.server.hostname={self._server}",
            f"{_PORT}={self._port}",
            "-Dtlc2.tool.distributed.TLCWorker.threadCount=1",
            *("-cp", str(self._toolchain.jar.path), "tlc2.tool.distributed.TLCWorker", self._server),
        ]
        try:
            code = run_child(command, folder=folder, max_seconds=self._max_seconds, on_line=self._note, stop=self._stop)
        except Stopped:
            return
        except (DeadlineReached, OSError):
            code = 1
        with self._lock:
            self._failed += code != 0
            if self._failed == count and none_left is not None:
                none_left.request()

    def _note(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)


def _by_hand(host: str, server: str, port: int) -> str:
    return (
        f"java -Djava.rmi.server.hostname={host} {_PORT}={port} "
        f"-cp tla2tools.jar tlc2.tool.distributed.TLCWorker {server}"
    )


def _address_for(hosts: Sequence[str]) -> str:
    """Return the address at which these machines reach this one; the loopback for none."""
    if not hosts:
        return "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((hosts[0], 9))  # sends nothing: it only picks the way
        except OSError as error:
            raise ModelError(f"there is no way to the worker {hosts[0]}: {error}") from error
        return str(asking.getsockname()[0])


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("", 0))
        return int(taken.getsockname()[1])


def _workers_in(output: Output) -> int:
    return sum(message.code == _REGISTERED for message in output.all_messages())
