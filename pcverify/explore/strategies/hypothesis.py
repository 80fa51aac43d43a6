"""Choices drawn from Hypothesis, so that it shrinks a failing schedule, and remembers it in its example database.

Hypothesis calls a function for each example; `explore` asks for one execution after another. So Hypothesis runs in a
greenlet of its own, and the two take turns: it is suspended in the middle of an example while the execution goes on.
A failing execution is a failing example. Hypothesis then tries ever simpler ones, where simple means short, and going
on with the task that runs; the last execution of all is the simplest that failed.

The number of executions bounds the search; shrinking what it found takes up to a few hundred more. An example that
Hypothesis gives up (it has more choices than were to be tried again, or than some 8,000) goes on to its end without
switches.

Without a database the same seed gives the same executions under the same release of Hypothesis. A program that fails
and then does not, with the same choices, is reported as not deterministic. What a pass does not show: schedules that
were not drawn.
"""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.engine.switching import Greenlet, getcurrent, require_greenlet
from pcverify.explore.errors import ReplayDeparted
from pcverify.explore.strategies.choices import first_late
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.database import ExampleDatabase

    from pcverify.explore.engine.task import Task

PASSED, FAILED = 0, 1  # what the search is told at the end of an execution; a larger number asks for a choice


class Hypothesis(Strategy):
    """What Hypothesis makes of it: a search, and the simplest execution that fails.

    Args:
        executions: how many, until one fails; to shrink it takes more.
        seed: any integer. With a database it has no effect: Hypothesis then draws anew each time.
        key: what the program is called in the database.
        database: where failing examples are kept, to be tried first the next time; needs a key.

    Raises:
        MissingGreenlet: greenlet is not installed.
        UsageError: Hypothesis is not installed; or a bound or the database makes no sense.
    """

    name = "hypothesis"
    verdict = Verdict.SAMPLED
    shrinks = True
    in_driver = True

    def __init__(
        self,
        executions: int = 1_000,
        *,
        seed: int = 0,
        key: str | None = None,
        database: ExampleDatabase | None = None,
    ) -> None:
        if executions < 1:
            raise UsageError(f"an exploration of {executions} executions shows nothing: ask for at least one")
        if database is not None and key is None:
            raise UsageError("a database of examples needs a key for this program: key='…'")
        require_greenlet()
        self._executions = self._left = executions
        self._asked = 0
        # The search must not refer to this object: once nobody does, the greenlet goes away and unwinds its stack.
        self._search = Greenlet(_search(executions, seed, key, database))
        self._ready = False
        self._failed = False

    @property
    def bounds(self) -> Mapping[str, int | float]:
        """How many executions until one fails."""
        return {"executions": self._executions}

    def begin(self) -> bool:
        """Return whether Hypothesis has an example, and it is still within the number if none has failed."""
        if not self._ready and not self._search.dead:
            self._ready = self._tell()
        self._asked = 0
        self._left -= 1
        if self._ready and self._left < 0 and not self._failed:
            self.close()
        return self._ready

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return what is drawn; 0 stands for the task that runs, so that simple examples have few switches."""
        number = len(choices)
        if number == 1:
            return 0
        self._asked += 1
        drawn: int = self._tell(number)
        if running is None or running not in choices[: first_late(choices)]:
            return drawn
        stay = choices.index(running)
        if drawn == 0:
            return stay
        return drawn - 1 if drawn <= stay else drawn

    def end(self, failed: bool = False) -> None:
        """Tell Hypothesis, which goes on to its next example or comes to its end.

        Raises:
            ReplayDeparted: what failed before did not do so again.
        """
        self._failed = self._failed or failed
        self._ready = self._tell(FAILED if failed else PASSED)

    def close(self) -> None:
        """End the search where it stands; else it ends when nothing refers to this object any more."""
        self._ready = False
        if not self._search.dead:
            self._search.parent = getcurrent()
            self._search.throw()

    def _tell(self, *message: int) -> Any:
        """Let Hypothesis go on until it has an answer."""
        from hypothesis.errors import Flaky  # noqa: PLC0415  # an optional package

        self._search.parent = getcurrent()
        try:
            return self._search.switch(*message)
        except Flaky as error:
            self._ready = False
            raise ReplayDeparted(self._asked, "what the same choices led to before", "something else") from error


def _search(executions: int, seed: int, key: str | None, database: ExampleDatabase | None) -> Callable[[], bool]:
    """Return what the greenlet runs; it tells whether there is an example, and answers what it is asked."""
    try:
        from hypothesis import HealthCheck, Phase, Verbosity, find, settings  # noqa: PLC0415  # an optional package
        from hypothesis import strategies as st  # noqa: PLC0415
        from hypothesis.errors import NoSuchExample, StopTest, Unsatisfiable  # noqa: PLC0415
    except ImportError:
        raise UsageError("this strategy needs Hypothesis, which is missing: pip install hypothesis") from None

    abandoned = False
    index_among = cache(lambda number: st.integers(0, number - 1))

    def take_turns(answer: Any) -> int:
        nonlocal abandoned
        try:
            asked: int = getcurrent().parent.switch(answer)
        except BaseException:  # this greenlet is being ended
            abandoned = True
            raise
        return asked

    @st.composite
    def execution(draw: Any) -> bool:
        """Be one execution; return whether it failed."""
        answer: Any = True
        given_up: StopTest | None = None
        while (asked := take_turns(answer)) not in {PASSED, FAILED}:
            answer = 0
            if given_up is None:
                try:
                    answer = draw(index_among(asked))
                except StopTest as stop:
                    given_up = stop
        if given_up is not None:
            raise given_up
        return bool(asked == FAILED)

    chosen = settings(
        max_examples=executions,
        database=database,
        derandomize=False,  # the seed does that
        deadline=None,
        phases=[Phase.reuse, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
    )

    def search() -> bool:
        drawn = random.Random(seed) if database is None else None  # Hypothesis takes a seed or a database, not both
        name = None if key is None else key.encode()
        try:
            find(execution(), bool, settings=chosen, random=drawn, database_key=name)
        except (NoSuchExample, Unsatisfiable):
            return False
        except BaseException:
            if not abandoned:  # else it is what Hypothesis makes of an example that was cut short
                raise
        return False

    return search
