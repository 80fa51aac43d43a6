"""TLC from Python: the tool chain, runs, verdicts, and the manifest of a folder of models.

    chain = find_toolchain()
    result = run_tlc(Path("Queue.tla"), Path("Queue.cfg"), library=(), toolchain=chain, max_seconds=60)
    if result.verdict is Verdict.VIOLATION:
        print(format_counterexample(result))

`run_tlc` gives one verdict or raises; `check_models` runs a whole manifest side by side and compares
with what it expects; `graph_of` returns a whole state graph. A missing tool, a syntax error, a killed
Java, a run that was stopped early: each has its own error (`errors`), and none of them ever looks like
a pass (`judge` says how).

This works on any modules; it knows nothing of queues. It needs a Java and the jar of TLC, which
`pip install 'pcverify[models]'` brings; importing it needs neither.

What a pass does not show: anything beyond the constants of its config, or that the model is the code.
"""

from pcverify.tla.check import (
    Event,
    RunAdvanced,
    RunFinished,
    RunOutcome,
    RunStarted,
    check_models,
    untaken_actions,
)
from pcverify.tla.counterexample import format_counterexample, to_trace
from pcverify.tla.distributed import run_distributed
from pcverify.tla.errors import (
    ManifestError,
    ModelError,
    ModelViolated,
    TlcCrashed,
    TlcOutputError,
    TlcStopped,
    ToolMissing,
    ToolUnusable,
)
from pcverify.tla.graph import Edge, StateGraph, dump_graph, graph_of
from pcverify.tla.manifest import (
    ExpectOk,
    ExpectSampled,
    ExpectViolation,
    Manifest,
    Mode,
    ModelRun,
    Tier,
    find_models,
    load_manifest,
)
from pcverify.tla.process import Stop
from pcverify.tla.result import DEADLOCK, ActionCount, Loop, Simulation, TlcResult, TraceState
from pcverify.tla.run import TlcProgress, run_tlc
from pcverify.tla.toolchain import Jar, Java, Toolchain, find_toolchain
from pcverify.tla.values import Function, ModelValue, Value, format_value, parse_state, parse_value

__all__ = [
    "DEADLOCK",
    "ActionCount",
    "Edge",
    "Event",
    "ExpectOk",
    "ExpectSampled",
    "ExpectViolation",
    "Function",
    "Jar",
    "Java",
    "Loop",
    "Manifest",
    "ManifestError",
    "Mode",
    "ModelError",
    "ModelRun",
    "ModelValue",
    "ModelViolated",
    "RunAdvanced",
    "RunFinished",
    "RunOutcome",
    "RunStarted",
    "Simulation",
    "StateGraph",
    "Stop",
    "Tier",
    "TlcCrashed",
    "TlcOutputError",
    "TlcProgress",
    "TlcResult",
    "TlcStopped",
    "ToolMissing",
    "ToolUnusable",
    "Toolchain",
    "TraceState",
    "Value",
    "check_models",
    "dump_graph",
    "find_models",
    "find_toolchain",
    "format_counterexample",
    "format_value",
    "graph_of",
    "load_manifest",
    "parse_state",
    "parse_value",
    "run_distributed",
    "run_tlc",
    "to_trace",
    "untaken_actions",
]
