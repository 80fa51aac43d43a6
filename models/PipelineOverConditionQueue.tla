--------------------- MODULE PipelineOverConditionQueue ---------------------
(* Pipeline, but on the queue that ConditionQueue is, with its lock and its      *)
(* waiting threads, instead of the atomic one. It refines Pipeline, and comes to *)
(* its end: so what is shown of the pipeline on the atomic queue, and of the     *)
(* queue by itself, holds of both together, at the sizes that are checked.       *)
(*                                                                               *)
(* Modelled: each step of Pipeline on the queue is one of ConditionQueue as well:*)
(* a put or get when it succeeds is Acquire or Reacquire, and what a task does   *)
(* when it returns is Release. In between the queue's own steps change nothing   *)
(* that the pipeline sees.                                                       *)
(*                                                                               *)
(* Left out: failures, and so aborts, which shut the queue down; what is left    *)
(* out of Pipeline and of ConditionQueue. Whoever empties the queue at the end   *)
(* takes the lock for one step.                                                  *)
(*                                                                               *)
(* To see it fail: in InsideAgain, leave out Inner!Reacquire(t). It deadlocks.   *)
EXTENDS Pipeline

VARIABLES
    at,          \* at[t]: the operation of the queue that t does next: pc of ConditionQueue
    lock, waiters, calls, late, todo,           \* as there
    history,     \* its sent, received, discarded: empty, for the pipeline keeps the history
    taking       \* its held: likewise

queueVars == <<at, lock, waiters, calls, late, todo, history, taking>>

Inner == INSTANCE ConditionQueue WITH
    pc <- at,
    Producers <- Producers \cup {Coordinator},
    PutsEach <- PutsEach + ConsumerCount,
    GetsEach <- ProducerCount * PutsEach + ConsumerCount + 1,
    Timed <- {}, Impatient <- {}, Retry <- FALSE, Interruptible <- {},
    Shutdown <- "never",
    History <- FALSE,
    held <- taking,
    sent <- history, received <- history, discarded <- history

InitInner == Init /\ Inner!Init

-----------------------------------------------------------------------------

InsideAgain(t) == Inner!Acquire(t) \/ Inner!Reacquire(t)
Returns(t) == Inner!Release(t)
QueueRests == UNCHANGED queueVars

\* The put or get succeeds.
Succeeds(t) ==
    /\ IF t \in Producers THEN Put(t) ELSE IF t = Coordinator THEN PutSentinel ELSE Get(t)
    /\ InsideAgain(t)

\* It does not, or not yet: the pipeline sees nothing of it.
Waits(t) ==
    /\ pc[t] \in {"put", "get", "sentinel"}
    /\ UNCHANGED vars
    /\ InsideAgain(t) \/ Inner!Park(t) \/ Inner!Wake(t)

Notifies(t) == UNCHANGED vars /\ Inner!Notify(t)

GoesOn(t) ==
    \/ t \in Producers /\ Take(t) /\ (IF pc[t] = "back" THEN Returns(t) ELSE QueueRests)
    \/ t \in Consumers /\ Deliver(t) /\ Returns(t)
    \/ t = Coordinator /\ LookOn /\ Returns(t)

\* What has nothing to do with the queue, or takes its lock for one step.
Apart ==
    /\ QueueRests
    /\ \/ \E c \in Consumers : Look(c) \/ (lock = Free /\ FindEmpty(c)) \/ StopDraining(c)
       \/ \E w \in Workers : End(w)
       \/ \E b \in Bosses :
           \/ WaitNoLonger(b) \/ Request(b) \/ Tell(b) \/ AllTold(b) \/ BeginToConclude(b)
           \/ lock = Free /\ Settle(b)
       \/ SentinelsSent
       \/ Terminated

NextInner == Apart \/ \E t \in Workers \cup {Coordinator} : Succeeds(t) \/ Waits(t) \/ Notifies(t) \/ GoesOn(t)

SpecInner == InitInner /\ [][NextInner]_<<vars, queueVars>>
FairSpecInner == SpecInner /\ WF_<<vars, queueVars>>(NextInner)

-----------------------------------------------------------------------------

\* Whoever sees the pipeline alone sees Pipeline; it begins as that does, by InitInner.
RefinesPipeline == [][Next]_vars
InnerLock == Inner!MutualExclusion
InnerWakeups == Inner!NoLostWakeup
=============================================================================
