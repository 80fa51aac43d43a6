------------------------------- MODULE Endless -------------------------------
(* Has infinitely many states: only a limit ends a run of it. *)
EXTENDS Naturals

VARIABLE x

Init == x = 0

Step == x' = x + 1

Spec == Init /\ [][Step]_x

Natural == x >= 0
==============================================================================
