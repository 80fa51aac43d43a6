-------------------------- MODULE NotifyIsAFailure ---------------------------
(* PipelineOverConditionQueue with a notify after which a worker counts as failed:*)
(* a step that no pipeline on an atomic queue has.                               *)
(*                                                                               *)
(* The difference: the config puts NotifiesAndFails in the place of Notifies.    *)
(* To see it pass: write UNCHANGED vars in the place of the first two lines.     *)
EXTENDS PipelineOverConditionQueue

NotifiesAndFails(t) ==
    /\ failed' = failed \cup {t}
    /\ UNCHANGED <<queue, shut, held, sent, received, discarded, pc, told, taken, changed, left, wanted, accounts, drained>>
    /\ Inner!Notify(t)
=============================================================================
