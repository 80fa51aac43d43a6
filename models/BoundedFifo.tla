---------------------------- MODULE BoundedFifo ----------------------------
(* What a bounded queue is: a sequence of at most Capacity items, where putting  *)
(* an item and getting one are single, indivisible steps. Everything else in     *)
(* this folder is measured against it: ConditionQueue, with its lock and its     *)
(* waiting threads, refines it; Pipeline uses it.                                *)
(*                                                                               *)
(* Modelled: any number of producers, each putting its items 1, 2, .. PutsEach   *)
(* in order, and consumers that take whatever is at the head. An item is a pair  *)
(* <<producer, number>>. A put happens only while there is room, a get only      *)
(* while there is an item; waiting for that is what the implementation adds.     *)
(*                                                                               *)
(* Left out: how threads wait, time, ending (see Pipeline), values of items.     *)
(*                                                                               *)
(* To see it fail: in Put, write Len(queue) <= Capacity. BoundedSize is violated.*)
EXTENDS Naturals, Sequences

CONSTANTS
    Producers,   \* the set of producers
    Consumers,   \* the set of consumers
    Capacity,    \* how many items fit in the queue
    PutsEach     \* how many items each producer has

ASSUME Capacity > 0 /\ Producers \cap Consumers = {}

VARIABLES
    queue,       \* the items in the queue, the oldest first
    sent,        \* sent[p]: how many items p has put; the last one has this number
    received     \* received[p]: the number of the last item of p that was taken

vars == <<queue, sent, received>>

Init ==
    /\ queue = <<>>
    /\ sent = [p \in Producers |-> 0]
    /\ received = [p \in Producers |-> 0]

Put(p) ==
    /\ sent[p] < PutsEach
    /\ Len(queue) < Capacity                    \* to see it fail: <=
    /\ queue' = Append(queue, <<p, sent[p] + 1>>)
    /\ sent' = [sent EXCEPT ![p] = @ + 1]
    /\ UNCHANGED received

\* Which consumer takes the item makes no difference to the queue.
Get(c) ==
    /\ queue # <<>>
    /\ LET item == Head(queue) IN received' = [received EXCEPT ![item[1]] = item[2]]
    /\ queue' = Tail(queue)
    /\ UNCHANGED sent

\* The end is no deadlock: everything was put, and everything was taken.
Terminated ==
    /\ \A p \in Producers : received[p] = PutsEach
    /\ UNCHANGED vars

Next ==
    \/ \E p \in Producers : Put(p)
    \/ \E c \in Consumers : Get(c)
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

TypeOK ==
    /\ queue \in Seq(Producers \X (1..PutsEach))
    /\ sent \in [Producers -> 0..PutsEach]
    /\ received \in [Producers -> 0..PutsEach]

\* Memory stays bounded: a slow consumer slows the producers down.
BoundedSize == Len(queue) <= Capacity

\* Every item that was put is either still in the queue, once, or was taken, once.
NothingLostNothingTwice ==
    \A p \in Producers :
        LET inFlight == SelectSeq(queue, LAMBDA item : item[1] = p) IN
            /\ Len(inFlight) = sent[p] - received[p]
            /\ {inFlight[i][2] : i \in 1..Len(inFlight)} = (received[p] + 1)..sent[p]

\* The items of one producer are taken in the order in which it put them: what is
\* in the queue is newer than what was taken, and the oldest is in front. (The order
\* between producers is in Get and Put themselves, and so in every refinement.)
Fifo ==
    \A i, j \in 1..Len(queue) :
        /\ queue[i][2] > received[queue[i][1]]
        /\ i < j /\ queue[i][1] = queue[j][1] => queue[i][2] < queue[j][2]
=============================================================================
