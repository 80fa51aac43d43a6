------------------------------- MODULE Failing -------------------------------
(* Calls Assert with FALSE in its second step. *)
EXTENDS Naturals, TLC

VARIABLE x

Init == x = 0

Step ==
    /\ Assert(x < 1, "x grew")
    /\ x' = x + 1

Spec == Init /\ [][Step]_x
==============================================================================
