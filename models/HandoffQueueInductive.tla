----------------------- MODULE HandoffQueueInductive -----------------------
(* Why nobody waits in vain in HandoffQueue: an invariant that needs no history, *)
(* checked as that of ConditionQueueInductive. Every step from ANY state that    *)
(* satisfies Inv, reachable or not, ends in a state that satisfies it.           *)
(*                                                                               *)
(* Modelled: the steps of HandoffQueue, each task coming again as often as it    *)
(* likes (ComesOrEnds for Finish), all items alike (AnItem for Item). No step    *)
(* looks at sent, received, discarded or todo: they stay as they are.            *)
(*                                                                               *)
(* Left out: Fifo, NothingLost, NothingTwice and NoOvertaking, which speak of    *)
(* items or of orders.                                                           *)
(*                                                                               *)
(* To see it fail: in GivenInACall, leave out "timedOut". Who was served may     *)
(* time out before it is woken, so a step violates GivenInACall.                 *)
EXTENDS HandoffQueue

-----------------------------------------------------------------------------
(* What takes the place of definitions of HandoffQueue, by the configs. *)

TheItem == <<"item", 1>>
AnItem(p) == TheItem

\* The call of t is over. It makes another one, or none.
ComesOrEnds(t, left) ==
    /\ \/ GoTo(t, "acquire")
       \/ GoTo(t, "done")
    /\ IF t = "closer" THEN UNCHANGED given ELSE given' = [given EXCEPT ![t] = Nothing]
    /\ UNCHANGED <<waiters, calls, todo, queue, shut, sent, discarded>>

\* When all producers have ended, consumers may sleep for ever, and the other way round.
OneSideHasEnded ==
    /\ (\A p \in Producers : pc[p] = "done") \/ (\A c \in Consumers : pc[c] = "done")
    /\ UNCHANGED vars

LeftOut == TRUE                                 \* in the place of a conjunct that is taken away

-----------------------------------------------------------------------------
(* The invariant *)

