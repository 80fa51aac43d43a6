------------------------------ MODULE Incomplete -----------------------------
(* Forgets to say what y becomes. *)
EXTENDS Naturals

VARIABLES x, y

Init == x = 0 /\ y = 0

Step == x < 3 /\ x' = x + 1

Spec == Init /\ [][Step]_<<x, y>>
==============================================================================
