------------------------------ MODULE Pipeline ------------------------------
(* A whole pipeline, from the first item to the end of the last thread: workers  *)
(* (producers with finite sources, and consumers), the coordinator that ends     *)
(* them in order, and a user who may end the run early.                          *)
(*                                                                               *)
(*   coordinator:  wait until the producers have ended;                          *)
(*                 put one sentinel for each consumer into the same queue;       *)
(*                 wait until the consumers have ended; account for every item   *)
(*   on a failure, or when the user asks for it: tell the producers to stop,     *)
(*                 and go on as above                                            *)
(*   on an abort, or when it can wait no longer: tell every worker to end, shut  *)
(*                 the queue down, wait for the workers, and account             *)
(*                                                                               *)
(* Modelled: the queue is BoundedFifo, so that a put or a get is one step. The   *)
(* coordinator is one more producer, so a sentinel is an item <<coordinator, n>>,*)
(* and one more consumer, when it empties the queue. ConditionQueue and          *)
(* HandoffQueue show that both queues behave like BoundedFifo. Between two       *)
(* operations a worker looks whether it was told to end: a step of its own,      *)
(* because others are told meanwhile, one after the other. Where each task is:   *)
(*                                                                               *)
(*   producer   next -> put -> back -> put ... -> ending | failing -> done       *)
(*   consumer   next -> get -> got -> finish -> get ... -> ending | failing -> done*)
(*              drains, drained: the last one empties the queue for a coordinator*)
(*              that may wait for room                                           *)
(*   coordinator  producers -> (stop -> telling ->) stragglers | limited ->      *)
(*              sentinel -> look -> ... -> sent -> consumers -> conclude         *)
(*   whoever ends the run   conclude | giveUp -> (abort -> telling -> shut ->    *)
(*              await ->) settle -> done                                         *)
(*                                                                               *)
(* Left out: how put and get wait, how threads are started and joined, delays,   *)
(* what is logged, a source or a destination that never returns, an item that is *)
(* the sentinel, timeouts of put and get, the policy skip, an abort asked for by *)
(* a worker, exceptions from outside.                                            *)
(*                                                                               *)
(* To see it fail: in SentinelsNeeded, subtract 1. The pipeline deadlocks.       *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    ProducerCount, ConsumerCount,   \* how many there are of each, at most four
    Capacity,
    PutsEach,      \* how many items a source has
    Shorter,       \* those producers whose source has one less
    FailingSources,       \* those producers whose source raises where others come to their end
    FailingDestinations,  \* those consumers whose destination raises
    Ending,        \* what the user asks for: "none", "shutdown", "abort"
    Patience,      \* whether a wait for workers may come to a time limit; after a failure it may in any case
    Exclusive      \* whether a put or get has the queue to itself until it returns, as ThreadSafeQueue's

AllProducers == <<"producer-0", "producer-1", "producer-2", "producer-3">>
AllConsumers == <<"consumer-0", "consumer-1", "consumer-2", "consumer-3">>
InOrder   == SubSeq(AllProducers, 1, ProducerCount)
Everybody == InOrder \o SubSeq(AllConsumers, 1, ConsumerCount)
Producers == {AllProducers[i] : i \in 1..ProducerCount}
Consumers == {AllConsumers[i] : i \in 1..ConsumerCount}
Workers == Producers \cup Consumers
Coordinator == "coordinator"
User == "user"
Bosses == {Coordinator} \cup IF Ending = "none" THEN {} ELSE {User}

ASSUME
    /\ Capacity > 0 /\ ProducerCount \in 1..4 /\ ConsumerCount \in 1..4
    /\ Shorter \cup FailingSources \subseteq Producers /\ FailingDestinations \subseteq Consumers
    /\ Ending \in {"none", "shutdown", "abort"}

VARIABLES
    queue, shut, held, sent, received, discarded,  \* as in BoundedFifo; nobody gives back, nothing is discarded
    pc,          \* pc[t]: where t is
    told,        \* told[w]: what worker w was told: "no", "stop", "abort"
    taken,       \* taken[p]: how many items p has taken from its source
    failed,      \* the workers that have ended with an error
    changed,     \* who holds the lock under which ends are noted and workers are told, or Free
    left,        \* the workers that its holder has yet to tell
    wanted,      \* what was asked for: "no", "stop", "abort"
    accounts,    \* Free, who is concluding the run, or Settled
    drained      \* what was taken out of the queue at the end, no sentinels

vars == <<queue, shut, held, sent, received, discarded, pc, told, taken, failed, changed, left, wanted, accounts, drained>>

Free == "free"
Settled == "settled"

\* PutsEach also bounds how many sentinels the coordinator could put.
Queue == INSTANCE BoundedFifo WITH
    Producers <- Producers \cup {Coordinator},
    Consumers <- Workers \cup Bosses,
    PutsEach <- PutsEach + ConsumerCount,
    Interruptible <- Consumers,
    Shutdown <- "gently"

Nothing == Queue!Nothing
IsSentinel(item) == item[1] = Coordinator
SentinelsNeeded == ConsumerCount                \* to see it fail: ConsumerCount - 1
Length(p) == IF p \in Shorter THEN PutsEach - 1 ELSE PutsEach
PutNext(p) == Queue!Put(p) /\ sent'[p] = 1..Cardinality(sent'[p])    \* nothing is passed over

