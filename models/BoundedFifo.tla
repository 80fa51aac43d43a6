---------------------------- MODULE BoundedFifo ----------------------------
(* What a bounded queue is: a sequence of at most Capacity items, where putting  *)
(* an item and getting one are single, indivisible steps. Everything else in     *)
(* this folder is measured against it: ConditionQueue and HandoffQueue, with     *)
(* their locks and waiting threads, refine it; Pipeline uses it.                 *)
(*                                                                               *)
(* Modelled: any number of producers and consumers. An item is a pair            *)
(* <<producer, number>>; each producer puts its items in the order of their      *)
(* numbers, and may pass over some (an attempt that failed). A put happens only  *)
(* while there is room, a get only while there is an item. The queue may be      *)
(* shut down: nothing is put from then on, and what is in it is still taken, or  *)
(* is discarded with it. A get that is interrupted gives its item back: to its   *)
(* caller it has taken nothing, but others may have seen the item gone.          *)
(*                                                                               *)
(* Left out: how threads wait, time, ending (see Pipeline), values of items.     *)
(*                                                                               *)
(* To see it fail: in Put, write Len(queue) <= Capacity. BoundedSize is violated.*)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Producers,      \* the set of producers
    Consumers,      \* the set of consumers
    Capacity,       \* how many items fit in the queue
    PutsEach,       \* the items of a producer have the numbers 1 .. PutsEach
    Interruptible,  \* the tasks whose calls may be interrupted
    Shutdown        \* "never", or how it may happen: "gently", "immediately"

ASSUME
    /\ Capacity > 0 /\ Producers \cap Consumers = {}
    /\ Shutdown \in {"never", "gently", "immediately"}

VARIABLES
    queue,       \* the items in the queue, the oldest first
    shut,        \* whether it was shut down
    held,        \* held[c]: the item that an interruptible get of c has taken and not returned
    sent,        \* sent[p]: the numbers of the items of p that were put
    received,    \* received[p]: the numbers of those that were taken, and are not held
    discarded    \* discarded[p]: the numbers of those that an immediate shutdown let go

vars == <<queue, shut, held, sent, received, discarded>>

Items == Producers \X (1..PutsEach)
Nothing == <<>>                                 \* no item is the empty sequence

Numbers(p, items) == {items[i][2] : i \in {j \in 1..Len(items) : items[j][1] = p}}
With(numbers, item) == [numbers EXCEPT ![item[1]] = @ \cup {item[2]}]

Init ==
    /\ queue = <<>>
    /\ shut = FALSE
    /\ held = [c \in Consumers |-> Nothing]
    /\ sent = [p \in Producers |-> {}]
    /\ received = [p \in Producers |-> {}]
    /\ discarded = [p \in Producers |-> {}]

Put(p) ==
    /\ ~shut
    /\ Len(queue) < Capacity                    \* to see it fail: <=
    /\ \E n \in 1..PutsEach :
        /\ \A earlier \in sent[p] : earlier < n
        /\ queue' = Append(queue, <<p, n>>)
        /\ sent' = With(sent, <<p, n>>)
    /\ UNCHANGED <<shut, held, received, discarded>>

\* Which consumer takes the item makes no difference to the queue.
Get(c) ==
    /\ queue # <<>>
    /\ held[c] = Nothing
    /\ queue' = Tail(queue)
    /\ IF c \in Interruptible
       THEN held' = [held EXCEPT ![c] = Head(queue)] /\ UNCHANGED received
       ELSE received' = With(received, Head(queue)) /\ UNCHANGED held
    /\ UNCHANGED <<shut, sent, discarded>>

\* The get that took the item returns it: it can be interrupted no more.
Return(c) ==
    /\ held[c] # Nothing
    /\ received' = With(received, held[c])
    /\ held' = [held EXCEPT ![c] = Nothing]
    /\ UNCHANGED <<queue, shut, sent, discarded>>

\* The get that took the item is interrupted. Who put something in the place of the item
\* meanwhile has made the queue longer than Capacity.
GiveBack(c) ==
    /\ held[c] # Nothing
    /\ queue' = <<held[c]>> \o queue
    /\ held' = [held EXCEPT ![c] = Nothing]
    /\ UNCHANGED <<shut, sent, received, discarded>>

ShutDown ==
    /\ Shutdown # "never" /\ ~shut
    /\ shut' = TRUE
    /\ IF Shutdown = "immediately"
       THEN /\ discarded' = [p \in Producers |-> discarded[p] \cup Numbers(p, queue)]
            /\ queue' = <<>>
       ELSE UNCHANGED <<queue, discarded>>
    /\ UNCHANGED <<held, sent, received>>

\* The end is no deadlock: nothing more can be put, and everything was taken.
Terminated ==
    /\ queue = <<>> /\ \A c \in Consumers : held[c] = Nothing
    /\ shut \/ (Shutdown = "never" /\ \A p \in Producers : PutsEach \in sent[p])
    /\ UNCHANGED vars

Next ==
    \/ \E p \in Producers : Put(p)
    \/ \E c \in Consumers : Get(c) \/ Return(c) \/ GiveBack(c)
    \/ ShutDown
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

TypeOK ==
    /\ queue \in Seq(Items)
    /\ shut \in BOOLEAN
    /\ held \in [Consumers -> Items \cup {Nothing}]
    /\ sent \in [Producers -> SUBSET (1..PutsEach)]
    /\ received \in [Producers -> SUBSET (1..PutsEach)]
    /\ discarded \in [Producers -> SUBSET (1..PutsEach)]

\* Memory stays bounded: a slow consumer slows the producers down. Each get that is
\* interrupted may add one, which goes before all others.
BoundedSize == Len(queue) <= Capacity + Cardinality(Consumers \cap Interruptible)

Held(p) == {held[c][2] : c \in {d \in Consumers : held[d] # Nothing /\ held[d][1] = p}}

\* Every item that was put is in the queue, or was taken, or was discarded.
NothingLost ==
    \A p \in Producers : sent[p] \subseteq Numbers(p, queue) \cup Held(p) \cup received[p] \cup discarded[p]

\* It is at one place only, and once, and it was put.
NothingTwice ==
    /\ \A i, j \in 1..Len(queue) : i # j => queue[i] # queue[j]
    /\ \A c, d \in Consumers : c # d /\ held[c] # Nothing => held[c] # held[d]
    /\ \A p \in Producers :
        /\ Numbers(p, queue) \cup Held(p) \cup received[p] \cup discarded[p] \subseteq sent[p]
        /\ Numbers(p, queue) \cap (Held(p) \cup received[p] \cup discarded[p]) = {}
        /\ Held(p) \cap (received[p] \cup discarded[p]) = {}
        /\ received[p] \cap discarded[p] = {}

\* In what waits, the oldest item of each producer is in front, and what was taken is older.
OldestInFront ==
    /\ \A i \in 1..Len(queue) : \A n \in received[queue[i][1]] \cup Held(queue[i][1]) : n < queue[i][2]
    /\ \A i, j \in 1..Len(queue) : i < j /\ queue[i][1] = queue[j][1] => queue[i][2] < queue[j][2]

\* The items of one producer are taken in the order in which it put them, while no get is
\* interrupted. (The order between producers is in Get and Put, and so in every refinement.)
Fifo == Consumers \cap Interruptible = {} => OldestInFront
=============================================================================
