-------------------------- MODULE GetsOnlyWhenFull --------------------------
(* BoundedFifo in which get waits until the queue is full, as who takes    *)
(* items in batches might: the last ones are never taken.                  *)
(*                                                                         *)
(* The difference: the config puts GetWhenFull in the place of Get.        *)
(* To see it pass: room for one item, where any item fills the queue.      *)
EXTENDS BoundedFifo

GetWhenFull(c) ==
    /\ Len(queue) >= Capacity
    /\ held[c] = Nothing
    /\ queue' = Tail(queue)
    /\ IF c \in Interruptible
       THEN held' = [held EXCEPT ![c] = Head(queue)] /\ UNCHANGED received
       ELSE received' = With(received, Head(queue)) /\ UNCHANGED held
    /\ UNCHANGED <<shut, sent, discarded>>
=============================================================================
