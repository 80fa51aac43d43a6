--------------------------- MODULE ConditionQueue ---------------------------
(* The textbook bounded queue: one lock, and two conditions on it, as         *)
(* Python's threading.Lock and threading.Condition do it. It refines          *)
(* BoundedFifo.                                                               *)
(*                                                                            *)
(*   put:  with lock:                        get:  with lock:                 *)
(*             while full:                             while empty:           *)
(*                 notFull.wait()                          notEmpty.wait()    *)
(*             append the item                         pop an item            *)
(*             notEmpty.notify()                       notFull.notify()       *)
(*                                                                            *)
(* Modelled: one action is ONE operation on a lock and the local code up to   *)
(* the next one. pc[t] names the operation that task t does next:             *)
(*                                                                            *)
(*   acquire    takes the lock, on entry of put or get                        *)
(*   park       frees the lock inside wait; t is on the wait list already     *)
(*   parked     blocked on its own waiter lock                                *)
(*   woken      a notify has freed that waiter lock                           *)
(*   reacquire  takes the lock at the end of wait, after a notify             *)
(*   timedOut   the same after a timeout; STILL LISTED, unless notified since *)
(*   notify     frees the waiter lock at the head of the other wait list      *)
(*   release    frees the lock; put or get has succeeded                      *)
(*   giveUp     frees the lock; put or get raises Full or Empty               *)
(*                                                                            *)
(* A notify with nobody waiting touches no lock, so it is no step. "Is        *)
(* anybody waiting?" is decided along with append or pop, one step before the *)
(* notify: that rests on WaitListsChangeUnderLock, which is checked.          *)
(*                                                                            *)
(* Left out: calls that never block, shutdown, task_done and join, how        *)
(* threads end (see Pipeline), clock values (a deadline may pass at any       *)
(* moment of a timed wait), asynchronous exceptions, weak memory.             *)
(*                                                                            *)
(* To see it fail: in MayGoAfterWaiting, write TRUE for MayGo(t). NoUnderflow *)
(* is violated: a woken consumer takes from an empty queue.                   *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Producers, Consumers, Capacity,
    PutsEach,    \* how many puts each producer attempts
    GetsEach,    \* how many gets each consumer attempts
    Timed,       \* the tasks whose waits have a timeout
    Retry        \* after Full or Empty: TRUE tries again, FALSE goes on to the next attempt

ASSUME Capacity > 0 /\ Producers \cap Consumers = {} /\ Timed \subseteq Producers \cup Consumers

VARIABLES
    pc,          \* pc[t]: the operation that task t does next
    lock,        \* the task that holds the lock, or Free
    waiters,     \* waiters[condition]: the tasks on its wait list, the longest waiting first
    late,        \* late[t]: the deadline of the wait that t is in has passed
    todo,        \* todo[t]: attempts that t has not finished
    queue, sent, received                       \* as in BoundedFifo

vars == <<pc, lock, waiters, late, todo, queue, sent, received>>

Abstract == INSTANCE BoundedFifo                \* its queue, sent, received are those above

Tasks == Producers \cup Consumers
Free == "free"
NotFull == "notFull"
NotEmpty == "notEmpty"

Waits(t)    == IF t \in Producers THEN NotFull ELSE NotEmpty   \* the condition t waits for
Notifies(t) == IF t \in Producers THEN NotEmpty ELSE NotFull   \* the condition t makes true

Init ==
    /\ pc = [t \in Tasks |-> "acquire"]
    /\ lock = Free
    /\ waiters = [condition \in {NotFull, NotEmpty} |-> <<>>]
    /\ late = [t \in Tasks |-> FALSE]
    /\ todo = [t \in Tasks |-> IF t \in Producers THEN PutsEach ELSE GetsEach]
    /\ Abstract!Init

-----------------------------------------------------------------------------
(* The local code between two operations. Whoever runs it holds the lock.        *)

MayGo(t) == IF t \in Producers THEN Len(queue) < Capacity ELSE queue # <<>>
MayGoAfterWaiting(t) == MayGo(t)                \* to see it fail: TRUE
SomebodyToNotify(t) == waiters[Notifies(t)] # <<>>
GoTo(t, operation) == pc' = [pc EXCEPT ![t] = operation]

AppendItem(p) ==
    /\ queue' = Append(queue, <<p, sent[p] + 1>>)
    /\ sent' = [sent EXCEPT ![p] = @ + 1]
    /\ UNCHANGED received

PopItem ==
    /\ LET item == Head(queue) IN received' = [received EXCEPT ![item[1]] = item[2]]
    /\ queue' = Tail(queue)
    /\ UNCHANGED sent

\* t has the lock and goes on: it appends or pops, then notifies. A pop from an
\* empty queue raises IndexError, which NoUnderflow excludes.
GoOn(t) ==
    IF t \in Consumers /\ queue = <<>>
    THEN GoTo(t, "underflow") /\ UNCHANGED <<queue, sent, received>>
    ELSE /\ IF t \in Producers THEN AppendItem(t) ELSE PopItem
         /\ GoTo(t, IF SomebodyToNotify(t) THEN "notify" ELSE "release")

\* t has the lock, and must wait or, when its deadline has passed, give up.
StayOut(t) ==
    /\ GoTo(t, IF late[t] THEN "giveUp" ELSE "park")
    /\ UNCHANGED <<queue, sent, received>>

\* The wait list of t without t; t at its end if it is to wait (again).
Relist(t, waits) ==
    LET others == SelectSeq(waiters[Waits(t)], LAMBDA u : u # t) IN
        waiters' = [waiters EXCEPT ![Waits(t)] = IF waits THEN Append(others, t) ELSE others]

\* What t does once it has the lock, if the test in put or get came out as mayGo.
Look(t, mayGo) ==
    /\ IF mayGo THEN GoOn(t) ELSE StayOut(t)
    /\ Relist(t, ~mayGo /\ ~late[t])
    /\ late' = [late EXCEPT ![t] = FALSE]
    /\ UNCHANGED todo

-----------------------------------------------------------------------------
(* The operations *)

Acquire(t) ==
    /\ pc[t] = "acquire" /\ lock = Free
    /\ lock' = t
    /\ Look(t, MayGo(t))

Park(t) ==
    /\ pc[t] = "park"
    /\ lock' = Free
    /\ GoTo(t, "parked")
    /\ UNCHANGED <<waiters, late, todo, queue, sent, received>>

Wake(t) ==
    /\ pc[t] = "woken"
    /\ GoTo(t, "reacquire")
    /\ UNCHANGED <<lock, waiters, late, todo, queue, sent, received>>

\* The deadline passes while t is parked. It has no lock, so it cannot leave the list.
Timeout(t) ==
    /\ pc[t] = "parked" /\ t \in Timed
    /\ GoTo(t, "timedOut")
    /\ late' = [late EXCEPT ![t] = TRUE]
    /\ UNCHANGED <<lock, waiters, todo, queue, sent, received>>

\* The deadline passes after the notify: notified, yet late.
Expire(t) ==
    /\ pc[t] \in {"woken", "reacquire"} /\ t \in Timed /\ ~late[t]
    /\ late' = [late EXCEPT ![t] = TRUE]
    /\ UNCHANGED <<pc, lock, waiters, todo, queue, sent, received>>

Reacquire(t) ==
    /\ pc[t] \in {"reacquire", "timedOut"} /\ lock = Free
    /\ lock' = t
    /\ Look(t, MayGoAfterWaiting(t))

\* The head of the list is taken off. If it has timed out, that is all it will notice.
Notify(t) ==
    /\ pc[t] = "notify"
    /\ LET list == waiters[Notifies(t)] IN
        /\ pc' = [pc EXCEPT ![t] = "release",
                            ![Head(list)] = IF @ = "parked" THEN "woken" ELSE @]
        /\ waiters' = [waiters EXCEPT ![Notifies(t)] = Tail(list)]
    /\ UNCHANGED <<lock, late, todo, queue, sent, received>>

Leave(t, left) ==
    /\ lock' = Free
    /\ todo' = [todo EXCEPT ![t] = left]
    /\ GoTo(t, IF left = 0 THEN "done" ELSE "acquire")
    /\ UNCHANGED <<waiters, late, queue, sent, received>>

Release(t) == pc[t] = "release" /\ Leave(t, todo[t] - 1)
GiveUp(t)  == pc[t] = "giveUp" /\ Leave(t, IF Retry THEN todo[t] ELSE todo[t] - 1)

\* The end is no deadlock.
Terminated == (\A t \in Tasks : pc[t] = "done") /\ UNCHANGED vars

Next ==
    \/ \E t \in Tasks :
        \/ Acquire(t) \/ Park(t) \/ Wake(t) \/ Timeout(t) \/ Expire(t)
        \/ Reacquire(t) \/ Notify(t) \/ Release(t) \/ GiveUp(t)
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

\* Whoever sees only the items cannot tell this queue from BoundedFifo: it starts as one
\* (by Init), and each step is a put, a get, or changes nothing.
RefinesBoundedFifo == [][Abstract!Next]_(Abstract!vars)

BoundedSize == Abstract!BoundedSize
NothingLostNothingTwice == Abstract!NothingLostNothingTwice
Fifo == Abstract!Fifo

Holding == {"park", "notify", "release", "giveUp", "underflow"}
Positions == Holding \cup {"acquire", "parked", "woken", "reacquire", "timedOut", "done"}
At(t, positions) == pc[t] \in positions

TypeOK ==
    /\ Abstract!TypeOK
    /\ pc \in [Tasks -> Positions]
    /\ lock \in Tasks \cup {Free}
    /\ waiters \in [{NotFull, NotEmpty} -> Seq(Tasks)]
    /\ late \in [Tasks -> BOOLEAN]
    /\ \A t \in Tasks : todo[t] \in 0..(IF t \in Producers THEN PutsEach ELSE GetsEach)

\* No two threads are inside the queue at once.
MutualExclusion == \A t \in Tasks : At(t, Holding) <=> lock = t

\* No get takes from an empty queue (IndexError in Python).
NoUnderflow == \A t \in Tasks : ~At(t, {"underflow"})

\* No thread sleeps on while there is something for it to do that nobody else has
\* been sent for: while a consumer is parked, for each item in the queue a consumer
\* is on its way to it or a producer is about to notify; and so for producers and room.
NoLostWakeup ==
    LET Parked(group)   == \E t \in group : At(t, {"parked"})
        OnTheWay(group) == Cardinality({t \in group : At(t, {"woken", "reacquire", "timedOut"})})
        Notifying(group) == Cardinality({t \in group : At(t, {"notify"})})
    IN  /\ Parked(Consumers) => Len(queue) <= OnTheWay(Consumers) + Notifying(Producers)
        /\ Parked(Producers) => Capacity - Len(queue) <= OnTheWay(Producers) + Notifying(Consumers)

\* A wait list changes only in a step of the task that has the lock.
WaitListsChangeUnderLock ==
    [][waiters' # waiters =>
        \E t \in Tasks : lock' = t /\ lock \in {t, Free} /\ pc'[t] # pc[t]]_vars
=============================================================================
