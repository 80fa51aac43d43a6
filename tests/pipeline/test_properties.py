"""Any shape of pipeline, with real threads: what holds at the end of every run, however it ends.

A `Shape` says how many workers there are, what they move, which of them fail and when the run is stopped. `run`
runs it and returns all that can be seen afterwards; each of `PROPERTIES` looks at that and has a name. Each is also
shown to fail, by that name, on a pipeline with one thing wrong.

The shapes are the same in every run of the tests; how the threads interleave is not. So a pass shows nothing about
the interleavings that did not happen.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcverify import Consumer, ConsumerConfig, Coordinator, CoordinatorConfig, Producer, ProducerConfig, ThreadSafeQueue
from pcverify.pipeline import PipelineAborted, PipelineFailed
from pcverify.regress import faults
from tests.support.hypothesis_settings import SAME_EACH_TIME
from tests.support.threads import LIMIT
from tests.support.workers import Broken

EXAMPLES_FOR_A_FAULT = 100
SHORT_LIMIT = 0.2  # seconds; for runs that are expected to get stuck


@dataclass(frozen=True)
class Source:
    items: int
    fails: bool  # after the last of them


@dataclass(frozen=True)
class Destination:
    refuses: frozenset[int]  # the first, the second, ... item that it is handed
    skips: bool  # what it refuses, instead of ending


@dataclass(frozen=True)
class Shape:
    capacity: int
    sources: tuple[Source, ...]
    destinations: tuple[Destination, ...]
    ends: str  # "by itself", or in the middle: by "shutdown" or "abort"
    ends_after: int  # that many items were handed to destinations


shapes = st.builds(
    Shape,
    capacity=st.integers(0, 5),
    sources=st.lists(
        st.builds(Source, items=st.integers(0, 12), fails=st.sampled_from([False, False, True])), min_size=1, max_size=4
    ).map(tuple),
    destinations=st.lists(
        st.builds(Destination, refuses=st.frozensets(st.integers(0, 5), max_size=2), skips=st.booleans()),
        min_size=1,
        max_size=4,
    ).map(tuple),
    ends=st.sampled_from(["by itself", "by itself", "shutdown", "abort"]),
    ends_after=st.integers(1, 10),
)


@dataclass(frozen=True)
class Item:
    """Told apart by identity where that is asked; `number` rises within one producer."""

    producer: int
    number: int


@dataclass
class Run:
    """What can be seen when a run has ended."""

    shape: Shape
    taken: list = field(default_factory=list)  # left a source
    delivered: list = field(default_factory=list)  # one list per destination
    skipped: list = field(default_factory=list)
    undelivered: list = field(default_factory=list)
    unsent: list = field(default_factory=list)
    source_errors: list = field(default_factory=list)
    destination_errors: list = field(default_factory=list)
    fatal_errors: list = field(default_factory=list)  # those of destinations that do not skip
    alive: list = field(default_factory=list)
    aborted: bool = False
    metrics: object = None
    failure: BaseException | None = None

    @property
    def places(self):
        """Every item that is anywhere at the end, once for each place."""
        return [*itertools.chain(*self.delivered), *self.skipped, *self.undelivered, *self.unsent]


def run(shape, queue_class=ThreadSafeQueue, coordinator_class=Coordinator, consumer_class=Consumer, limit=LIMIT):
    """Run `shape`, and return what it came to."""
    result = Run(shape)
    shared = queue_class(shape.capacity)
    handed = itertools.count(1)  # its `next` is atomic under the GIL

    def items(number, source):
        for count in range(source.items):
            item = Item(number, count)
            result.taken.append(item)
            yield item
        if source.fails:
            result.source_errors.append(number)
            raise Broken(f"source {number}")

    def take(destination, into):
        own = itertools.count()

        def handle(item):
            if next(handed) == shape.ends_after and shape.ends != "by itself":
                result.aborted = shape.ends == "abort"
                getattr(pipeline, shape.ends)()
            if next(own) in destination.refuses:
                result.destination_errors.append(item)
                if not destination.skips:
                    result.fatal_errors.append(item)
                raise Broken(f"destination: {item}")
            into.append(item)

        return handle

    result.delivered = [[] for _ in shape.destinations]
    producers = [
        Producer(ProducerConfig(f"producer-{number}", daemon=True), items(number, source), shared)
        for number, source in enumerate(shape.sources)
    ]
    consumers = [
        consumer_class(
            ConsumerConfig(f"consumer-{number}", daemon=True, on_error="skip" if destination.skips else "stop"),
            take(destination, into),
            shared,
        )
        for number, (destination, into) in enumerate(zip(shape.destinations, result.delivered, strict=True))
    ]
    pipeline = coordinator_class(CoordinatorConfig("pipeline", join_timeout=limit), producers, consumers)
    try:
        pipeline.run()
    except PipelineFailed as failure:
        result.failure = failure
    result.metrics = pipeline.metrics
    result.undelivered, result.unsent = pipeline.undelivered, pipeline.unsent
    result.skipped = [item for consumer in consumers for item in consumer.skipped]
    result.alive = [worker.name for worker in (*producers, *consumers) if worker.is_alive()]
    return result


# The properties. Each returns what is wrong, or nothing.


def every_item_is_somewhere(run):
    """Produced = consumed + skipped + undelivered, and what a source gave up is there or unsent: by identity."""
    missing = {id(item): item for item in run.taken}
    for item in run.places:
        missing.pop(id(item), None)
    strange = [item for item in run.places if not any(item is known for known in run.taken)]
    return f"missing: {list(missing.values())}, strange: {strange}" if missing or strange else ""


def nothing_is_twice(run):
    twice = [item for item in run.places if sum(other is item for other in run.places) > 1]
    return f"in two places: {twice}" if twice else ""


def each_producers_order_is_kept(run):
    for destination in run.delivered:
        for producer in range(len(run.shape.sources)):
            numbers = [item.number for item in destination if item.producer == producer]
            if numbers != sorted(numbers):
                return f"of producer {producer}: {numbers}"
    return ""


def every_thread_ends_by_itself(run):
    """A run that nobody aborts and in which no worker fails needs no abort: a thread that had to be woken is one
    that would have waited for ever."""
    stuck = [] if run.failure is None else list(run.failure.stuck)
    woken = run.shape.ends != "abort" and type(run.failure) is PipelineAborted
    return f"stuck: {stuck}, alive: {run.alive}, aborted: {woken}" if stuck or run.alive or woken else ""


def errors_are_counted(run):
    counted = run.metrics.producer_errors, run.metrics.consumer_errors
    made = len(run.source_errors), len(run.destination_errors)
    return f"of producers and consumers: counted {counted}, made {made}" if counted != made else ""


def metrics_agree_with_the_items(run):
    metrics = run.metrics
    counted = (
        metrics.items_produced,
        metrics.items_consumed,
        metrics.items_skipped,
        metrics.items_undelivered,
        metrics.items_lost,
    )
    real = (
        len(run.taken) - len(run.unsent),
        sum(map(len, run.delivered)),
        len(run.skipped),
        len(run.undelivered),
        0,
    )
    return f"counted {counted}, real {real}" if counted != real else ""


def failures_are_raised(run):
    """A run returns only if no worker failed, nothing is left and nobody aborted it; else it names each cause."""
    expected = len(run.source_errors) + len(run.fatal_errors)
    if run.failure is None:
        unmet = expected or run.undelivered or run.unsent or run.aborted
        return f"it returned: {expected} failed workers, aborted: {run.aborted}" if unmet else ""
    causes = run.failure.causes
    return f"causes {causes}, {expected} failed workers" if len(causes) != expected else ""


PROPERTIES = (
    every_item_is_somewhere,
    nothing_is_twice,
    each_producers_order_is_kept,
    every_thread_ends_by_itself,
    errors_are_counted,
    metrics_agree_with_the_items,
    failures_are_raised,
)


def first_failure(properties, examples=SAME_EACH_TIME.max_examples, **subject):
    """Run one shape after the other, until a property fails; return its name, what is wrong, and the shape.

    It raises nothing within Hypothesis, which would run the shape once more and complain if it then passed.
    """
    found = []

    @settings(SAME_EACH_TIME, max_examples=examples)
    @given(shapes)
    def any_shape(shape):
        if found:
            return
        result = run(shape, **subject)
        found.extend((check.__name__, wrong, shape) for check in properties if (wrong := check(result)))

    any_shape()
    return found[0] if found else None


def test_every_property_holds_for_any_shape(make_queue):
    assert first_failure(PROPERTIES, queue_class=make_queue) is None


def test_the_shapes_include_every_number_of_workers_every_capacity_and_every_end():
    seen = []

    @SAME_EACH_TIME
    @given(shapes)
    def any_shape(shape):
        seen.append(shape)

    any_shape()
    assert {len(shape.sources) for shape in seen} == {len(shape.destinations) for shape in seen} == {1, 2, 3, 4}
    assert {shape.capacity for shape in seen} == {0, 1, 2, 3, 4, 5}
    assert {shape.ends for shape in seen} == {"by itself", "shutdown", "abort"}
    assert any(source.fails for shape in seen for source in shape.sources)
    assert {destination.skips for shape in seen for destination in shape.destinations if destination.refuses} == {
        True,
        False,
    }


# One thing wrong at a time.


class OneSentinelTooFew(Coordinator):
    """Forgets the first of the sentinels."""

    def _send_sentinels(self, deadline):
        real = self._queue

        class Forgetful:
            forgotten = False

            def put(self, item, block=True, timeout=None):
                if self.forgotten:
                    real.put(item, block, timeout)
                self.forgotten = True

            def __getattr__(self, name):
                return getattr(real, name)

        self._queue = Forgetful()
        super()._send_sentinels(deadline)
        self._queue = real


class Silent(Coordinator):
    """Tells nobody that the run failed."""

    def run(self):
        try:
            return super().run()
        except PipelineFailed:
            return self.metrics


class Losing(Consumer):
    """Counts an item that it does not deliver."""

    def _consume(self, item):
        if item.number == 3:
            self._consumed += 1
        else:
            super()._consume(item)


class CountingTwice(Consumer):
    """Counts each item twice."""

    def _consume(self, item):
        super()._consume(item)
        self._consumed += 1


class HidingErrors(Consumer):
    """Counts no error of its destination."""

    def _consume(self, item):
        super()._consume(item)
        self._errors = 0


WRONG = [
    ({"coordinator_class": OneSentinelTooFew, "limit": SHORT_LIMIT}, every_thread_ends_by_itself),
    ({"coordinator_class": Silent}, failures_are_raised),
    ({"consumer_class": Losing}, every_item_is_somewhere),
    ({"consumer_class": CountingTwice}, metrics_agree_with_the_items),
    ({"consumer_class": HidingErrors}, errors_are_counted),
    ({"queue_class": faults.apply(faults.named("lifo"), ThreadSafeQueue)}, each_producers_order_is_kept),
    ({"queue_class": faults.apply(faults.named("double-item"), ThreadSafeQueue)}, nothing_is_twice),
]


@pytest.mark.parametrize(("subject", "broken"), WRONG, ids=[broken.__name__ for _, broken in WRONG])
def test_each_property_fails_where_one_thing_is_wrong(subject, broken):
    name, wrong, shape = first_failure([broken], EXAMPLES_FOR_A_FAULT, **subject)
    assert name == broken.__name__
    assert wrong
    assert shape


def test_each_property_is_shown_to_fail():
    assert {broken for _, broken in WRONG} == set(PROPERTIES)
