"""Settings of workers and of the coordinator: frozen, and checked when they are made.

All times are in seconds. `None` for a timeout means no limit.
"""

from __future__ import annotations

import math
import threading
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from pcverify.pipeline.errors import ConfigError

OnTimeout = Literal["stop", "retry"]
OnError = Literal["stop", "skip"]


@dataclass(frozen=True, slots=True)
class ProducerConfig:
    """Settings of a `Producer`.

    Attributes:
        name: of the worker, its thread and its log lines; not empty.
        put_timeout: the longest that one put may wait for room.
        delay: pause after each item; `stop()` ends it early.
        on_timeout: after `put_timeout`, `stop` with an error or `retry` the same item.
        log_every: log progress after so many items; zero for never.
        daemon: whether the interpreter may exit while the thread runs.
    """

    name: str
    _: KW_ONLY
    put_timeout: float | None = None
    delay: float = 0.0
    on_timeout: OnTimeout = "stop"
    log_every: int = 1000
    daemon: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_name(self.name)
        _check_seconds("put_timeout", self.put_timeout)
        _check_seconds("delay", self.delay, optional=False)
        _check_choice("on_timeout", self.on_timeout, ("stop", "retry"))
        _check_count("log_every", self.log_every)


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """Settings of a `Consumer`.

    Attributes:
        name: of the worker, its thread and its log lines; not empty.
        get_timeout: the longest that one get may wait for an item.
        delay: pause after each item; `stop()` ends it early.
        on_timeout: after `get_timeout`, `stop` with an error or `retry`.
        on_error: when the destination raises, `stop` with that error or `skip` the item and keep it in `skipped`.
        log_every: log progress after so many items; zero for never.
        daemon: whether the interpreter may exit while the thread runs.
    """

    name: str
    _: KW_ONLY
    get_timeout: float | None = None
    delay: float = 0.0
    on_timeout: OnTimeout = "stop"
    on_error: OnError = "stop"
    log_every: int = 1000
    daemon: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_name(self.name)
        _check_seconds("get_timeout", self.get_timeout)
        _check_seconds("delay", self.delay, optional=False)
        _check_choice("on_timeout", self.on_timeout, ("stop", "retry"))
        _check_choice("on_error", self.on_error, ("stop", "skip"))
        _check_count("log_every", self.log_every)


@dataclass(frozen=True, slots=True)
class CoordinatorConfig:
    """Settings of a `Coordinator`.

    Attributes:
        name: of the pipeline in log lines and errors; not empty.
        join_timeout: how long the workers may take to end, from the moment when there is nothing more to wait
            for: the producers are done, or the run is being shut down or aborted. `None` lets consumers take as
            long as they need for what is in the queue; a failed or aborted run then waits 10 s for its workers.
    """

    name: str
    _: KW_ONLY
    join_timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_name(self.name)
        _check_seconds("join_timeout", self.join_timeout)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        raise ConfigError(f"name must be a text that is not empty, got {name!r}")


def _check_seconds(field: str, seconds: object, *, optional: bool = True) -> None:
    if seconds is None and optional:
        return
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not number or not 0 <= seconds <= threading.TIMEOUT_MAX:  # type: ignore[operator]  # a NaN is refused here too
        hint = "; use None for no limit" if optional and seconds == math.inf else ""
        raise ConfigError(f"{field} must be a number of seconds, zero or more, got {seconds!r}{hint}")


def _check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{field} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def _check_count(field: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigError(f"{field} must be a whole number, zero or more, got {value!r}")
