"""Named mutations of the real source of a queue class, so that a check can be shown to fail.

A check that never fails shows nothing. A fault is one small mistake that somebody could make in a queue: a
notification left out, a loop turned into an `if`, a count off by one. It is written as a change of the syntax
tree, found by the names of methods and the shape of statements. So it follows the class as its code changes,
and one fault fits `ThreadSafeQueue`, `HandoffQueue` and the interpreter's own `queue.Queue` alike.

    from pcverify.regress import faults
    Broken = faults.apply(faults.named("drop-notify-in-put"), queue.Queue)

A fault whose place is not in the class raises `FaultDoesNotApply`; a class is never handed back unchanged.
Then either the class is built differently, and the fault means nothing for it, or the pattern in `catalogue`
or `mistakes` has to learn the new shape.

What this does not show: that a check which catches these faults catches others.
"""

from pcverify.regress.faults.catalogue import FAULTS, named
from pcverify.regress.faults.edits import FaultDoesNotApply
from pcverify.regress.faults.mutation import Fault, apply, mutated_source, original_source

__all__ = ["FAULTS", "Fault", "FaultDoesNotApply", "apply", "mutated_source", "named", "original_source"]
