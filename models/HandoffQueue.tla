---------------------------- MODULE HandoffQueue ----------------------------
(* A bounded queue that hands each item, and each free place, to whoever waits   *)
(* longest. It has one lock, and each thread that waits sleeps on a lock of its  *)
(* own, its gate. It refines BoundedFifo.                                        *)
(*                                                                               *)
(*   put:  with lock:                          get:  with lock:                  *)
(*             a getter waits: give it the item          an item: take it; let   *)
(*             room: append the item                         the first putter in *)
(*             else: enlist                              else: enlist            *)
(*         sleep at the gate                         sleep at the gate           *)
(*                                                                               *)
(* Modelled: one action is ONE operation on a lock and the local code up to the  *)
(* next one. pc[t] names the operation that task t does next:                    *)
(*                                                                               *)
(*   acquire    takes the lock, on entry of put, get or shutdown                 *)
(*   park       frees the lock in order to wait; t is on the wait list already   *)
(*   parked     blocked at its gate                                              *)
(*   woken      its gate is open: t takes what it was given, without the lock    *)
(*   timedOut   takes the lock after its deadline; STILL LISTED, unless served   *)
(*   notify     opens the gate of the one in calls, whom it has served           *)
(*   release    frees the lock; the call has succeeded                           *)
(*   giveUp     frees the lock; it raises Full, Empty or ShutDown                *)
(*   drop, recover, serve, raise        after an exception from outside, as in   *)
(*                                      ConditionQueue                           *)
(*                                                                               *)
(* Left out: task_done and join (see UnfinishedTasks), how threads end (see      *)
(* Pipeline), clock values (a deadline may pass at any moment at which t is      *)
(* parked), a second exception while one is dealt with, an exception in shutdown,*)
(* hooks of subclasses, several items in one step, weak memory.                  *)
(*                                                                               *)
(* To see it fail: in LetIn, write FALSE for the condition. NobodyWaitsInVain is *)
(* violated: a putter sleeps beside a free place.                                *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS                       \* as in ConditionQueue
    Producers, Consumers, Capacity, PutsEach, GetsEach, Timed, Impatient, Retry,
    Interruptible, Shutdown, History

ASSUME
    /\ Capacity > 0 /\ Producers \cap Consumers = {}
    /\ Timed \cup Impatient \cup Interruptible \subseteq Producers \cup Consumers

VARIABLES
    pc,          \* pc[t]: the operation that task t does next
    lock,        \* the task that holds the lock, or Free
    waiters,     \* waiters[what]: who waits for it and was not served, the longest waiting first
    calls,       \* the task that the holder of the lock has served and not woken yet: one, or none
    given,       \* given[t]: what t was given while it waited: an item, Room or End
    todo,        \* todo[t]: attempts that t has not finished
    queue, shut, held, sent, received, discarded          \* as in BoundedFifo

vars == <<pc, lock, waiters, calls, given, todo, queue, shut, held, sent, received, discarded>>

Tasks == Producers \cup Consumers \cup IF Shutdown = "never" THEN {} ELSE {"closer"}
Free == "free"
NotFull == "notFull"
NotEmpty == "notEmpty"
Nothing == <<>>
Room == <<"room">>
End == <<"end">>
IsItem(thing) == Len(thing) = 2

\* An item that is handed over is put in one step, and got in the next, which opens the
\* gate; and an item that is let in with a putter is put when that gate is opened.
Abstract == INSTANCE BoundedFifo WITH
    queue <- CASE calls = <<>> \/ given[Head(calls)] = End -> queue
               [] IsItem(given[Head(calls)])               -> <<given[Head(calls)]>> \o queue
               [] OTHER                                    -> SubSeq(queue, 1, Len(queue) - 1),
    held  <- [c \in Consumers |->
                IF c \in Interruptible /\ IsItem(given[c]) /\ calls # <<c>> THEN given[c] ELSE held[c]]

Waits(t) == IF t \in Producers THEN NotFull ELSE NotEmpty   \* what t waits for
Item(p)  == <<p, PutsEach - todo[p] + 1>>                   \* what p tries to put

Init ==
    /\ pc = [t \in Tasks |-> "acquire"]
    /\ lock = Free
    /\ waiters = [what \in {NotFull, NotEmpty} |-> <<>>]
    /\ calls = <<>>
    /\ given = [t \in Producers \cup Consumers |-> Nothing]
    /\ todo = [t \in Tasks |-> CASE t \in Producers -> PutsEach [] t \in Consumers -> GetsEach [] OTHER -> 1]
    /\ queue = <<>> /\ shut = FALSE /\ held = [c \in Consumers |-> Nothing]
    /\ sent = [p \in Producers |-> {}] /\ received = sent /\ discarded = sent

-----------------------------------------------------------------------------
(* The local code between two operations. Whoever runs it holds the lock.        *)

GoTo(t, operation) == pc' = [pc EXCEPT ![t] = operation]
Without(list, t) == SelectSeq(list, LAMBDA u : u # t)
Note(numbers, item) == IF History THEN Abstract!With(numbers, item) ELSE numbers

\* Take the first off the list and give it what it waits for; it is woken next.
Serve(what, thing) ==
    LET first == Head(waiters[what]) IN
    /\ calls' = <<first>>
    /\ given' = [given EXCEPT ![first] = thing]
    /\ waiters' = [waiters EXCEPT ![what] = Tail(@)]

ServeNobody == UNCHANGED <<calls, given, waiters>>

\* t cannot go on: it waits or, when it may not, gives up.
StayOut(t) ==
    LET waits == t \notin Impatient /\ ~shut IN
    /\ GoTo(t, IF waits THEN "park" ELSE "giveUp")
    /\ waiters' = IF waits THEN [waiters EXCEPT ![Waits(t)] = Append(@, t)] ELSE waiters
    /\ UNCHANGED <<calls, given, queue, held, sent, received>>

GetterWaits == waiters[NotEmpty] # <<>>
Put(p) ==
    IF shut \/ (~GetterWaits /\ Len(queue) >= Capacity)
    THEN StayOut(p)
    ELSE /\ sent' = Note(sent, Item(p))
         /\ IF GetterWaits
            THEN Serve(NotEmpty, Item(p)) /\ GoTo(p, "notify") /\ UNCHANGED queue
            ELSE queue' = Append(queue, Item(p)) /\ GoTo(p, "release") /\ ServeNobody
         /\ UNCHANGED <<held, received>>

\* Whether a putter is let in where one item was taken: then its item is in the queue already.
LetIn == waiters[NotFull] # <<>> /\ Len(queue) <= Capacity      \* to see it fail: FALSE
Get(c) ==
    IF queue = <<>>
    THEN StayOut(c)
    ELSE /\ IF c \in Interruptible
            THEN held' = [held EXCEPT ![c] = Head(queue)] /\ UNCHANGED received
            ELSE received' = Note(received, Head(queue)) /\ UNCHANGED held
         /\ IF LetIn
            THEN /\ Serve(NotFull, Room) /\ GoTo(c, "notify")
                 /\ queue' = Append(Tail(queue), Item(Head(waiters[NotFull])))
            ELSE queue' = Tail(queue) /\ GoTo(c, "release") /\ ServeNobody
         /\ UNCHANGED sent

\* Give all who wait the end, one after the other: getters, then putters.
GiveEnd(t) ==
    IF waiters[NotEmpty] \o waiters[NotFull] = <<>>
    THEN GoTo(t, "release") /\ calls' = <<>> /\ UNCHANGED <<given, waiters>>
    ELSE GoTo(t, "notify") /\ Serve(IF waiters[NotEmpty] # <<>> THEN NotEmpty ELSE NotFull, End)

Close(t) ==
    /\ shut' = TRUE
    /\ IF Shutdown = "immediately"
       THEN /\ discarded' = IF History
                            THEN [p \in Producers |-> discarded[p] \cup Abstract!Numbers(p, queue)]
                            ELSE discarded
            /\ queue' = <<>>
       ELSE UNCHANGED <<queue, discarded>>
    /\ GiveEnd(t)
    /\ UNCHANGED <<todo, held, sent, received>>

-----------------------------------------------------------------------------
(* The operations *)

Acquire(t) ==
    /\ pc[t] = "acquire" /\ lock = Free
    /\ lock' = t
    /\ IF t = "closer"
       THEN Close(t)
       ELSE (IF t \in Producers THEN Put(t) ELSE Get(t)) /\ UNCHANGED <<todo, shut, discarded>>

Park(t) ==
    /\ pc[t] = "park"
    /\ lock' = Free
    /\ GoTo(t, "parked")
    /\ UNCHANGED <<waiters, calls, given, todo, queue, shut, held, sent, received, discarded>>

Timeout(t) ==
    /\ pc[t] = "parked" /\ t \in Timed
    /\ GoTo(t, "timedOut")
    /\ UNCHANGED <<lock, waiters, calls, given, todo, queue, shut, held, sent, received, discarded>>

\* t is late, but may have been served since: then its call succeeds.
WasServed(t) == given[t] \notin {Nothing, End}
Reacquire(t) ==
    /\ pc[t] = "timedOut" /\ lock = Free
    /\ lock' = t
    /\ GoTo(t, IF WasServed(t) THEN "release" ELSE "giveUp")
    /\ waiters' = [waiters EXCEPT ![Waits(t)] = Without(@, t)]
    /\ UNCHANGED <<calls, given, todo, queue, shut, held, sent, received, discarded>>

\* t's call is over; so many attempts are left to it.
Finish(t, left) ==
    /\ todo' = [todo EXCEPT ![t] = left]
    /\ GoTo(t, IF left = 0 THEN "done" ELSE "acquire")
    /\ IF t = "closer" THEN UNCHANGED given ELSE given' = [given EXCEPT ![t] = Nothing]
    /\ UNCHANGED <<waiters, calls, queue, shut, sent, discarded>>

\* What a get has taken is its caller's from now on.
Return(t) ==
    IF t \in Consumers \cap Interruptible
    THEN /\ held' = [held EXCEPT ![t] = Nothing]
         /\ received' = Note(received, IF IsItem(given[t]) THEN given[t] ELSE held[t])
    ELSE UNCHANGED <<held, received>>

\* t goes on without the lock. After the end it makes no more attempts.
Wake(t) ==
    /\ pc[t] = "woken"
    /\ IF given[t] = End
       THEN Finish(t, 0) /\ UNCHANGED <<held, received>>
       ELSE Finish(t, todo[t] - 1) /\ Return(t)
    /\ UNCHANGED lock

Release(t) == pc[t] = "release" /\ lock' = Free /\ Finish(t, todo[t] - 1) /\ Return(t)

GiveUp(t) ==
    /\ pc[t] = "giveUp"
    /\ lock' = Free
    /\ Finish(t, IF shut THEN 0 ELSE IF Retry THEN todo[t] ELSE todo[t] - 1)
    /\ UNCHANGED <<held, received>>

\* The gate of the one in calls is opened, and what it was given is its own. If it has
\* timed out, or was interrupted, it will find that.
Woken == [pc EXCEPT ![Head(calls)] = IF @ = "parked" THEN "woken" ELSE @]
Delivered ==
    LET called == Head(calls) IN
    /\ sent' = IF given[called] = Room THEN Note(sent, Item(called)) ELSE sent
    /\ received' = IF IsItem(given[called]) /\ called \notin Interruptible
                   THEN Note(received, given[called])
                   ELSE received

\* After a shutdown has woken one, the next is given the end.
NotifyNext(t) ==
    LET what == IF waiters[NotEmpty] # <<>> THEN NotEmpty ELSE NotFull
        more == t = "closer" /\ waiters[what] # <<>>
    IN
    /\ IF more THEN Serve(what, End) ELSE calls' = <<>> /\ UNCHANGED <<given, waiters>>
    /\ pc' = [Woken EXCEPT ![t] = IF more THEN "notify" ELSE "release"]
    /\ UNCHANGED queue

\* Who recovers, with these in the queue and on the lists, serves one if it can.
ServeOne(t, positions, items, lists, things) ==
    LET getter == lists[NotEmpty] # <<>> /\ items # <<>>
        putter == lists[NotFull] # <<>> /\ Len(items) < Capacity
        what   == IF getter THEN NotEmpty ELSE NotFull
    IN
    IF getter \/ putter
    THEN /\ calls' = <<Head(lists[what])>>
         /\ given' = [things EXCEPT ![Head(lists[what])] = IF getter THEN Head(items) ELSE Room]
         /\ waiters' = [lists EXCEPT ![what] = Tail(@)]
         /\ queue' = IF getter THEN Tail(items) ELSE Append(items, Item(Head(lists[what])))
         /\ pc' = [positions EXCEPT ![t] = "serve"]
    ELSE /\ calls' = <<>> /\ given' = things /\ waiters' = lists /\ queue' = items
         /\ pc' = [positions EXCEPT ![t] = "raise"]

Notify(t) ==
    /\ \/ pc[t] = "notify" /\ NotifyNext(t)
       \/ pc[t] = "serve" /\ ServeOne(t, Woken, queue, waiters, given)
    /\ Delivered
    /\ UNCHANGED <<lock, todo, shut, held, discarded>>

\* An exception from outside comes where t waits for a lock or has just freed one: no
\* interpreter delivers it in between. Whoever t was waking is woken first.
Interrupt(t) ==
    /\ t \in Interruptible
    /\ \/ /\ pc[t] \in {"acquire", "parked", "woken", "timedOut"}
          /\ GoTo(t, "recover")
          /\ UNCHANGED <<lock, calls, sent, received>>
       \/ /\ pc[t] \in {"park", "release", "giveUp"}
          /\ lock' = Free
          /\ GoTo(t, "recover")
          /\ UNCHANGED <<calls, sent, received>>
       \/ /\ pc[t] = "notify"
          /\ pc' = [Woken EXCEPT ![t] = "drop"]
          /\ calls' = <<>>
          /\ Delivered
          /\ UNCHANGED lock
    /\ UNCHANGED <<waiters, given, todo, queue, shut, held, discarded>>

Drop(t) ==
    /\ pc[t] = "drop"
    /\ lock' = Free
    /\ GoTo(t, "recover")
    /\ UNCHANGED <<waiters, calls, given, todo, queue, shut, held, sent, received, discarded>>

\* t waits no more, what it has taken or was given goes back to the head, and whoever can go
\* on does.
Taken(t) == CASE t \in Consumers /\ held[t] # Nothing -> <<held[t]>>
              [] IsItem(given[t])                       -> <<given[t]>>
              [] OTHER                                  -> <<>>
Recover(t) ==
    /\ pc[t] = "recover" /\ lock = Free
    /\ lock' = t
    /\ ServeOne(t, pc, Taken(t) \o queue, [waiters EXCEPT ![Waits(t)] = Without(@, t)], [given EXCEPT ![t] = Nothing])
    /\ held' = IF t \in Consumers THEN [held EXCEPT ![t] = Nothing] ELSE held
    /\ UNCHANGED <<todo, shut, sent, received, discarded>>

Raise(t) ==
    /\ pc[t] = "raise"
    /\ lock' = Free
    /\ Finish(t, todo[t] - 1)
    /\ UNCHANGED <<held, received>>

\* The end is no deadlock.
Terminated == (\A t \in Tasks : pc[t] = "done") /\ UNCHANGED vars

Next ==
    \/ \E t \in Tasks :
        \/ Acquire(t) \/ Park(t) \/ Wake(t) \/ Timeout(t) \/ Reacquire(t)
        \/ Notify(t) \/ Release(t) \/ GiveUp(t)
        \/ Interrupt(t) \/ Drop(t) \/ Recover(t) \/ Raise(t)
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

\* Whoever sees only the items cannot tell this queue from BoundedFifo: it starts as one
\* (by Init), and each step is a step of it, or changes nothing.
RefinesBoundedFifo == [][Abstract!Next]_(Abstract!vars)

BoundedSize == Len(queue) <= Capacity + Cardinality(Consumers \cap Interruptible)
NothingLost == Abstract!NothingLost
NothingTwice == Abstract!NothingTwice
Fifo == Abstract!Fifo

Holding == {"park", "notify", "release", "giveUp", "drop", "serve", "raise"}
Positions == Holding \cup {"acquire", "parked", "woken", "timedOut", "recover", "done"}
At(t, positions) == pc[t] \in positions
Listed(t) == \E i \in 1..Len(waiters[Waits(t)]) : waiters[Waits(t)][i] = t

TypeOK ==
    /\ Abstract!TypeOK
    /\ queue \in Seq(Abstract!Items)
    /\ pc \in [Tasks -> Positions]
    /\ lock \in Tasks \cup {Free}
    /\ waiters \in [{NotFull, NotEmpty} -> Seq(Tasks)]
    /\ calls \in Seq(Tasks) /\ Len(calls) <= 1
    /\ \A p \in Producers : given[p] \in {Nothing, Room, End} /\ todo[p] \in 0..PutsEach
    /\ \A c \in Consumers : given[c] \in {Nothing, End} \cup Abstract!Items /\ todo[c] \in 0..GetsEach

\* No two threads are inside the queue at once.
MutualExclusion == \A t \in Tasks : At(t, Holding) <=> lock = t

\* A waiter is listed and was given nothing, or it was served, once, and is in no list.
ParkedAreListed ==
    \A t \in Producers \cup Consumers :
        /\ At(t, {"park", "parked"}) => Listed(t) \/ given[t] # Nothing
        /\ Listed(t) => given[t] = Nothing /\ At(t, {"park", "parked", "timedOut", "recover"})

\* Nobody waits for what is there: a getter is listed only while the queue is empty, a
\* putter only while it is full.
NobodyWaitsInVain ==
    lock = Free =>
        /\ waiters[NotEmpty] # <<>> => queue = <<>> /\ ~shut
        /\ waiters[NotFull] # <<>> => Len(queue) >= Capacity /\ ~shut

\* Whoever was served and still sleeps is about to be woken.
NoLostWakeup ==
    \A t \in Producers \cup Consumers :
        /\ At(t, {"parked"}) /\ given[t] # Nothing => calls = <<t>>
        /\ At(t, {"woken"}) => given[t] # Nothing

\* After a shutdown nobody sleeps on whose call would be refused.
ShutdownWakesAll == shut /\ lock = Free => \A t \in Producers \cup Consumers : ~At(t, {"parked"})

\* A call that comes while others wait for the same does not go before them; and of those who
\* wait the first is served, unless it leaves by itself.
NoOvertaking ==
    [][/\ \A t \in Producers \cup Consumers :
            pc[t] = "acquire" /\ pc'[t] \in {"notify", "release"} => waiters[Waits(t)] = <<>>
       /\ \A what \in {NotFull, NotEmpty} :
            waiters'[what] # waiters[what] =>
                \/ \E t \in Tasks : waiters'[what] = Append(waiters[what], t)
                \/ waiters[what] # <<>> /\ waiters'[what] = Tail(waiters[what])
                \/ \E t \in Tasks : At(t, {"timedOut", "recover"}) /\ lock' = t]_vars

\* A wait list changes only in a step of the task that has the lock.
WaitListsChangeUnderLock ==
    [][waiters' # waiters => \E t \in Tasks : lock' = t /\ lock \in {t, Free}]_vars
=============================================================================