Ended(w) == pc[w] \in {"done", "drains", "drained"}
ProducersEnded == \A p \in Producers : Ended(p)
ConsumersEnded == \A c \in Consumers : Ended(c)
CannotEnd == wanted = "abort" \/ ConsumersEnded \* in order
ReadyForSentinels == ProducersEnded

\* Nobody is in a put or a get that keeps others out until it returns.
QueueFree == Exclusive => \A t \in Workers \cup Bosses : pc[t] \notin {"back", "got", "look"}

Init ==
    /\ Queue!Init
    /\ pc = [t \in Workers \cup Bosses |-> CASE t = Coordinator -> "producers" [] t = User -> "idle" [] OTHER -> "next"]
    /\ told = [w \in Workers |-> "no"]
    /\ taken = [p \in Producers |-> 0]
    /\ failed = {}
    /\ changed = Free /\ left = <<>> /\ wanted = "no"
    /\ accounts = Free /\ drained = <<>>

GoTo(t, position) == pc' = [pc EXCEPT ![t] = position]
QueueStays == UNCHANGED <<queue, shut, held, sent, received, discarded>>

-----------------------------------------------------------------------------
(* Workers *)

\* A producer looks whether it was told to end, and takes an item. If it was told, it takes none.
Take(p) ==
    /\ pc[p] \in {"next", "back"}
    /\ IF told[p] # "no"
       THEN GoTo(p, "ending") /\ UNCHANGED taken
       ELSE IF taken[p] = Length(p)
            THEN GoTo(p, IF p \in FailingSources THEN "failing" ELSE "ending") /\ UNCHANGED taken
            ELSE GoTo(p, "put") /\ taken' = [taken EXCEPT ![p] = @ + 1]
    /\ QueueStays /\ UNCHANGED <<told, failed, changed, left, wanted, accounts, drained>>

Put(p) ==
    /\ pc[p] = "put" /\ QueueFree
    /\ PutNext(p)
    /\ GoTo(p, "back")
    /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

\* The queue was shut down: the item is not sent.
PutRefused(p) ==
    /\ pc[p] = "put" /\ QueueFree /\ shut
    /\ GoTo(p, IF told[p] = "abort" THEN "ending" ELSE "failing")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

\* A consumer looks whether it was told to end.
Look(c) ==
    /\ pc[c] = "next" \/ (pc[c] = "finish" /\ QueueFree)
    /\ GoTo(c, IF told[c] = "no" THEN "get" ELSE "ending")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

Get(c) ==
    /\ pc[c] = "get" /\ QueueFree
    /\ Queue!Get(c)
    /\ GoTo(c, "got")
    /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

GetRefused(c) ==
    /\ pc[c] = "get" /\ QueueFree /\ shut /\ queue = <<>>
    /\ GoTo(c, "ending")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

\* An item that its destination refuses, or that comes after an abort, stays in the consumer's hand.
Deliver(c) ==
    /\ pc[c] = "got"
    /\ IF IsSentinel(held[c])
       THEN Queue!Return(c) /\ GoTo(c, "ending")
       ELSE IF told[c] = "abort"
            THEN QueueStays /\ GoTo(c, "ending")
            ELSE IF c \in FailingDestinations
                 THEN QueueStays /\ GoTo(c, "failing")
                 ELSE Queue!Return(c) /\ GoTo(c, "finish")
    /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

