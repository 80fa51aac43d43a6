------------------------------ MODULE Pipeline ------------------------------
(* A whole pipeline, from the first item to the end of the last thread:          *)
(* producers with finite sources, consumers, and a coordinator that waits for    *)
(* the producers, then puts one sentinel for each consumer into the same queue,  *)
(* then waits for the consumers. A consumer that takes a sentinel stops.         *)
(*                                                                               *)
(* Modelled: the queue is BoundedFifo, with the coordinator as one more          *)
(* producer, so a sentinel is an item <<coordinator, number>>. ConditionQueue    *)
(* shows that the textbook queue behaves like BoundedFifo, so the safety that is *)
(* shown here holds for a pipeline on the textbook queue. Liveness is shown for  *)
(* each of the two by itself: see ConditionQueueLiveness.                        *)
(*                                                                               *)
(* Left out: what a consumer does with an item once it has taken it, errors,     *)
(* timeouts, stopping early, sources without end.                                *)
(*                                                                               *)
(* To see it fail: in SentinelsNeeded, subtract 1. The pipeline deadlocks.       *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS Producers, Consumers, Capacity, PutsEach

ASSUME Capacity > 0 /\ Producers \cap Consumers = {}

VARIABLES
    queue, shut, held, sent, received, discarded,         \* as in BoundedFifo; here nobody is
                 \* interrupted, and the queue is not shut down: shut, held, discarded stay as they are
    stopped,     \* the consumers that have taken a sentinel, and so have ended
    coordinator  \* where the coordinator is; from "putSentinels" it goes on to join the consumers

vars == <<queue, shut, held, sent, received, discarded, stopped, coordinator>>

Coordinator == "coordinator"

\* PutsEach also bounds how many sentinels the coordinator could put.
Queue == INSTANCE BoundedFifo WITH
    Producers <- Producers \cup {Coordinator},
    PutsEach <- PutsEach + Cardinality(Consumers),
    Interruptible <- {},
    Shutdown <- "never"

IsSentinel(item) == item[1] = Coordinator
SentinelsNeeded == Cardinality(Consumers)       \* to see it fail: Cardinality(Consumers) - 1
ProducerEnded(p) == Cardinality(sent[p]) = PutsEach
PutNext(p) == Queue!Put(p) /\ sent'[p] = 1..Cardinality(sent'[p])    \* nothing is passed over
ReadyForSentinels == \A p \in Producers : ProducerEnded(p)

Init ==
    /\ Queue!Init
    /\ stopped = {}
    /\ coordinator = "joinProducers"

-----------------------------------------------------------------------------

Put(p) ==
    /\ ~ProducerEnded(p)
    /\ PutNext(p)
    /\ UNCHANGED <<stopped, coordinator>>

Get(c) ==
    /\ c \notin stopped
    /\ Queue!Get(c)
    /\ stopped' = IF IsSentinel(Head(queue)) THEN stopped \cup {c} ELSE stopped
    /\ UNCHANGED coordinator

JoinProducers ==
    /\ coordinator = "joinProducers"
    /\ ReadyForSentinels
    /\ coordinator' = "putSentinels"
    /\ UNCHANGED <<queue, shut, held, sent, received, discarded, stopped>>

PutSentinel ==
    /\ coordinator = "putSentinels"
    /\ Cardinality(sent[Coordinator]) < SentinelsNeeded
    /\ PutNext(Coordinator)
    /\ UNCHANGED <<stopped, coordinator>>

JoinConsumers ==
    /\ coordinator = "putSentinels"
    /\ Cardinality(sent[Coordinator]) = SentinelsNeeded
    /\ stopped = Consumers
    /\ coordinator' = "done"
    /\ UNCHANGED <<queue, shut, held, sent, received, discarded, stopped>>

AllEnded == coordinator = "done" /\ stopped = Consumers /\ \A p \in Producers : ProducerEnded(p)

\* The end is no deadlock.
Terminated == AllEnded /\ UNCHANGED vars

Next ==
    \/ \E p \in Producers : Put(p)
    \/ \E c \in Consumers : Get(c)
    \/ JoinProducers \/ PutSentinel \/ JoinConsumers
    \/ Terminated

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Safety *)

TypeOK ==
    /\ Queue!TypeOK
    /\ stopped \subseteq Consumers
    /\ coordinator \in {"joinProducers", "putSentinels", "done"}

BoundedSize == Queue!BoundedSize
NothingLost == Queue!NothingLost
NothingTwice == Queue!NothingTwice
Fifo == Queue!Fifo

\* Behind a sentinel there are only sentinels, so a consumer that stops leaves no item
\* to a consumer that has stopped already.
SentinelsLast ==
    \A i, j \in 1..Len(queue) : i < j /\ IsSentinel(queue[i]) => IsSentinel(queue[j])

\* Each sentinel stops one consumer.
OneSentinelEach == Cardinality(received[Coordinator]) = Cardinality(stopped)

\* When all threads have ended the queue is empty, and every item was taken.
NothingLeftBehind ==
    AllEnded => queue = <<>> /\ \A p \in Producers : Cardinality(received[p]) = PutsEach

-----------------------------------------------------------------------------
(* Liveness. No task does the same thing twice, so there are finitely many steps,  *)
(* and the weakest promise is enough: some task that can take a step takes one.    *)

FairSpec == Spec /\ WF_vars(Next)

\* Every thread comes to its end, the coordinator last.
Terminates == <>AllEnded

\* Every item that was put is taken.
EveryItemArrives ==
    \A p \in Producers, n \in 1..PutsEach : n \in sent[p] ~> n \in received[p]
=============================================================================