Callers == Producers \cup Consumers
Called(t) == \E i \in 1..Len(calls) : calls[i] = t
Holders == {c \in Consumers : held[c] # Nothing}

\* Where a task can be at all: only who waits with a timeout times out, and so on.
PlacesOf(t) ==
    IF t = "closer" THEN {"acquire", "notify", "release", "done"}
    ELSE {"acquire", "park", "parked", "woken", "notify", "release", "giveUp", "done"}
        \cup (IF t \in Timed THEN {"timedOut"} ELSE {})
        \cup (IF t \in Interruptible THEN {"drop", "recover", "serve", "raise"} ELSE {})

\* Each variable has a value of its type, and each task is where a task of its kind can be.
EachInItsPlace ==
    /\ lock \in Tasks \cup {Free}
    /\ \A t \in Tasks : pc[t] \in PlacesOf(t)
    /\ Len(calls) <= 1 /\ \A t \in Tasks : Called(t) => t \in Callers
    /\ \A p \in Producers : given[p] \in {Nothing, Room, End}
    /\ \A c \in Consumers : given[c] \in {Nothing, TheItem, End}
    /\ shut \/ (\E t \in Callers : given[t] = End) => Shutdown # "never"
    /\ Holders \subseteq Interruptible

\* Each step is defined: who is about to wake somebody has somebody to wake.
WhoNotifiesHasSomebody == \A t \in Tasks : At(t, {"notify", "serve"}) => calls # <<>>

\* Who is on a list waits for what the list is for.
OnTheRightList ==
    /\ \A i \in 1..Len(waiters[NotFull]) : waiters[NotFull][i] \in Producers
    /\ \A i \in 1..Len(waiters[NotEmpty]) : waiters[NotEmpty][i] \in Consumers

\* Nobody is on a list twice.
ListedOnce ==
    \A what \in {NotFull, NotEmpty} : \A i, j \in 1..Len(waiters[what]) :
        i # j => waiters[what][i] # waiters[what][j]

\* Nobody is to be woken unless somebody is about to do it.
WhoIsCalledIsNotified == calls # <<>> => \E t \in Tasks : At(t, {"notify", "serve"})

\* Who is to be woken was given something, and is still where it can be found.
CalledWasServed ==
    \A t \in Callers : Called(t) => given[t] # Nothing /\ At(t, {"parked", "timedOut", "recover"})

\* What a task was given it has until its call is over, and no task begins with it.
GivenInACall ==
    \A t \in Callers : given[t] # Nothing => At(t, {"parked", "woken", "timedOut", "recover", "release", "giveUp"})

\* Also while somebody has the lock nobody waits for what is there, unless those who can go on are
\* being served: by who recovers, or by the closer.
ServedMeanwhile ==
    \/ \E t \in Tasks : At(t, {"serve"})
    \/ "closer" \in Tasks /\ At("closer", {"notify"})
    \/ /\ waiters[NotEmpty] # <<>> => queue = <<>>
       /\ waiters[NotFull] # <<>> => Len(queue) >= Capacity

\* After the shutdown nobody is on a list, unless the closer is about to give that one the end.
ShutdownEndsWaiting ==
    shut /\ (waiters[NotEmpty] # <<>> \/ waiters[NotFull] # <<>>) => At("closer", {"notify"})

MayGiveBack == {c \in Consumers \cap Interruptible : held[c] # Nothing \/ given[c] = TheItem}

\* There is room for every item that may be given back.
RoomForWhatIsHeld == Len(queue) + Cardinality(MayGiveBack) <= Capacity + Cardinality(Consumers \cap Interruptible)

\* What is wanted.
Goals ==
    /\ EachInItsPlace
    /\ WhoNotifiesHasSomebody
    /\ MutualExclusion
    /\ BoundedSize
    /\ ParkedAreListed
    /\ NobodyWaitsInVain
    /\ NoLostWakeup
    /\ ShutdownWakesAll

\* What is wanted, and what else it takes so that every step keeps it.
Inv ==
    /\ Goals
    /\ OnTheRightList
    /\ ListedOnce
    /\ WhoIsCalledIsNotified
    /\ CalledWasServed
    /\ GivenInACall
    /\ ServedMeanwhile
    /\ ShutdownEndsWaiting
    /\ RoomForWhatIsHeld

-----------------------------------------------------------------------------
(* Its states *)

Rests == UNCHANGED vars
Lists(tasks) == {<<>>} \cup {<<t>> : t \in tasks} \cup tasks \X tasks
Orders(tasks) ==
    {list \in [1..Cardinality(tasks) -> tasks] : \A i, j \in 1..Cardinality(tasks) : i # j => list[i] # list[j]}

Ends == IF Shutdown = "never" THEN {} ELSE {End}

PlacesOutside == {place \in Positions \ Holding : \E t \in Tasks : place \in PlacesOf(t)}

\* Who has the lock, and where everybody is; whom the holder is about to wake, and what was given.
WhoIsWhere ==
    /\ lock \in Tasks \cup {Free}
    /\ \E outside \in [Tasks -> PlacesOutside] :
        /\ \A t \in Tasks \ {lock} : outside[t] \in PlacesOf(t)
        /\ IF lock = Free
           THEN pc = outside
           ELSE /\ outside[lock] = "done"
                /\ \E inside \in PlacesOf(lock) \cap Holding : pc = [outside EXCEPT ![lock] = inside]
    /\ calls \in Lists(Callers)
    /\ Len(calls) <= 1
    /\ WhoNotifiesHasSomebody
    /\ WhoIsCalledIsNotified
    /\ \E toPut \in [Producers -> {Nothing, Room} \cup Ends], toGet \in [Consumers -> {Nothing, TheItem} \cup Ends] :
        given = [t \in Callers |-> IF t \in Producers THEN toPut[t] ELSE toGet[t]]
    /\ CalledWasServed
    /\ GivenInACall
    /\ NoLostWakeup
    /\ shut \in (IF Shutdown = "never" THEN {FALSE} ELSE BOOLEAN)
    /\ \E some \in SUBSET (Consumers \cap Interruptible) :
        held = [c \in Consumers |-> IF c \in some THEN TheItem ELSE Nothing]
    /\ EachInItsPlace
    /\ MutualExclusion
    /\ todo = [t \in Tasks |-> 1]
    /\ sent = [p \in Producers |-> {}] /\ received = sent /\ discarded = sent

HowManyItems ==
    /\ \E length \in 0..(Capacity + Cardinality(Consumers \cap Interruptible)) : queue = [i \in 1..length |-> TheItem]
    /\ RoomForWhatIsHeld
    /\ BoundedSize
    /\ ServedMeanwhile

\* All states of Inv, found the short way: lists are orders of those who may be on them.
AllOfInv ==
    /\ WhoIsWhere
    /\ \E more \in SUBSET {t \in Callers : At(t, {"timedOut", "recover"})} :
        LET listed == {t \in more \cup {u \in Callers : At(u, {"park", "parked"})} : given[t] = Nothing} IN
        /\ more \subseteq listed
        /\ \E p \in Orders(listed \cap Producers), c \in Orders(listed \cap Consumers) :
            waiters = [what \in {NotFull, NotEmpty} |-> IF what = NotFull THEN p ELSE c]
    /\ ShutdownEndsWaiting
    /\ HowManyItems
    /\ Inv

\* All states of a type, with lists of at most two, that satisfy Inv: the long way, in which each
\* conjunct can be left out.
Universe ==
    /\ WhoIsWhere
    /\ waiters \in [{NotFull, NotEmpty} -> Lists(Callers)]
    /\ ParkedAreListed
    /\ OnTheRightList
    /\ ListedOnce
    /\ ShutdownEndsWaiting
    /\ HowManyItems
    /\ Inv
=============================================================================
