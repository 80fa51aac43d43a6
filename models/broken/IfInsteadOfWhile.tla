-------------------------- MODULE IfInsteadOfWhile --------------------------
(* ConditionQueue with "if" for "while": a woken waiter does not look again. In  *)
(* the time between the notify and its turn another thread may have taken the    *)
(* item, or the room, that it was woken for.                                     *)
(*                                                                               *)
(* The difference: the config puts DoesNotLookAgain in the place of              *)
(* MayGoAfterWaiting.                                                            *)
(* To see it pass: one producer and one consumer, where nobody comes between.    *)
EXTENDS ConditionQueue

DoesNotLookAgain(t) == TRUE
=============================================================================
