--------------------------- MODULE UnfairPipeline ----------------------------
(* Pipeline on a machine that promises nothing: whatever could happen next need  *)
(* not. So the one promise that is asked for, that some task that can take a step*)
(* takes one, is needed, for the end of the run and for every item.              *)
(*                                                                               *)
(* The difference: the config has Spec in the place of FairSpec.                 *)
(* To see it pass: FairSpec in the config.                                       *)
EXTENDS Pipeline
=============================================================================
