-------------------------------- MODULE Edges --------------------------------
(* Each trap of a state graph: two initial states, parallel edges with two names and with one, loops, a step *)
(* without a name, a value that TLC writes over several lines, and text that looks like what is between variables. *)
EXTENDS Naturals

CONSTANT Names

VARIABLES x, long, text

vars == <<x, long, text>>

Init ==
    /\ x \in {0, 1}
    /\ long = [n \in Names |-> {"producer", "consumer"}]
    /\ text = "\n/\\ x = 7\" ]; -> \\"

Keep == UNCHANGED <<long, text>>

Step(n) == x = 0 /\ x' = n /\ Keep
Jump == x = 0 /\ x' = 2 /\ Keep
Also == x = 1 /\ x' = 2 /\ Keep
Twice == (x = 1 /\ x' = 2 /\ Keep) \/ (x = 1 /\ x' = 2 /\ Keep)
Rest == x = 2 /\ UNCHANGED vars

Next == (\E n \in 1 .. 2 : Step(n)) \/ Jump \/ Also \/ Twice \/ Rest

Spec == Init /\ [][Next]_vars
SpecWithoutNames == Init /\ [][x < 2 /\ x' = x + 1 /\ Keep]_vars

SmallSteps == [][x' <= x + 2]_vars
Ends == <>(x = 2)
OnlyX == x
===============================================================================
