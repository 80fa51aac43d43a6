"""Strategies: who takes the next step. One file each; the engine knows none of them."""

from pcverify.explore.strategies.dfs import Dfs
from pcverify.explore.strategies.random import Random
from pcverify.explore.strategies.replay import Replay
from pcverify.explore.strategies.strategy import Strategy

__all__ = ["Dfs", "Random", "Replay", "Strategy"]
