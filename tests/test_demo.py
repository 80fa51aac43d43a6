"""The demo, and that its judges can say no."""

from __future__ import annotations

import queue
import subprocess
import sys

import pytest

from pcverify import demo


def test_the_demo_prints_four_parts_and_succeeds():
    run = subprocess.run(
        [sys.executable, "-m", "pcverify.demo"], capture_output=True, text=True, timeout=50, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for count, part in ((100, "1."), (100, "2."), (3000, "3."), (10_000, "4.")):
        assert f"\n{part}" in "\n" + run.stdout
        assert f"items consumed   {count:>9,}" in run.stdout
    assert run.stdout.count("items lost               0") == 4
    assert run.stdout.count("order preserved        yes") == 4
    assert "items/s on queue.Queue" in run.stdout
    assert "Nothing lost" in run.stdout
    assert "Producer1: started" in run.stdout


def test_rising_numbers_of_each_producer_are_in_order():
    assert demo.order_preserved([[("a", 0), ("b", 0), ("a", 1)], [("b", 1), ("a", 2)], []])


@pytest.mark.parametrize("wrong", [[("a", 1), ("a", 0)], [("a", 0), ("a", 0)]])
def test_falling_or_repeated_numbers_are_not(wrong):
    assert not demo.order_preserved([[("b", 0)], wrong])


def test_a_lifo_queue_is_judged_to_be_out_of_order():
    q = queue.LifoQueue()
    for number in range(3):
        q.put(("a", number))
    assert not demo.order_preserved([[q.get() for _ in range(3)]])


class Swapping(queue.Queue):
    """Holds each other item back until the next has gone before it; the sentinel sets it free."""

    held = None

    def _put(self, item):
        if item is None:
            self.queue.extend([None] if self.held is None else [self.held, None])
        elif self.held is None:
            self.held = item
        else:
            self.queue.extend([item, self.held])
            self.held = None


class Losing(queue.Queue):
    """Silently drops every tenth item."""

    puts = 0

    def _put(self, item):
        self.puts += 1
        if self.puts % 10 or item is None:
            super()._put(item)


def test_a_queue_that_loses_items_is_noticed(capsys):
    outcome = demo.run_pipeline(Losing(), producers=1, consumers=1, items=95)
    assert outcome[0].items_lost == 9
    assert outcome[1] is False
    assert demo.report(outcome) is False
    assert "all arrived once        NO" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ThreadSafeQueue", "HandoffQueue"])
@pytest.mark.parametrize("wrong", [Swapping, Losing])
def test_the_demo_fails_on_a_wrong_queue(wrong, name, monkeypatch, capsys):
    class Replacement(wrong):
        def __class_getitem__(cls, item):
            return cls

    monkeypatch.setattr(demo, name, Replacement)
    assert demo.main(["--quiet"]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_the_demo_fails_on_a_queue_that_raises(monkeypatch, capsys):
    class Failing(queue.Queue):
        def _put(self, item):
            if item is not None:
                raise RuntimeError("broken store")
            super()._put(item)

    monkeypatch.setattr(demo, "ThreadSafeQueue", Failing)
    assert demo.main(["--quiet"]) == 1
    assert "broken store" in capsys.readouterr().out
