---------------------- MODULE ConditionQueueInductive ----------------------
(* Why ConditionQueue loses no wakeup: an invariant that needs no history. Every *)
(* step from ANY state that satisfies Inv, reachable or not, ends in a state     *)
(* that satisfies it. TLC takes all those states as initial ones and looks one   *)
(* step ahead; no behaviour is followed, so nothing depends on how long it is.   *)
(*                                                                               *)
(* Modelled: the steps of ConditionQueue, each task coming again as often as it  *)
(* likes: the configs put ComesOrEnds in the place of Leave, so that they cover  *)
(* every PutsEach, GetsEach and Retry. No step looks at what an item is, so all  *)
(* are alike (AnItem for Item), and a queue is its length. No step looks at      *)
(* sent, received, discarded or todo: they stay as they are (History = FALSE).   *)
(*                                                                               *)
(* Left out: Fifo, NothingLost and NothingTwice, which speak of items. That the  *)
(* steps here are those of ConditionQueue, and more, is a test on state graphs.  *)
(*                                                                               *)
(* Three checks, each with configs of its own:                                   *)
(*   initiation     INIT Init, NEXT Rests: the initial state satisfies Inv       *)
(*   consecution    INIT AllOfInv, NEXT Next: no step leads out of Inv. Then the *)
(*                  depth is 1, and the distinct states are the initial ones     *)
(*   no deadlock    the same run: Terminated <- OneSideHasEnded says where no    *)
(*                  step need be possible, and TLC checks all the others         *)
(*                                                                               *)
(* To see it fail: in WillLook, leave out ~Listed(t). A consumer that has timed  *)
(* out and is about to be notified then counts twice, and the notify violates    *)
(* NoLostWakeup.                                                                 *)
EXTENDS ConditionQueue

-----------------------------------------------------------------------------
(* What takes the place of definitions of ConditionQueue, by the configs. *)

TheItem == <<"item", 1>>
AnItem(p) == TheItem

\* The call of t is over. It makes another one, or none.
ComesOrEnds(t, left) ==
    /\ lock' = Free
    /\ \/ GoTo(t, "acquire")
       \/ GoTo(t, "done")
    /\ UNCHANGED <<waiters, calls, late, todo, queue, shut, sent, discarded>>

\* When all producers have ended, consumers may sleep for ever, and the other way round.
OneSideHasEnded ==
    /\ (\A p \in Producers : pc[p] = "done") \/ (\A c \in Consumers : pc[c] = "done")
    /\ UNCHANGED vars

LeftOut == TRUE                                 \* in the place of a conjunct that is taken away

-----------------------------------------------------------------------------
(* The invariant *)

