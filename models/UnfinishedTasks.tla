--------------------------- MODULE UnfinishedTasks ---------------------------
(* task_done and join of both queues: a count of unfinished items, and threads    *)
(* that wait until it is zero. The same lock protects it as all else in the       *)
(* queue, so put and get appear here only by what they do to the count.           *)
(*                                                                                *)
(*   task_done:  with lock:                     join:  with lock:                 *)
(*                   unfinished -= 1                      while unfinished:       *)
(*                   if it is zero: notify all                wait                *)
(*                                                                                *)
(* Modelled: one action is ONE operation on a lock and the local code up to the   *)
(* next one, as in ConditionQueue; the same positions mean the same. Putters put  *)
(* an item (there is room), finishers call task_done (get has no part in the      *)
(* count, so nobody gets), joiners join, with a timeout or without, and the       *)
(* closer shuts the queue down at once: what is in it counts as done.             *)
(* HandsOver says which design it is: in ThreadSafeQueue a woken joiner takes the *)
(* lock and looks again; in HandoffQueue it was told, and goes.                   *)
(*                                                                                *)
(*   complain   frees the lock; task_done raises ValueError: called too often     *)
(*   again      notifies the rest, after an exception from outside in task_done   *)
(*              or shutdown: those who wait for zero are all woken all the same   *)
(*                                                                                *)
(* Left out: how put and get wait (see ConditionQueue and HandoffQueue), clock    *)
(* values, a second exception while one is dealt with, weak memory.               *)
(*                                                                                *)
(* To see it fail: in Finish, write FALSE for left = 0. Nobody is woken, and      *)
(* NoJoinSleepsOn is violated.                                                    *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Putters, Finishers, Joiners,
    PutsEach,       \* how many items each putter puts
    DonesEach,      \* how often each finisher calls task_done
    JoinsEach,      \* how often each joiner joins
    Timed,          \* the joiners with a timeout
    Interruptible,  \* the tasks that an exception from outside may come to, once in an attempt
    Shutdown,       \* "never" or "immediately"
    HandsOver       \* whether a woken joiner goes without looking again

ASSUME Shutdown \in {"never", "immediately"} /\ Timed \subseteq Joiners

VARIABLES
    pc,          \* pc[t]: the operation that task t does next
    lock,        \* the task that holds the lock, or Free
    waiters,     \* the joiners on the wait list, the longest waiting first
    calls,       \* those that the holder of the lock is about to wake, in this order
    told,        \* told[j]: HandoffQueue: joiner j was taken off the list and may go
    late,        \* late[j]: the deadline of the wait that j is in has passed
    todo,        \* todo[t]: attempts that t has not finished
    unfinished,  \* items put for which nobody has called task_done yet
    size,        \* items in the queue
    shut         \* whether the queue was shut down

vars == <<pc, lock, waiters, calls, told, late, todo, unfinished, size, shut>>

Tasks == Putters \cup Finishers \cup Joiners \cup IF Shutdown = "never" THEN {} ELSE {"closer"}
Free == "free"

Init ==
    /\ pc = [t \in Tasks |-> "acquire"]
    /\ lock = Free
    /\ waiters = <<>> /\ calls = <<>>
    /\ told = [j \in Joiners |-> FALSE]
    /\ late = [j \in Joiners |-> FALSE]
    /\ todo = [t \in Tasks |-> CASE t \in Putters -> PutsEach [] t \in Finishers -> DonesEach
                                 [] t \in Joiners -> JoinsEach [] OTHER -> 1]
    /\ unfinished = 0 /\ size = 0 /\ shut = FALSE

-----------------------------------------------------------------------------
(* The local code between two operations. Whoever runs it holds the lock.        *)

GoTo(t, operation) == pc' = [pc EXCEPT ![t] = operation]
Without(list, t) == SelectSeq(list, LAMBDA u : u # t)

\* t wakes all who wait, if it has to; the first of them next.
WakeAll(t, needed) ==
    IF needed /\ waiters # <<>>
    THEN /\ calls' = waiters
         /\ told' = IF HandsOver THEN [told EXCEPT ![Head(waiters)] = TRUE] ELSE told
         /\ GoTo(t, "notify")
    ELSE GoTo(t, "release") /\ UNCHANGED <<calls, told>>

Count(p) ==
    /\ IF shut THEN GoTo(p, "giveUp") /\ UNCHANGED <<unfinished, size>>
       ELSE unfinished' = unfinished + 1 /\ size' = size + 1 /\ GoTo(p, "release")
    /\ UNCHANGED <<waiters, calls, told, late, shut>>

\* f has the lock, and one item less is unfinished; or it complains that there is none.
Finish(f) ==
    LET left == unfinished - 1 IN
    /\ IF unfinished = 0
       THEN GoTo(f, "complain") /\ UNCHANGED <<unfinished, calls, told>>
       ELSE unfinished' = left /\ WakeAll(f, left = 0)         \* to see it fail: FALSE
    /\ UNCHANGED <<waiters, late, size, shut>>

\* j has the lock, and looks whether all is done.
MayReturn(j) == unfinished = 0
Look(j) ==
    /\ GoTo(j, IF MayReturn(j) THEN "release" ELSE IF late[j] THEN "giveUp" ELSE "park")
    /\ waiters' = IF pc'[j] = "park" THEN Append(Without(waiters, j), j) ELSE Without(waiters, j)
    /\ late' = [late EXCEPT ![j] = FALSE]
    /\ UNCHANGED <<calls, told, unfinished, size, shut>>

\* HandoffQueue: j is late; it was told, or it gives up.
LookIfTold(j) ==
    /\ GoTo(j, IF told[j] THEN "release" ELSE "giveUp")
    /\ waiters' = Without(waiters, j)
    /\ late' = [late EXCEPT ![j] = FALSE]
    /\ UNCHANGED <<calls, told, unfinished, size, shut>>

\* What is in the queue counts as done. ThreadSafeQueue lets all look again.
Close(t) ==
    /\ shut' = TRUE
    /\ unfinished' = IF unfinished > size THEN unfinished - size ELSE 0
    /\ size' = 0
    /\ WakeAll(t, ~HandsOver \/ unfinished' = 0)
    /\ UNCHANGED <<waiters, late>>

-----------------------------------------------------------------------------
(* The operations *)

Acquire(t) ==
    /\ pc[t] = "acquire" /\ lock = Free
    /\ lock' = t
    /\ CASE t \in Putters -> Count(t) [] t \in Finishers -> Finish(t)
         [] t \in Joiners -> Look(t) [] OTHER -> Close(t)
    /\ UNCHANGED todo

Park(t) ==
    /\ pc[t] = "park"
    /\ lock' = Free
    /\ GoTo(t, "parked")
    /\ UNCHANGED <<waiters, calls, told, late, todo, unfinished, size, shut>>

\* t frees the lock, if it has it, and its call is over; so many attempts are left to it.
Leave(t, left) ==
    /\ lock' = IF lock = t THEN Free ELSE lock
    /\ todo' = [todo EXCEPT ![t] = left]
    /\ GoTo(t, IF left = 0 THEN "done" ELSE "acquire")
    /\ told' = IF t \in Joiners THEN [told EXCEPT ![t] = FALSE] ELSE told
    /\ UNCHANGED <<waiters, calls, late, unfinished, size, shut>>

Wake(t) ==
    /\ pc[t] = "woken"
    /\ IF HandsOver
       THEN Leave(t, todo[t] - 1)
       ELSE /\ GoTo(t, "reacquire")
            /\ UNCHANGED <<lock, waiters, calls, told, late, todo, unfinished, size, shut>>

Timeout(t) ==
    /\ pc[t] = "parked" /\ t \in Timed
    /\ GoTo(t, "timedOut")
    /\ late' = [late EXCEPT ![t] = TRUE]
    /\ UNCHANGED <<lock, waiters, calls, told, todo, unfinished, size, shut>>

Expire(t) ==
    /\ ~HandsOver                               \* there nobody looks
    /\ pc[t] \in {"woken", "reacquire"} /\ t \in Timed /\ ~late[t]
    /\ late' = [late EXCEPT ![t] = TRUE]
    /\ UNCHANGED <<pc, lock, waiters, calls, told, todo, unfinished, size, shut>>

Reacquire(t) ==
    /\ pc[t] \in {"reacquire", "timedOut"} /\ lock = Free
    /\ lock' = t
    /\ IF HandsOver THEN LookIfTold(t) ELSE Look(t)
    /\ UNCHANGED todo

\* The first in calls is off the list, and is woken if it still sleeps.
NotifyFirst(t, more, after) ==
    LET called == Head(calls)
        woken  == [pc EXCEPT ![called] = IF @ = "parked" THEN "woken" ELSE @]
        rest   == Tail(calls)
    IN
    /\ pc' = [woken EXCEPT ![t] = IF rest = <<>> THEN after ELSE more]
    /\ waiters' = Without(waiters, called)
    /\ calls' = rest
    /\ told' = IF HandsOver /\ rest # <<>> THEN [told EXCEPT ![Head(rest)] = TRUE] ELSE told
    /\ UNCHANGED <<lock, late, todo, unfinished, size, shut>>

Notify(t) ==
    \/ pc[t] = "notify" /\ NotifyFirst(t, "notify", "release")
    \/ pc[t] = "again" /\ NotifyFirst(t, "again", "raise")

Release(t) == pc[t] = "release" /\ Leave(t, todo[t] - 1)
Complain(t) == pc[t] = "complain" /\ Leave(t, todo[t] - 1)
GiveUp(t) == pc[t] = "giveUp" /\ Leave(t, IF shut /\ t \in Putters THEN 0 ELSE todo[t] - 1)

\* A joiner has to leave the list; the others have nothing to set right but to wake the rest.
Interrupt(t) ==
    /\ t \in Interruptible
    /\ \/ /\ t \in Joiners /\ pc[t] \in {"acquire", "parked", "woken", "reacquire", "timedOut"}
          /\ GoTo(t, "recover")
          /\ late' = [late EXCEPT ![t] = FALSE]
          /\ UNCHANGED <<lock, waiters, calls, told, todo, unfinished, size, shut>>
       \/ /\ t \in Joiners /\ pc[t] \in {"park", "release", "giveUp"}
          /\ lock' = Free
          /\ GoTo(t, "recover")
          /\ UNCHANGED <<waiters, calls, told, late, todo, unfinished, size, shut>>
       \/ t \in Finishers \cup {"closer"} /\ pc[t] \in {"acquire", "release", "complain"} /\ Leave(t, todo[t] - 1)
       \/ t \in Finishers \cup {"closer"} /\ pc[t] = "notify" /\ NotifyFirst(t, "again", "raise")

\* A joiner is on no list any more.
Recover(t) ==
    /\ pc[t] = "recover" /\ lock = Free
    /\ lock' = t
    /\ waiters' = Without(waiters, t)
    /\ GoTo(t, "raise")
    /\ UNCHANGED <<calls, told, late, todo, unfinished, size, shut>>

Raise(t) == pc[t] = "raise" /\ Leave(t, todo[t] - 1)

\* The end is no deadlock; nor is it if joiners wait for what nobody will finish.
Terminated ==
    /\ \A t \in Tasks \ Joiners : pc[t] = "done"
    /\ \A j \in Joiners : pc[j] = "done" \/ (pc[j] = "parked" /\ unfinished > 0)
    /\ UNCHANGED vars

Next ==
    \/ \E t \in Tasks :
        \/ Acquire(t) \/ Park(t) \/ Wake(t) \/ Timeout(t) \/ Expire(t) \/ Reacquire(t)
        \/ Notify(t) \/ Release(t) \/ Complain(t) \/ GiveUp(t)
        \/ Interrupt(t) \/ Recover(t) \/ Raise(t)
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

Holding == {"park", "notify", "again", "release", "complain", "giveUp", "raise"}
Positions == Holding \cup {"acquire", "parked", "woken", "reacquire", "timedOut", "recover", "done"}
At(t, positions) == pc[t] \in positions
Listed(t) == \E i \in 1..Len(waiters) : waiters[i] = t

TypeOK ==
    /\ pc \in [Tasks -> Positions]
    /\ lock \in Tasks \cup {Free}
    /\ waiters \in Seq(Joiners) /\ calls \in Seq(Joiners)
    /\ told \in [Joiners -> BOOLEAN] /\ late \in [Joiners -> BOOLEAN]
    /\ \A t \in Tasks : todo[t] \in Nat
    /\ unfinished \in 0..(Cardinality(Putters) * PutsEach) /\ size \in Nat /\ shut \in BOOLEAN

\* No two threads are inside the queue at once.
MutualExclusion == \A t \in Tasks : At(t, Holding) <=> lock = t

\* Nobody sleeps in join when all is done, unless somebody is about to wake it.
NoJoinSleepsOn ==
    lock = Free /\ unfinished = 0 => \A j \in Joiners : ~At(j, {"parked"})

\* Who is parked can be found by a notify, or is about to be woken.
ParkedAreListed ==
    \A j \in Joiners :
        /\ At(j, {"park", "parked"}) => Listed(j)
        /\ Listed(j) => At(j, {"park", "parked", "timedOut", "recover"})

\* join returns only when there was a moment, since it was called, at which all was done.
JoinMeansDone ==
    [][\A j \in Joiners :
        /\ pc'[j] = "release" /\ pc[j] # "release" /\ ~told[j] => unfinished' = 0
        /\ told'[j] /\ ~told[j] => unfinished' = 0]_vars
=============================================================================