\* The coordinator hears of the end. The last consumer empties the queue for a coordinator that may wait for room.
Sending == pc[Coordinator] \in {"look", "sentinel", "sent"}
LastOne(w) == w \in Consumers /\ \A c \in Consumers \ {w} : Ended(c)
End(w) ==
    /\ pc[w] \in {"ending", "failing"} /\ changed = Free
    /\ failed' = IF pc[w] = "failing" THEN failed \cup {w} ELSE failed
    /\ IF LastOne(w) /\ Sending
       THEN GoTo(w, "drains") /\ changed' = w
       ELSE GoTo(w, "done") /\ UNCHANGED changed
    /\ QueueStays /\ UNCHANGED <<told, taken, left, wanted, accounts, drained>>

\* Take one item out of the queue: a worker that drains, or whoever settles the accounts.
Drain(t) ==
    /\ pc[t] \in {"drains", "settle"} /\ QueueFree
    /\ queue # <<>>
    /\ queue' = Tail(queue)
    /\ received' = Queue!With(received, Head(queue))
    /\ drained' = IF IsSentinel(Head(queue)) THEN drained ELSE Append(drained, Head(queue))
    /\ UNCHANGED <<shut, held, sent, discarded>>
    /\ UNCHANGED <<pc, told, taken, failed, changed, left, wanted, accounts>>

FindEmpty(w) ==
    /\ pc[w] = "drains" /\ QueueFree /\ queue = <<>>
    /\ GoTo(w, "drained")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

StopDraining(w) ==
    /\ pc[w] = "drained"
    /\ GoTo(w, "done") /\ changed' = Free
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, left, wanted, accounts, drained>>

-----------------------------------------------------------------------------
(* The coordinator, and the user *)

\* Where a boss goes that cannot end the run in order any more, or has done so.
Conclude == IF ProducersEnded /\ ConsumersEnded THEN "conclude" ELSE "giveUp"

\* Whether one more sentinel is put, after so many: not when nobody is left to take it.
LookWhetherToPut(sentinels) == IF CannotEnd \/ sentinels = SentinelsNeeded THEN "sent" ELSE "sentinel"

