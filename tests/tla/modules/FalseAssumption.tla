--------------------------- MODULE FalseAssumption ---------------------------
EXTENDS Naturals

CONSTANT Max

ASSUME Max > 3

VARIABLE x

Init == x = 0

Spec == Init /\ [][UNCHANGED x]_x
==============================================================================
