"""Ratios as a picture: groups of horizontal bars, from a line at 1 to the median, with a whisker from least to most.

The scale is logarithmic, so twice as fast is as long as half as fast. The picture is SVG that needs nothing else. It
brings its own background, light or dark as the reader's system is, so the page around it does not matter. There are
colours for three bars to a group.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.benchmarks.measuring import Spread

WIDTH = 880
LEFT, RIGHT = 310, 810  # of the scale; names stand before it, medians behind
TOP = 92
MARGIN = 20
BAR, GAP = 13, 12  # how high a bar is; what lies between two groups
LINE = 18
STYLE = """
  .page { fill: #ffffff; stroke: #d0d7de }
  text { fill: #1f2328; font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
  .title { font-size: 16px; font-weight: 600 }
  .small { fill: #59636e; font-size: 12px }
  .median { font-size: 11px; font-variant-numeric: tabular-nums }
  .grid { stroke: #e4e8ec }
  .one { stroke: #1f2328; stroke-width: 2 }
  .whisker { stroke: #1f2328; fill: none }
  .series-0 { fill: #2f6fb0 }
  .series-1 { fill: #e08a1e }
  .series-2 { fill: #a3abb5 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #30363d }
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .grid { stroke: #2a3038 }
    .one, .whisker { stroke: #e6edf3 }
    .series-0 { fill: #4493e0 }
    .series-1 { fill: #d98a2b }
    .series-2 { fill: #6e7681 }
  }
"""


def bars(
    title: str, groups: Mapping[str, Mapping[str, Spread]], caption: Sequence[str], *, below: str, above: str
) -> str:
    """Return the picture as SVG.

    Args:
        title: what the ratios are.
        groups: for each group's name the ratios in it, by name, all above zero; a group without any is left out.
        caption: lines below the scale.
        below: what a ratio below 1 means.
        above: what one above 1 means.
    """
    groups = {name: group for name, group in groups.items() if group}
    series = list(dict.fromkeys(each for group in groups.values() for each in group))
    scale = Scale.over(spread for group in groups.values() for spread in group.values())
    bottom = TOP + sum(len(group) * BAR + GAP for group in groups.values())
    height = bottom + 36 + LINE * len(caption)
    drawn = [*_heading(title, series, scale, below, above), *_grid(scale, bottom)]
    y = TOP + GAP / 2
    for name, group in groups.items():
        drawn.append(_text(MARGIN, y + len(group) * BAR / 2 + 4.5, name))
        for number, (each, spread) in enumerate(group.items()):
            drawn += _bar(f"{name}: {each}", series.index(each), spread, scale, y + number * BAR)
        y += len(group) * BAR + GAP
    drawn += [_text(MARGIN, bottom + 42 + LINE * number, line, "small") for number, line in enumerate(caption)]
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
            *drawn,
            "</svg>\n",
        ]
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a ratio is, from one power of two to another."""

    lowest: int
    highest: int

    @classmethod
    def over(cls, spreads: Iterable[Spread]) -> Scale:
        """Return the smallest one that holds them all, and what lies beside 1."""
        ends = [math.log2(end) for spread in spreads for end in (spread.least, spread.most)]
        return cls(math.floor(min([-1, *ends])), math.ceil(max([1, *ends])))

    def x(self, ratio: float) -> float:
        part = (math.log2(ratio) - self.lowest) / (self.highest - self.lowest)
        return LEFT + part * (RIGHT - LEFT)


def _heading(title: str, series: Sequence[str], scale: Scale, below: str, above: str) -> list[str]:
    drawn = [_text(MARGIN, 32, title, "title")]
    x = MARGIN
    for number, name in enumerate(series):
        drawn.append(f'<rect class="series-{number}" x="{x}" y="47" width="12" height="12" rx="2"/>')
        drawn.append(_text(x + 18, 57.5, name))
        x += 48 + 8 * len(name)
    one = scale.x(1)
    drawn.append(_text(one - 8, TOP - 10, f"\N{LEFTWARDS ARROW} {below}", "small", "end"))
    drawn.append(_text(one + 8, TOP - 10, f"{above} \N{RIGHTWARDS ARROW}", "small"))
    return drawn


def _grid(scale: Scale, bottom: float) -> list[str]:
    drawn = []
    for power in range(scale.lowest, scale.highest + 1):
        x = scale.x(2.0**power)
        drawn.append(f'<path class="{"grid" if power else "one"}" d="M{x:.1f} {TOP}V{bottom}"/>')
        drawn.append(_text(x, bottom + 16, f"{2.0**power:g}", "small", "middle"))
    return drawn


def _bar(name: str, number: int, spread: Spread, scale: Scale, y: float) -> list[str]:
    one, median = scale.x(1), scale.x(spread.median)
    least, most, middle = scale.x(spread.least), scale.x(spread.most), y + BAR / 2
    return [
        f'<rect class="bar series-{number}" x="{min(one, median):.1f}" y="{y + 0.5}" '
        f'width="{max(abs(median - one), 1):.1f}" height="{BAR - 1}">'
        f"<title>{escape(name)}: {spread.median:.2f} ({spread.range(2)})</title></rect>",
        f'<path class="whisker" d="M{least:.1f} {middle - 3}v6m0-3H{most:.1f}m0-3v6"/>',
        _text(WIDTH - MARGIN, middle + 4, f"{spread.median:.2f}", "median", "end"),
    ]


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    placed = f' class="{kind}"' if kind else ""
    placed += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{placed}>{escape(text)}</text>'
