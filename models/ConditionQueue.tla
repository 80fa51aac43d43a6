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
(*   acquire    takes the lock, on entry of put, get or shutdown              *)
(*   park       frees the lock in order to wait; t is on the wait list already*)
(*   parked     blocked on its own waiter lock                                *)
(*   woken      a notify has freed that waiter lock                           *)
(*   reacquire  takes the lock at the end of the wait, after a notify         *)
(*   timedOut   the same after a timeout; STILL LISTED, unless notified since *)
(*   notify     frees the waiter lock of the first in calls                   *)
(*   release    frees the lock; the call has succeeded                        *)
(*   giveUp     frees the lock; it raises Full, Empty or ShutDown             *)
(*   drop       frees the lock after an exception from outside (see Interrupt)*)
(*   recover    takes the lock, to set right what an interrupted call began   *)
(*   serve      as notify, in the course of that                              *)
(*   raise      frees the lock; what interrupted the call goes to its caller  *)
(*                                                                            *)
(* A notify with nobody waiting touches no lock, so it is no step. "Is        *)
(* anybody waiting?" is decided along with append or pop, one step before the *)
(* notify: that rests on WaitListsChangeUnderLock, which is checked.          *)
(*                                                                            *)
(* Left out: task_done and join (see UnfinishedTasks), how threads end (see   *)
(* Pipeline), clock values (a deadline may pass at any moment of a timed wait;*)
(* one that passes before t is parked counts when t is woken), a second       *)
(* exception while one is dealt with, an exception in shutdown, hooks of      *)
(* subclasses, several items in one step, weak memory.                        *)
(*                                                                            *)
(* To see it fail: in MayGoAfterWaiting, write TRUE for MayGo(t). NoUnderflow *)
(* is violated: a woken consumer takes from an empty queue.                   *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Producers, Consumers, Capacity,
    PutsEach,       \* how many puts each producer attempts
    GetsEach,       \* how many gets each consumer attempts
    Timed,          \* the tasks whose waits have a timeout
    Impatient,      \* the tasks that never wait: block=False
    Retry,          \* after Full or Empty: TRUE tries again, FALSE goes on to the next attempt
    Interruptible,  \* the tasks that an exception from outside may come to, once in an attempt
    Shutdown,       \* "never"; or how one more task, the closer, does it: "gently", "immediately"
    History         \* whether sent, received and discarded are kept: only properties need them

ASSUME
    /\ Capacity > 0 /\ Producers \cap Consumers = {}
    /\ Timed \cup Impatient \cup Interruptible \subseteq Producers \cup Consumers

VARIABLES
    pc,          \* pc[t]: the operation that task t does next
    lock,        \* the task that holds the lock, or Free
    waiters,     \* waiters[condition]: the tasks on its wait list, the longest waiting first
    calls,       \* the tasks that the holder of the lock is about to notify, in this order
    late,        \* late[t]: the deadline of the wait that t is in has passed
    todo,        \* todo[t]: attempts that t has not finished
    queue, shut, held, sent, received, discarded          \* as in BoundedFifo

vars == <<pc, lock, waiters, calls, late, todo, queue, shut, held, sent, received, discarded>>

Tasks == Producers \cup Consumers \cup IF Shutdown = "never" THEN {} ELSE {"closer"}
Free == "free"
NotFull == "notFull"
NotEmpty == "notEmpty"
Conditions == {NotFull, NotEmpty}

Abstract == INSTANCE BoundedFifo                \* its variables are those of the same names

Nothing == Abstract!Nothing
Waits(t)    == IF t \in Producers THEN NotFull ELSE NotEmpty   \* the condition t waits for
Notifies(t) == IF t \in Producers THEN NotEmpty ELSE NotFull   \* the condition t makes true
Item(p) == <<p, PutsEach - todo[p] + 1>>                       \* what p tries to put

Init ==
    /\ pc = [t \in Tasks |-> "acquire"]
    /\ lock = Free
    /\ waiters = [condition \in Conditions |-> <<>>]
    /\ calls = <<>>
    /\ late = [t \in Tasks |-> FALSE]
    /\ todo = [t \in Tasks |-> CASE t \in Producers -> PutsEach [] t \in Consumers -> GetsEach [] OTHER -> 1]
    /\ queue = <<>> /\ shut = FALSE /\ held = [c \in Consumers |-> Nothing]
    /\ sent = [p \in Producers |-> {}] /\ received = sent /\ discarded = sent

-----------------------------------------------------------------------------
(* The local code between two operations. Whoever runs it holds the lock.        *)

MayGo(t) == IF t \in Producers THEN Len(queue) < Capacity ELSE queue # <<>>
MayGoAfterWaiting(t) == MayGo(t)                \* to see it fail: TRUE
Refuses(t) == shut /\ (t \in Producers \/ queue = <<>>)        \* what put and get raise ShutDown for
First(n, list) == SubSeq(list, 1, IF n < Len(list) THEN n ELSE Len(list))
Without(list, t) == SelectSeq(list, LAMBDA u : u # t)
ToNotify(t) == First(1, waiters[Notifies(t)])   \* whom put and get notify: the longest waiting
GoTo(t, operation) == pc' = [pc EXCEPT ![t] = operation]
Note(numbers, item) == IF History THEN Abstract!With(numbers, item) ELSE numbers

\* t has the lock, and its call succeeds; whom it is to notify it notifies next.
Call(t, tasks) == calls' = tasks /\ GoTo(t, IF tasks = <<>> THEN "release" ELSE "notify")

AppendItem(p) ==
    /\ queue' = Append(queue, Item(p))
    /\ sent' = Note(sent, Item(p))
    /\ UNCHANGED <<held, received>>

PopItem(c) ==
    /\ queue' = Tail(queue)
    /\ IF c \in Interruptible
       THEN held' = [held EXCEPT ![c] = Head(queue)] /\ UNCHANGED received
       ELSE received' = Note(received, Head(queue)) /\ UNCHANGED held
    /\ UNCHANGED sent

\* t has the lock and goes on: it appends or pops, then notifies. A pop from an
\* empty queue raises IndexError, which NoUnderflow excludes.
GoOn(t) ==
    IF t \in Consumers /\ queue = <<>>
    THEN GoTo(t, "underflow") /\ UNCHANGED <<calls, queue, held, sent, received>>
    ELSE /\ IF t \in Producers THEN AppendItem(t) ELSE PopItem(t)
         /\ Call(t, ToNotify(t))

\* t has the lock, and must wait or, when its deadline has passed, give up.
MayWait(t) == ~late[t] /\ t \notin Impatient /\ ~Refuses(t)
StayOut(t) ==
    /\ GoTo(t, IF MayWait(t) THEN "park" ELSE "giveUp")
    /\ UNCHANGED <<calls, queue, held, sent, received>>

\* The wait list of t without t; t at its end if it is to wait (again).
Relist(t, waits) ==
    LET others == Without(waiters[Waits(t)], t) IN
        waiters' = [waiters EXCEPT ![Waits(t)] = IF waits THEN Append(others, t) ELSE others]

\* What t does once it has the lock, if the test in put or get came out as mayGo.
Look(t, mayGo) ==
    LET goes == mayGo /\ ~Refuses(t) IN
    /\ IF goes THEN GoOn(t) ELSE StayOut(t)
    /\ Relist(t, ~goes /\ MayWait(t))
    /\ late' = [late EXCEPT ![t] = FALSE]
    /\ UNCHANGED <<todo, shut, discarded>>

\* What the closer does: all who wait are to look again.
ToCallAtTheEnd == waiters[NotEmpty] \o waiters[NotFull]
Close(t) ==
    /\ shut' = TRUE
    /\ IF Shutdown = "immediately"
       THEN /\ discarded' = IF History
                            THEN [p \in Producers |-> discarded[p] \cup Abstract!Numbers(p, queue)]
                            ELSE discarded
            /\ queue' = <<>>
       ELSE UNCHANGED <<queue, discarded>>
    /\ Call(t, ToCallAtTheEnd)
    /\ UNCHANGED <<waiters, late, todo, held, sent, received>>

-----------------------------------------------------------------------------
(* The operations *)

Acquire(t) ==
    /\ pc[t] = "acquire" /\ lock = Free
    /\ lock' = t
    /\ IF t = "closer" THEN Close(t) ELSE Look(t, MayGo(t))

Park(t) ==
    /\ pc[t] = "park"
    /\ lock' = Free
    /\ GoTo(t, "parked")
    /\ UNCHANGED <<waiters, calls, late, todo, queue, shut, held, sent, received, discarded>>

Wake(t) ==
    /\ pc[t] = "woken"
    /\ GoTo(t, "reacquire")
    /\ UNCHANGED <<lock, waiters, calls, late, todo, queue, shut, held, sent, received, discarded>>

\* The deadline passes while t is parked. It has no lock, so it cannot leave the list.
Timeout(t) ==
    /\ pc[t] = "parked" /\ t \in Timed
    /\ GoTo(t, "timedOut")
    /\ late' = [late EXCEPT ![t] = TRUE]
    /\ UNCHANGED <<lock, waiters, calls, todo, queue, shut, held, sent, received, discarded>>

\* The deadline passes after the notify: notified, yet late.
Expire(t) ==
    /\ pc[t] \in {"woken", "reacquire"} /\ t \in Timed /\ ~late[t]
    /\ late' = [late EXCEPT ![t] = TRUE]
    /\ UNCHANGED <<pc, lock, waiters, calls, todo, queue, shut, held, sent, received, discarded>>

LockIsFreeAgain == lock = Free
Reacquire(t) ==
    /\ pc[t] \in {"reacquire", "timedOut"} /\ LockIsFreeAgain
    /\ lock' = t
    /\ Look(t, MayGoAfterWaiting(t))

\* The first in calls is taken off its list and woken. If it has timed out, or was
\* interrupted, being off the list is all that it will notice. t goes on to after when it
\* has nobody more to notify.
NotifyFirst(t, after) ==
    LET called == Head(calls)
        woken == [pc EXCEPT ![called] = IF @ = "parked" THEN "woken" ELSE @]
    IN
    /\ pc' = [woken EXCEPT ![t] = IF Tail(calls) = <<>> THEN after ELSE @]
    /\ waiters' = [waiters EXCEPT ![Waits(called)] = Without(@, called)]
    /\ calls' = Tail(calls)
    /\ UNCHANGED <<lock, late, todo, queue, shut, held, sent, received, discarded>>

Notify(t) ==
    \/ pc[t] = "notify" /\ NotifyFirst(t, "release")
    \/ pc[t] = "serve" /\ NotifyFirst(t, "raise")

\* t frees the lock, and its call is over; so many attempts are left to it.
Leave(t, left) ==
    /\ lock' = Free
    /\ todo' = [todo EXCEPT ![t] = left]
    /\ GoTo(t, IF left = 0 THEN "done" ELSE "acquire")
    /\ UNCHANGED <<waiters, calls, late, queue, shut, sent, discarded>>

Return(t) ==
    IF t \in Consumers \cap Interruptible
    THEN held' = [held EXCEPT ![t] = Nothing] /\ received' = Note(received, held[t])
    ELSE UNCHANGED <<held, received>>

Release(t) == pc[t] = "release" /\ Leave(t, todo[t] - 1) /\ Return(t)

\* After ShutDown a task makes no more attempts.
GiveUp(t) ==
    /\ pc[t] = "giveUp"
    /\ Leave(t, IF shut THEN 0 ELSE IF Retry THEN todo[t] ELSE todo[t] - 1)
    /\ UNCHANGED <<held, received>>

\* An exception from outside comes where t waits for a lock or has just freed one: no
\* interpreter delivers it in between. Whoever t was notifying is notified first.
Interrupt(t) ==
    /\ t \in Interruptible
    /\ \/ /\ pc[t] \in {"acquire", "parked", "woken", "reacquire", "timedOut"}
          /\ GoTo(t, "recover")
          /\ late' = [late EXCEPT ![t] = FALSE]
          /\ UNCHANGED <<lock, waiters, calls, todo, queue, shut, held, sent, received, discarded>>
       \/ /\ pc[t] \in {"park", "release", "giveUp"}
          /\ lock' = Free
          /\ GoTo(t, "recover")
          /\ UNCHANGED <<waiters, calls, late, todo, queue, shut, held, sent, received, discarded>>
       \/ pc[t] = "notify" /\ NotifyFirst(t, "drop")

Drop(t) ==
    /\ pc[t] = "drop"
    /\ lock' = Free
    /\ GoTo(t, "recover")
    /\ UNCHANGED <<waiters, calls, late, todo, queue, shut, held, sent, received, discarded>>

\* t waits no more, its item goes back to the head, and all who could go on are notified:
\* one of them may have relied on t.
GivesBack(t) == t \in Consumers /\ held[t] # Nothing
PutBack(item, items) == <<item>> \o items
ToServe(items, lists) ==
    LET room == IF Len(items) < Capacity THEN Capacity - Len(items) ELSE 0 IN
    First(Len(items), lists[NotEmpty]) \o First(room, lists[NotFull])

Recover(t) ==
    /\ pc[t] = "recover" /\ lock = Free
    /\ lock' = t
    /\ Relist(t, FALSE)
    /\ queue' = IF GivesBack(t) THEN PutBack(held[t], queue) ELSE queue
    /\ held' = IF t \in Consumers THEN [held EXCEPT ![t] = Nothing] ELSE held
    /\ calls' = ToServe(queue', waiters')
    /\ GoTo(t, IF calls' = <<>> THEN "raise" ELSE "serve")
    /\ UNCHANGED <<late, todo, shut, sent, received, discarded>>

Raise(t) == pc[t] = "raise" /\ Leave(t, todo[t] - 1) /\ UNCHANGED <<held, received>>

\* The end is no deadlock.
Terminated == (\A t \in Tasks : pc[t] = "done") /\ UNCHANGED vars

Next ==
    \/ \E t \in Tasks :
        \/ Acquire(t) \/ Park(t) \/ Wake(t) \/ Timeout(t) \/ Expire(t)
        \/ Reacquire(t) \/ Notify(t) \/ Release(t) \/ GiveUp(t)
        \/ Interrupt(t) \/ Drop(t) \/ Recover(t) \/ Raise(t)
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

\* Whoever sees only the items cannot tell this queue from BoundedFifo: it starts as one
\* (by Init), and each step is a step of it, or changes nothing.
RefinesBoundedFifo == [][Abstract!Next]_(Abstract!vars)

BoundedSize == Abstract!BoundedSize
NothingLost == Abstract!NothingLost
NothingTwice == Abstract!NothingTwice
Fifo == Abstract!Fifo

Holding == {"park", "notify", "release", "giveUp", "drop", "serve", "raise", "underflow"}
Positions == Holding \cup {"acquire", "parked", "woken", "reacquire", "timedOut", "recover", "done"}
At(t, positions) == pc[t] \in positions

TypeOK ==
    /\ Abstract!TypeOK
    /\ pc \in [Tasks -> Positions]
    /\ lock \in Tasks \cup {Free}
    /\ waiters \in [Conditions -> Seq(Tasks)]
    /\ calls \in Seq(Tasks)
    /\ late \in [Tasks -> BOOLEAN]
    /\ \A t \in Tasks : todo[t] \in 0..(IF t \in Producers THEN PutsEach ELSE IF t \in Consumers THEN GetsEach ELSE 1)

\* No two threads are inside the queue at once.
MutualExclusion == \A t \in Tasks : At(t, Holding) <=> lock = t

\* No get takes from an empty queue (IndexError in Python).
NoUnderflow == \A t \in Tasks : ~At(t, {"underflow"})

\* Who is parked can be found by a notify, and nobody else can but those who have been late
\* or interrupted, and have not had the lock since to leave the list.
ParkedAreListed ==
    \A t \in Tasks \ {"closer"} :
        LET listed == \E i \in 1..Len(waiters[Waits(t)]) : waiters[Waits(t)][i] = t IN
            /\ At(t, {"park", "parked"}) => listed
            /\ listed => At(t, {"park", "parked", "timedOut", "recover"})

\* No thread sleeps on while there is something for it to do that nobody else has
\* been sent for: while a consumer is parked, for each item in the queue a consumer
\* is on its way to it, or is about to be notified; and so for producers and room.
\* Whoever is about to recover notifies all that could go on.
NoLostWakeup ==
    LET Parked(group)   == \E t \in group : At(t, {"parked"})
        OnTheWay(group) == Cardinality({t \in group : At(t, {"woken", "reacquire", "timedOut"})})
        Called(group)   == Len(SelectSeq(calls, LAMBDA t : t \in group))
        Recovering      == \E t \in Tasks : At(t, {"drop", "recover"})
    IN  ~Recovering =>
        /\ Parked(Consumers) => Len(queue) <= OnTheWay(Consumers) + Called(Consumers)
        /\ Parked(Producers) /\ ~shut => Capacity <= Len(queue) + OnTheWay(Producers) + Called(Producers)

\* After a shutdown nobody sleeps on whose call would be refused.
ShutdownWakesAll ==
    shut /\ calls = <<>> => \A t \in Producers \cup Consumers : ~At(t, {"parked"})

\* A wait list changes only in a step of the task that has the lock.
WaitListsChangeUnderLock ==
    [][waiters' # waiters =>
        \E t \in Tasks : lock' = t /\ lock \in {t, Free}]_vars
=============================================================================
