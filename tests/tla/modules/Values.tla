-------------------------------- MODULE Values --------------------------------
(* One variable for each form of value that TLC prints. *)
EXTENDS Naturals, TLC

CONSTANTS a, b

VARIABLES text, number, sets, interval, sequence, function, record, nested, empty

vars == <<text, number, sets, interval, sequence, function, record, nested, empty>>

Init ==
    /\ text = "say \"hi\" \\ bye"
    /\ number = 0 - 5
    /\ sets = {[kind |-> "put"], [kind |-> "get"]}
    /\ interval = 1 .. 3
    /\ sequence = <<1, TRUE, <<a>>>>
    /\ function = [t \in {a, b} |-> t = a]
    /\ record = [name |-> a, ready |-> FALSE]
    /\ nested = [n \in 1 .. 40 |-> [t \in {a, b} |-> {"producer", "consumer"}]]
    /\ empty = <<{}, <<>>>>

Spec == Init /\ [][UNCHANGED vars]_vars

Never == number > 0
===============================================================================
