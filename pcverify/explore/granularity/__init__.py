"""Switches within local code: before each source line, or before each instruction that others may notice.

At `sync` a task can be interrupted only before an operation on a lock, a thread or a clock. Data races live between
these. So at `line` and `opcode` the interpreter itself is asked to say where it is: by `sys.monitoring` from Python
3.12 on, by a trace function before.
"""

from pcverify.explore.granularity.instrumentation import Instrumentation, instrumentation_for
from pcverify.explore.granularity.ownership import Ownership
from pcverify.explore.granularity.tracing_word import tracing_word

__all__ = ["Instrumentation", "Ownership", "instrumentation_for", "tracing_word"]
