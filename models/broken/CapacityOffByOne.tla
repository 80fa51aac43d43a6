-------------------------- MODULE CapacityOffByOne --------------------------
(* ConditionQueue in which put lets one item more in than fit.             *)
(*                                                                         *)
(* The difference: the config puts OneMore in the place of MayGo.          *)
(* To see it pass: write < for <=.                                         *)
EXTENDS ConditionQueue

OneMore(t) == IF t \in Producers THEN Len(queue) <= Capacity ELSE queue # <<>>
=============================================================================
