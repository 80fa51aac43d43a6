------------------------ MODULE HandoffAfterShutdown ------------------------
(* HandoffQueue in which put does not look whether the queue was shut      *)
(* down.                                                                   *)
(*                                                                         *)
(* The difference: the config puts PutAnyway in the place of Put.          *)
(* To see it pass: no shutdown.                                            *)
EXTENDS HandoffQueue

PutAnyway(p) ==
    IF ~GetterWaits /\ Len(queue) >= Capacity
    THEN StayOut(p)
    ELSE /\ sent' = Note(sent, Item(p))
         /\ IF GetterWaits
            THEN Serve(NotEmpty, Item(p)) /\ GoTo(p, "notify") /\ UNCHANGED queue
            ELSE queue' = Append(queue, Item(p)) /\ GoTo(p, "release") /\ ServeNobody
         /\ UNCHANGED <<held, received>>
=============================================================================
