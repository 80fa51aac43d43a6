"""What the benchmarks draw; what they measure is for no test to say."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.benchmarks.measuring import Spread
from tests.benchmarks.plot import bars

SVG = "{http://www.w3.org/2000/svg}"
GROUPS = {
    "put & get": {"ours": Spread(2.0, 1.5, 3.0), "theirs": Spread(0.5, 0.4, 1.1)},
    "in a batch": {"ours": Spread(33.0, 30.0, 40.0)},
    "what none can do": {},
}


def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(bars("As fast", GROUPS, ["On <this>."], below="slower", above="faster"))


def test_the_picture_has_a_bar_for_each_figure_that_tells_it():
    shown = [bar for bar in drawn().iter(f"{SVG}rect") if "bar" in bar.get("class", "").split()]
    assert [bar.findtext(f"{SVG}title") for bar in shown] == [
        "put & get: ours: 2.00 (1.50 to 3.00)",
        "put & get: theirs: 0.50 (0.40 to 1.10)",
        "in a batch: ours: 33.00 (30.00 to 40.00)",
    ]


def test_a_bar_begins_at_one_and_twice_as_fast_is_as_long_as_half_as_fast():
    faster, slower, _ = [bar for bar in drawn().iter(f"{SVG}rect") if "bar" in bar.get("class", "").split()]
    assert float(faster.get("x", "")) == float(slower.get("x", "")) + float(slower.get("width", ""))
    assert abs(float(faster.get("width", "")) - float(slower.get("width", ""))) < 0.2


def test_a_group_without_figures_is_left_out():
    texts = [text.text for text in drawn().iter(f"{SVG}text")]
    assert "in a batch" in texts
    assert "what none can do" not in texts
