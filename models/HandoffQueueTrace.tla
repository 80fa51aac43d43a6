------------------------- MODULE HandoffQueueTrace -------------------------
(* Can HandoffQueue do what was recorded? As ConditionQueueTrace asks it of   *)
(* ConditionQueue: see there for how a trace is taken, and for what a pass    *)
(* rests on, and for how an event is written. The words:                      *)
(*                                                                            *)
(*   put, get   of this item                                                  *)
(*   park       the task goes on a wait list, behind so many others           *)
(*   hand       of an item to a getter that waits: <<item, getter>>           *)
(*   admit      of a putter that waits, whose item is put: <<item, putter>>   *)
(*   notify     of one that waits, who is given the end                       *)
(*   leave      its time was up, and it goes off the list and gives up        *)
(*   shut       by the closer, which lets these items go: all there are if it *)
(*              is immediate, none if it is gentle                           *)
(*   end        how the queue stands: <<queue, getters, putters, shut>>       *)
(*                                                                            *)
(* Left out: exceptions from outside, and what HandoffQueue leaves out.       *)
(*                                                                            *)
(* To see it fail: in Example, let p hand <<p, 1>> to d. The deadlock comes   *)
(* before that event.                                                         *)
EXTENDS HandoffQueue

CONSTANTS
    Event(_),       \* Event(n) is event number n
    Length,         \* how many events there are
    Start           \* how the queue stood at first, as in end

VARIABLE taken      \* how many events were taken

Standing == <<queue, waiters[NotEmpty], waiters[NotFull], shut>>

TraceInit ==
    /\ taken = 0
    /\ queue = Start[1] /\ shut = Start[4]
    /\ waiters = [side \in {NotFull, NotEmpty} |-> IF side = NotEmpty THEN Start[2] ELSE Start[3]]
    /\ pc = [t \in Tasks |->
                IF \E list \in {Start[2], Start[3]} : \E i \in 1..Len(list) : list[i] = t THEN "parked" ELSE "acquire"]
    /\ lock = Free /\ calls = <<>>
    /\ given = [t \in Producers \cup Consumers |-> Nothing]
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
\* is in a section of its own; who was handed an item is woken; who acts next wakes up first.
Hands == calls # <<>> /\ IsItem(given[Head(calls)])
Unrecorded ==
    /\ UNCHANGED taken
    /\ IF lock # Free
       THEN begins /\ (Park(lock) \/ Release(lock) \/ GiveUp(lock) \/ (Hands /\ Notify(lock)))
       ELSE \/ word \in {"put", "get", "park", "hand"} /\ Wake(task)
            \/ word = "leave" /\ Timeout(task)

\* Whose turn it is, and what it is given.
Calls(u, thing) == lock = task /\ calls = <<u>> /\ given[u] = thing /\ Notify(task)

Recorded ==
    /\ taken' = taken + 1
    /\ CASE word = "put"    -> Acquire(task) /\ queue' = Append(queue, what)
         [] word = "get"    -> queue # <<>> /\ Head(queue) = what /\ Acquire(task)
         [] word = "park"   -> /\ Len(waiters[Waits(task)]) = what
                               /\ Acquire(task) /\ pc'[task] = "park"
         [] word = "hand"   -> Acquire(task) /\ calls' = <<what[2]>> /\ given'[what[2]] = what[1]
         [] word = "admit"  -> queue # <<>> /\ queue[Len(queue)] = what[1] /\ Calls(what[2], Room)
         [] word = "notify" -> Calls(what, End)
         [] word = "leave"  -> Reacquire(task) /\ pc'[task] = "giveUp"
         [] word = "shut"   -> what = (IF Shutdown = "immediately" THEN queue ELSE <<>>) /\ Acquire(task)
         [] word = "end"    -> lock = Free /\ Standing = what /\ UNCHANGED vars
         [] OTHER           -> FALSE

\* The end is no deadlock.
Accepted == AtEnd /\ UNCHANGED <<vars, taken>>

TraceNext == IF AtEnd THEN Accepted ELSE Unrecorded \/ Recorded

TraceSpec == TraceInit /\ [][TraceNext]_<<vars, taken>>

-----------------------------------------------------------------------------
(* A trace: c and d wait, p hands an item to c, d gives up; p and q put, and q *)
(* is let in.                                                                  *)

ExampleStart == <<<<>>, <<>>, <<>>, FALSE>>
Example == <<
    <<"park", "c", 0>>,
    <<"park", "d", 1>>,
    <<"hand", "p", <<<<"p", 1>>, "c">>>>,
    <<"leave", "d", 0>>,
    <<"put", "p", <<"p", 2>>>>,
    <<"park", "q", 0>>,
    <<"get", "c", <<"p", 2>>>>, <<"admit", "c", <<<<"q", 1>>, "q">>, "on">>,
    <<"end", "p", <<<<<<"q", 1>>>>, <<>>, <<>>, FALSE>>>> >>
ExampleAt(n) == Example[n]
ExampleLength == Len(Example)
=============================================================================