Listed(t) == \E condition \in Conditions : \E i \in 1..Len(waiters[condition]) : waiters[condition][i] = t
Called(t) == \E i \in 1..Len(calls) : calls[i] = t
CalledOf(group) == Len(SelectSeq(calls, LAMBDA t : t \in group))
Holders == {c \in Consumers : held[c] # Nothing}

\* Where a task can be at all: only who waits with a timeout times out, and so on.
PlacesOf(t) ==
    IF t = "closer" THEN {"acquire", "notify", "release", "done"}
    ELSE {"acquire", "park", "parked", "woken", "reacquire", "notify", "release", "giveUp", "done"}
        \cup (IF t \in Consumers THEN {"underflow"} ELSE {})
        \cup (IF t \in Timed THEN {"timedOut"} ELSE {})
        \cup (IF t \in Interruptible THEN {"drop", "recover", "serve", "raise"} ELSE {})

\* Each variable has a value of its type, and each task is where a task of its kind can be.
EachInItsPlace ==
    /\ lock \in Tasks \cup {Free}
    /\ \A t \in Tasks : pc[t] \in PlacesOf(t)
    /\ \A t \in Tasks : late[t] => t \in Timed /\ At(t, {"woken", "reacquire", "timedOut"})
    /\ shut => Shutdown # "never"
    /\ Holders \subseteq Interruptible

\* Each step is defined: who is about to notify has somebody to notify.
WhoNotifiesHasSomebody == \A t \in Tasks : At(t, {"notify", "serve"}) => calls # <<>>

\* Who is on a list waits for what the list is for.
OnTheRightList ==
    /\ \A i \in 1..Len(waiters[NotFull]) : waiters[NotFull][i] \in Producers
    /\ \A i \in 1..Len(waiters[NotEmpty]) : waiters[NotEmpty][i] \in Consumers

\* Nobody is on a list twice.
ListedOnce ==
    \A condition \in Conditions : \A i, j \in 1..Len(waiters[condition]) :
        i # j => waiters[condition][i] # waiters[condition][j]

\* Nobody is to be notified unless somebody is about to do it.
WhoIsCalledIsNotified == calls # <<>> => \E t \in Tasks : At(t, {"notify", "serve"})

\* Who is to be notified is on a list until then.
CalledAreListed == \A i \in 1..Len(calls) : Listed(calls[i])

\* Nobody is to be notified twice.
CalledOnce == \A i, j \in 1..Len(calls) : i # j => calls[i] # calls[j]

\* Those who will look at the queue without being notified: woken, or off the list otherwise.
\* Who recovers with an item in hand brings that one back, and is not on its way to another.
WillLook(group) ==
    Cardinality({t \in group :
        /\ At(t, {"woken", "reacquire", "timedOut", "recover"})
        /\ ~Listed(t)                           \* to see it fail: leave out this line
        /\ t \notin Holders})

\* While a consumer is on the list, for each item a consumer will look, or is to be notified.
EveryItemIsMet ==
    waiters[NotEmpty] # <<>> => Len(queue) <= WillLook(Consumers) + CalledOf(Consumers)

\* And so for producers and room, until the shutdown.
EveryPlaceIsMet ==
    waiters[NotFull] # <<>> /\ ~shut => Capacity <= Len(queue) + WillLook(Producers) + CalledOf(Producers)

\* After the shutdown whoever still sleeps is to be notified.
ShutdownCallsAll == shut => \A t \in Producers \cup Consumers : At(t, {"park", "parked"}) => Called(t)

\* An item is in hand only where an exception can make the consumer give it back.
HeldInACall ==
    \A c \in Holders : ~Listed(c) /\ At(c, {"notify", "release", "drop", "recover"})

\* There is room for every item that may be given back.
RoomForWhatIsHeld == Len(queue) + Cardinality(Holders) <= Capacity + Cardinality(Consumers \cap Interruptible)

\* Not Inv, and kept by every step only as long as there is room for no more than one item
\* (configs show both): that somebody comes if anything is there, but perhaps too few;
SomebodyForItems == waiters[NotEmpty] # <<>> /\ queue # <<>> => WillLook(Consumers) + CalledOf(Consumers) > 0
SomebodyForRoom ==
    waiters[NotFull] # <<>> /\ ~shut /\ Len(queue) < Capacity => WillLook(Producers) + CalledOf(Producers) > 0
\* and that who has timed out is counted whether listed or not: then a notify may count it twice.
WillLookOrIsListed(group) ==
    Cardinality({t \in group : At(t, {"woken", "reacquire", "timedOut", "recover"}) /\ t \notin Holders})

\* What is wanted.
Goals ==
    /\ EachInItsPlace
    /\ WhoNotifiesHasSomebody
    /\ MutualExclusion
    /\ BoundedSize
    /\ NoUnderflow
    /\ ParkedAreListed
    /\ NoLostWakeup
    /\ ShutdownWakesAll

\* What is wanted, and what else it takes so that every step keeps it.
Inv ==
    /\ Goals
    /\ OnTheRightList
    /\ ListedOnce
    /\ WhoIsCalledIsNotified
    /\ CalledAreListed
    /\ CalledOnce
    /\ EveryItemIsMet
    /\ EveryPlaceIsMet
    /\ ShutdownCallsAll
    /\ HeldInACall
    /\ RoomForWhatIsHeld

-----------------------------------------------------------------------------
(* Its states *)

Rests == UNCHANGED vars
Lists(tasks) == {<<>>} \cup {<<t>> : t \in tasks} \cup tasks \X tasks
Orders(tasks) ==
    {list \in [1..Cardinality(tasks) -> tasks] : \A i, j \in 1..Cardinality(tasks) : i # j => list[i] # list[j]}

PlacesOutside == {place \in Positions \ Holding : \E t \in Tasks : place \in PlacesOf(t)}

\* Who has the lock, and where everybody is: the first conjuncts of the goals.
WhoIsWhere ==
    /\ lock \in Tasks \cup {Free}
    /\ \E outside \in [Tasks -> PlacesOutside] :
        /\ \A t \in Tasks \ {lock} : outside[t] \in PlacesOf(t)
        /\ IF lock = Free
           THEN pc = outside
           ELSE /\ outside[lock] = "done"
                /\ \E inside \in PlacesOf(lock) \cap Holding : pc = [outside EXCEPT ![lock] = inside]
    /\ \E some \in SUBSET {t \in Timed : At(t, {"woken", "reacquire", "timedOut"})} :
        late = [t \in Tasks |-> t \in some]
    /\ shut \in (IF Shutdown = "never" THEN {FALSE} ELSE BOOLEAN)
    /\ MutualExclusion
    /\ NoUnderflow
    /\ todo = [t \in Tasks |-> 1]
    /\ sent = [p \in Producers |-> {}] /\ received = sent /\ discarded = sent

\* What is in the queue and in hand.
HowManyItems ==
    /\ \E some \in SUBSET (Consumers \cap Interruptible) :
        held = [c \in Consumers |-> IF c \in some THEN TheItem ELSE Nothing]
    /\ HeldInACall
    /\ \E length \in 0..(Capacity + Cardinality(Consumers \cap Interruptible)) : queue = [i \in 1..length |-> TheItem]
    /\ RoomForWhatIsHeld
    /\ BoundedSize

\* All states of Inv, found the short way: lists are orders of those who may be on them.
AllOfInv ==
    /\ WhoIsWhere
    /\ \E more \in SUBSET {t \in Tasks : At(t, {"timedOut", "recover"})} :
        LET listed == more \cup {t \in Tasks : At(t, {"park", "parked"})} IN
        /\ \E p \in Orders(listed \cap Producers), c \in Orders(listed \cap Consumers) :
            waiters = [condition \in Conditions |-> IF condition = NotFull THEN p ELSE c]
        /\ IF \E t \in Tasks : At(t, {"notify", "serve"})
           THEN \E called \in SUBSET listed : calls \in Orders(called)
           ELSE calls = <<>>
    /\ HowManyItems
    /\ Inv

\* All states of a type, with lists of at most two, that satisfy Inv: the long way, in which each
\* conjunct can be left out.
Universe ==
    /\ WhoIsWhere
    /\ waiters \in [Conditions -> Lists(Producers \cup Consumers)]
    /\ ParkedAreListed
    /\ OnTheRightList
    /\ ListedOnce
    /\ calls \in Lists(Producers \cup Consumers)
    /\ WhoNotifiesHasSomebody
    /\ WhoIsCalledIsNotified
    /\ CalledAreListed
    /\ CalledOnce
    /\ HowManyItems
    /\ Inv
=============================================================================