\* A wait is over: what was waited for has come, or the time is over.
WaitNoLonger(b) ==
    /\ changed = Free
    /\ CASE pc[b] = "producers" ->
              /\ ReadyForSentinels \/ wanted # "no" \/ CannotEnd \/ failed # {}
              /\ GoTo(b, IF failed # {} THEN "stop" ELSE "stragglers")
         [] pc[b] \in {"stragglers", "limited"} ->
              /\ ReadyForSentinels \/ CannotEnd \/ Patience \/ pc[b] = "limited"
              /\ GoTo(b, IF ReadyForSentinels /\ ~CannotEnd THEN LookWhetherToPut(0) ELSE Conclude)
         [] pc[b] = "consumers" ->
              /\ (ProducersEnded /\ ConsumersEnded) \/ wanted = "abort" \/ Patience
              /\ GoTo(b, Conclude)
         [] pc[b] = "await" -> GoTo(b, "settle")        \* it has a limit in any case
         [] OTHER -> FALSE
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

LookOn ==
    /\ pc[Coordinator] = "look"
    /\ GoTo(Coordinator, LookWhetherToPut(Cardinality(sent[Coordinator])))
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

PutSentinel ==
    /\ pc[Coordinator] = "sentinel" /\ QueueFree
    /\ PutNext(Coordinator)
    /\ GoTo(Coordinator, "look")
    /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

SentinelRefused ==
    /\ pc[Coordinator] = "sentinel" /\ QueueFree /\ (shut \/ Patience)
    /\ GoTo(Coordinator, "sent")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

SentinelsSent ==
    /\ pc[Coordinator] = "sent" /\ changed = Free
    /\ GoTo(Coordinator, "consumers")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

\* With the lock in hand: the producers are told to stop, one after the other, or all workers to end.
Say(w, word) == told' = [told EXCEPT ![w] = IF @ = "abort" THEN @ ELSE word]
Stops(b) == pc[b] = "stop" \/ (b = User /\ pc[b] = "idle" /\ Ending = "shutdown")
Request(b) ==
    /\ changed = Free /\ (Stops(b) \/ pc[b] = "abort")
    /\ LET word == IF pc[b] = "abort" THEN "abort" ELSE "stop"
           whom == IF pc[b] = "abort" THEN Everybody ELSE InOrder IN
       /\ wanted' = IF wanted = "abort" THEN wanted ELSE word
       /\ Say(Head(whom), word)
       /\ left' = Tail(whom)
       /\ GoTo(b, IF word = "abort" THEN "telling abort" ELSE "telling stop")
    /\ changed' = b
    /\ QueueStays /\ UNCHANGED <<taken, failed, accounts, drained>>

Tell(b) ==
    /\ changed = b /\ left # <<>>
    /\ Say(Head(left), IF pc[b] = "telling abort" THEN "abort" ELSE "stop")
    /\ left' = Tail(left)
    /\ QueueStays /\ UNCHANGED <<pc, taken, failed, changed, wanted, accounts, drained>>

AllTold(b) ==
    /\ changed = b /\ left = <<>>
    /\ GoTo(b, CASE pc[b] = "telling abort" -> "shut" [] b = User -> "done"
                    [] Patience -> "stragglers" [] OTHER -> "limited")
    /\ changed' = Free
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, left, wanted, accounts, drained>>

\* One boss concludes the run; another one waits for that, and has nothing left to do.
BeginToConclude(b) ==
    /\ pc[b] \in {"conclude", "giveUp"} \/ (b = User /\ pc[b] = "idle" /\ Ending = "abort")
    /\ accounts \in {Free, Settled}
    /\ GoTo(b, IF accounts = Settled THEN "done" ELSE IF pc[b] = "conclude" THEN "settle" ELSE "abort")
    /\ accounts' = IF accounts = Settled THEN accounts ELSE b
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, drained>>

CloseQueue == IF shut THEN QueueStays ELSE Queue!ShutDown
ShutQueue(b) ==
    /\ pc[b] = "shut" /\ QueueFree
    /\ CloseQueue
    /\ GoTo(b, "await")
    /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

Settle(b) ==
    /\ pc[b] = "settle" /\ QueueFree /\ queue = <<>>
    /\ GoTo(b, "done") /\ accounts' = Settled
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, drained>>

AllEnded == ProducersEnded /\ ConsumersEnded /\ \A b \in Bosses : pc[b] \in {"done", "idle"}

\* The end is no deadlock.
Terminated == AllEnded /\ pc[Coordinator] = "done" /\ UNCHANGED vars

Steps ==
    \/ \E p \in Producers : Take(p) \/ Put(p) \/ PutRefused(p)
    \/ \E c \in Consumers : Look(c) \/ Get(c) \/ GetRefused(c) \/ Deliver(c) \/ FindEmpty(c) \/ StopDraining(c)
    \/ \E w \in Workers : End(w)
    \/ \E t \in Workers \cup Bosses : Drain(t)
    \/ \E b \in Bosses :
        \/ WaitNoLonger(b) \/ Request(b) \/ Tell(b) \/ AllTold(b)
        \/ BeginToConclude(b) \/ ShutQueue(b) \/ Settle(b)
    \/ SentinelsSent
    \/ Terminated
Next == Steps \/ LookOn \/ PutSentinel \/ SentinelRefused

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

Positions == {
    "next", "put", "back", "get", "got", "finish", "ending", "failing", "done", "drains", "drained",
    "producers", "stop", "telling stop", "stragglers", "limited", "look", "sentinel", "sent", "consumers",
    "idle", "conclude", "giveUp", "abort", "telling abort", "shut", "await", "settle", "done"}

TypeOK ==
    /\ Queue!TypeOK
    /\ pc \in [Workers \cup Bosses -> Positions]
    /\ told \in [Workers -> {"no", "stop", "abort"}]
    /\ \A p \in Producers : taken[p] \in 0..Length(p)
    /\ failed \subseteq Workers
    /\ changed \in Workers \cup Bosses \cup {Free}
    /\ left \in Seq(Workers) /\ drained \in Seq(Queue!Items)
    /\ wanted \in {"no", "stop", "abort"}
    /\ accounts \in Bosses \cup {Free, Settled}

BoundedSize == Len(queue) <= Capacity           \* nobody gives back
NothingLost == Queue!NothingLost
NothingTwice == Queue!NothingTwice
Fifo == Queue!OldestInFront                     \* and so interrupted gets are no exception

\* Behind a sentinel there are only sentinels, so a consumer that stops leaves no item
\* to a consumer that has stopped already.
SentinelsLast ==
    \A i, j \in 1..Len(queue) : i < j /\ IsSentinel(queue[i]) => IsSentinel(queue[j])

\* Each sentinel stops one consumer, unless the run is aborted or nobody is left to take it.
OneSentinelEach == CannotEnd \/
    Cardinality(received[Coordinator]) = Cardinality({c \in Consumers \ failed : pc[c] \in {"ending", "done"}})

\* A run that ends in order leaves nothing: the queue is empty, and every item was delivered.
NothingLeftBehind ==
    AllEnded /\ wanted = "no" /\ failed = {} => queue = <<>> /\ drained = <<>> /\ \A p \in Producers :
        Cardinality(received[p]) = Length(p)

\* The same after a graceful shutdown: what was taken from a source was delivered.
NothingTakenIsLeft ==
    AllEnded /\ wanted # "abort" /\ ~(Consumers \subseteq failed) => drained = <<>> /\ \A p \in Producers :
        Cardinality(received[p]) + Cardinality({c \in failed \cap Consumers : held[c][1] = p}) = taken[p]

\* However the run ended, every item that was taken from a source was delivered, or is named:
\* in the hand of a consumer, drained, or not sent (at most one for each producer).
EveryItemAccountedFor ==
    accounts = Settled /\ ProducersEnded /\ ConsumersEnded => \A p \in Producers :
        /\ queue = <<>>
        /\ Cardinality(sent[p]) \in {taken[p] - 1, taken[p]}
        /\ sent[p] = received[p] \cup {held[c][2] : c \in {d \in Consumers : held[d] # Nothing /\ held[d][1] = p}}

\* No item is drained twice. (Nor one that was delivered: the two are `received` in the queue.)
DrainedOnce == \A i, j \in 1..Len(drained) : i # j => drained[i] # drained[j]

-----------------------------------------------------------------------------
(* An abort. Once all are told, every step comes nearer to the end, so there are  *)
(* at most StepsLeft steps more, however many items the sources still have.       *)

RankOfWorker == [
    next |-> 4, back |-> 4, finish |-> 4, put |-> 6, get |-> 5, got |-> 4, ending |-> 3, failing |-> 3, drains |-> 2, drained |-> 1, done |-> 0]
RankOfBoss == [
    idle |-> 14 + ProducerCount, producers |-> 13 + ProducerCount, stop |-> 12 + ProducerCount,
    stragglers |-> 10, limited |-> 10, sentinel |-> 11, look |-> 9, sent |-> 8, consumers |-> 7,
    conclude |-> 6, giveUp |-> 6, abort |-> 5, shut |-> 3, await |-> 2, settle |-> 1, done |-> 0]
Rank(t) == CASE t \in Workers -> RankOfWorker[pc[t]]
             [] pc[t] = "telling stop" -> 11
             [] pc[t] = "telling abort" -> 4
             [] OTHER -> RankOfBoss[pc[t]]

RECURSIVE Sum(_)
Sum(tasks) == IF tasks = {} THEN 0 ELSE LET t == CHOOSE u \in tasks : TRUE IN Rank(t) + Sum(tasks \ {t})
StepsLeft == Sum(Workers \cup Bosses) + Len(queue) + Len(left)

ToldToAbort == \A w \in Workers : told[w] = "abort"
AbortComesNearer == [][ToldToAbort => StepsLeft' < StepsLeft]_vars
AbortIsShort == ToldToAbort => StepsLeft <= 9 * ProducerCount + 5 * ConsumerCount + Capacity + 27

\* An abort stands: nothing that is asked for later makes less of it.
AnAbortStands == [][
    /\ wanted = "abort" => wanted' = "abort"
    /\ \A w \in Workers : told[w] = "abort" => told'[w] = "abort"]_vars

-----------------------------------------------------------------------------
(* Liveness. No task does the same thing twice, so there are finitely many steps,  *)
(* and the weakest promise is enough: some task that can take a step takes one.    *)

FairSpec == Spec /\ WF_vars(Next)

\* Every thread comes to its end, the coordinator last.
Terminates == <>(AllEnded /\ pc[Coordinator] = "done")

\* Every item that was put is taken.
EveryItemArrives ==
    \A p \in Producers, n \in 1..PutsEach : n \in sent[p] ~> n \in received[p]
=============================================================================
