------------------------ MODULE ConditionQueueTrace ------------------------
(* Can ConditionQueue do what was recorded? What threads did to a real queue  *)
(* is a sequence of events. Each is the action of the model that it shows,    *)
(* and says what must come of it. What was not recorded happens in between,   *)
(* as the model has it: freeing the lock, waking up, a deadline that passes.  *)
(*                                                                            *)
(* It can if no deadlock is found: every behaviour takes all events. There is *)
(* only one, up to the order of steps that do not affect each other: at each  *)
(* moment at most one step is possible. So the time is linear in the length   *)
(* of the trace; and for the same reason History must be off.                 *)
(*                                                                            *)
(* An event is <<word, task, what>>, or <<word, task, what, "on">> if its     *)
(* task has had the lock since the event before. A thread that both puts and  *)
(* gets is two tasks. The words:                                              *)
(*                                                                            *)
(*   put, get   of this item                                                  *)
(*   park       the task goes on a wait list, behind so many others           *)
(*   notify     of the first in calls, which is this task                     *)
(*   leave      its time was up, and it goes off the list and gives up        *)
(*   late       the same, and it goes on: its put or get is the next event    *)
(*   shut       by the closer, which lets these items go: all there are if it *)
(*              is immediate, none if it is gentle                           *)
(*   end        how the queue stands: <<queue, getters, putters, shut>>       *)
(*                                                                            *)
(* Left out: exceptions from outside, and what ConditionQueue leaves out.     *)
(* Timed must be all tasks, since it is not recorded whose waits have a       *)
(* timeout; Impatient none, since a call that does not wait changes nothing   *)
(* that is seen.                                                              *)
(*                                                                            *)
(* To see it fail: in Example, let c get <<p, 2>> first. The deadlock comes   *)
(* before that event.                                                         *)
EXTENDS ConditionQueue

CONSTANTS
    Event(_),       \* Event(n) is event number n
    Length,         \* how many events there are
    Start           \* how the queue stood at first, as in end

VARIABLE taken      \* how many events were taken

Standing == <<queue, waiters[NotEmpty], waiters[NotFull], shut>>

TraceInit ==
    /\ taken = 0
    /\ queue = Start[1] /\ shut = Start[4]
    /\ waiters = [condition \in Conditions |-> IF condition = NotEmpty THEN Start[2] ELSE Start[3]]
    /\ pc = [t \in Tasks |->
                IF \E list \in {Start[2], Start[3]} : \E i \in 1..Len(list) : list[i] = t THEN "parked" ELSE "acquire"]
    /\ lock = Free /\ calls = <<>>
    /\ late = [t \in Tasks |-> FALSE]
    /\ todo = [t \in Tasks |-> CASE t \in Producers -> PutsEach [] t \in Consumers -> GetsEach [] OTHER -> 1]
    /\ held = [c \in Consumers |-> Nothing]
    /\ sent = [p \in Producers |-> {}] /\ received = sent /\ discarded = sent

-----------------------------------------------------------------------------
AtEnd == taken = Length
event  == Event(taken + 1)
word   == event[1]
task   == event[2]
what   == event[3]
begins == Len(event) = 3

\* What is not recorded. Who has done all there is to do frees the lock, when the next event
\* is in a section of its own; who acts next wakes up first.
Unrecorded ==
    /\ UNCHANGED taken
    /\ IF lock # Free
       THEN begins /\ (Park(lock) \/ Release(lock) \/ GiveUp(lock))
       ELSE \/ word \in {"put", "get", "park"} /\ Wake(task)
            \/ word = "leave" /\ Timeout(task)

Tries == Acquire(task) \/ Reacquire(task)

Recorded ==
    /\ taken' = taken + 1
    /\ CASE word = "put"    -> Tries /\ queue' = Append(queue, what)
         [] word = "get"    -> queue # <<>> /\ Head(queue) = what /\ Tries /\ queue' = Tail(queue)
         [] word = "park"   -> /\ Len(waiters[Waits(task)]) = what
                               /\ Tries /\ pc'[task] = "park"
         [] word = "notify" -> lock = task /\ calls # <<>> /\ Head(calls) = what /\ Notify(task)
         [] word = "leave"  -> Reacquire(task) /\ pc'[task] = "giveUp"
         [] word = "late"   -> lock = Free /\ Timeout(task)
         [] word = "shut"   -> what = (IF Shutdown = "immediately" THEN queue ELSE <<>>) /\ Acquire(task)
         [] word = "end"    -> lock = Free /\ Standing = what /\ UNCHANGED vars
         [] OTHER           -> FALSE

\* The end is no deadlock.
Accepted == AtEnd /\ UNCHANGED <<vars, taken>>

TraceNext == IF AtEnd THEN Accepted ELSE Unrecorded \/ Recorded

TraceSpec == TraceInit /\ [][TraceNext]_<<vars, taken>>

-----------------------------------------------------------------------------
(* A trace: c waits and is notified, p fills the queue and waits; q gives up. *)

ExampleStart == <<<<>>, <<>>, <<>>, FALSE>>
Example == <<
    <<"park", "c", 0>>,
    <<"put", "p", <<"p", 1>>>>, <<"notify", "p", "c", "on">>,
    <<"park", "p", 0>>,
    <<"park", "q", 1>>,
    <<"leave", "q", 0>>,
    <<"get", "c", <<"p", 1>>>>, <<"notify", "c", "p", "on">>,
    <<"put", "p", <<"p", 2>>>>,
    <<"end", "p", <<<<<<"p", 2>>>>, <<>>, <<>>, FALSE>>>> >>
ExampleAt(n) == Example[n]
ExampleLength == Len(Example)
=============================================================================
