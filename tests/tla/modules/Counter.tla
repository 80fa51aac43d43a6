------------------------------- MODULE Counter -------------------------------
(* Counts to Max and starts again. Reset is the only way back. *)
EXTENDS Naturals

CONSTANT Max

VARIABLE x

Init == x = 0

Increment ==
    /\ x < Max
    /\ x' = x + 1

Reset ==
    /\ x = Max
    /\ x' = 0

(* Never enabled: there to be reported as never taken. *)
Overshoot ==
    /\ x > Max
    /\ x' = 0

Next == Increment \/ Reset \/ Overshoot

Spec == Init /\ [][Next]_x

FairSpec == Spec /\ WF_x(Next)

TypeOK == x \in 0 .. Max

Small == x < 3

StartsHigh == x > 0

(* No state satisfies this. *)
NoInit == x = 0 /\ x = 1

Grows == [][x' > x]_x

ReachesTwo == <>(x = 2)

EventuallyStays == <>[](x = 0)
==============================================================================
