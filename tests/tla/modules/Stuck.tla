-------------------------------- MODULE Stuck --------------------------------
(* Two tasks park one after the other; then nobody can move: a deadlock. *)
EXTENDS TLC

CONSTANTS p1, p2

VARIABLES pc, parked

vars == <<pc, parked>>

Tasks == {p1, p2}

Init ==
    /\ pc = [t \in Tasks |-> "acquire"]
    /\ parked = {}

Park(t) ==
    /\ pc[t] = "acquire"
    /\ pc' = [pc EXCEPT ![t] = "parked"]
    /\ parked' = parked \union {t}

Next == \E t \in Tasks : Park(t)

Spec == Init /\ [][Next]_vars

TypeOK == parked \subseteq Tasks

AllPark == <>(parked = Tasks)

Symmetry == Permutations(Tasks)
==============================================================================
