----------------------------- MODULE QuietInside -----------------------------
(* PipelineOverConditionQueue with a queue that notifies nobody: in the pipeline, a*)
(* consumer sleeps on beside an item.                                            *)
(*                                                                               *)
(* The difference: the config puts NotifiesNobody in the place of ToNotify, in   *)
(* ConditionQueue.                                                               *)
(* To see it pass: write First(1, Inner!First(1, waiters[...])) as there.        *)
EXTENDS PipelineOverConditionQueue

NotifiesNobody(t) == <<>>
=============================================================================
