"""How Hypothesis runs wherever a run must come out the same each time."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

SAME_EACH_TIME = settings(
    max_examples=500,
    derandomize=True,  # the seed is fixed
    database=None,  # and no earlier run has a say
    deadline=None,  # how fast a shared machine is says nothing
    phases=[Phase.generate],  # that a check fails is the point, not on what
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],  # its limit is in wall time, and machines are busy
)
