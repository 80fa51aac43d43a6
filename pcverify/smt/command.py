"""The command `pcverify prove`."""

from __future__ import annotations

import difflib
import re
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError, Verdict, seconds, worst
from pcverify.smt.every_proof import PROOFS
from pcverify.smt.obligations import MAX_SECONDS, discharge, smtlib
from pcverify.smt.proofs import failing_without
from pcverify.smt.second import confirm

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pcverify.smt.obligations import Answer, Obligation
    from pcverify.smt.proofs import Proof

WIDTH = 118


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to the parser of the command line."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PROOFS)} (default: all)")
    parser.add_argument(
        "--lemmas",
        action="store_true",
        help="instead, leave out one lemma at a time, and show what does not hold without it",
    )
    parser.add_argument("--smtlib", type=Path, metavar="FOLDER", help="also write each obligation there, as SMT-LIB 2")
    parser.add_argument("--second", action="store_true", help="also let cvc5 answer each obligation by itself")
    parser.add_argument("--quiet", action="store_true", help="show only what did not come out as it must, and the sums")
    parser.add_argument(
        "--max-seconds", type=seconds, default=MAX_SECONDS, help=f"for each obligation (default {MAX_SECONDS:.0f})"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prove, print, and return the exit code: 0 all is as it must be, 1 it is not, 3 a solver did not find out."""
    proofs = find_proofs(options.names)
    if options.lemmas:
        return worst(_show_lemmas(proof, max_seconds=options.max_seconds) for proof in proofs)
    written = 0
    codes = []
    for proof in proofs:
        owed = proof.obligations()
        if options.smtlib:
            written += _write(proof, owed, options.smtlib)
        codes.append(_show(proof, owed, second=options.second, quiet=options.quiet, max_seconds=options.max_seconds))
    if options.smtlib:
        print(f"{written} obligations were written to {options.smtlib}; those that must be refuted say so.")
    return worst(codes)


def find_proofs(names: Sequence[str]) -> list[Proof]:
    """Return the proofs of these names, all if there are none.

    Raises:
        UsageError: there is no such proof; the message lists those that there are.
    """
    for name in names:
        if name not in PROOFS:
            near = difflib.get_close_matches(name, PROOFS, 1, 0.4)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise UsageError(f"there is no proof {name!r}{hint} There are: {', '.join(PROOFS)}")
    return [PROOFS[name] for name in dict.fromkeys(names or PROOFS)]


def _show(proof: Proof, owed: Sequence[Obligation], *, second: bool, quiet: bool, max_seconds: float) -> int:
    print(f"{proof.name}: {proof.about}")
    began = time.monotonic()
    lack = proof.lacks(owed)
    wrong = unknown = 0
    for each in owed:
        answer = discharge(each, max_seconds=max_seconds)
        confirmed = confirm(smtlib(each), max_seconds=max_seconds) if second else answer.verdict
        verdicts, must = (answer.verdict, confirmed), proof.expects(each)
        good = proof.met_by(answer) and confirmed is must
        wrong += not good and Verdict.UNKNOWN not in verdicts
        unknown += Verdict.UNKNOWN in verdicts
        if not good or must is not Verdict.OK or not quiet:
            _show_one(proof, answer, confirmed if second else None, good=good)
    took = time.monotonic() - began
    who = "z3 and cvc5 agree" if second else "z3"
    if lack:
        print(f"{lack}.\n")
        return 1
    if not wrong and not unknown:
        refuted = f", {len(proof.refuted)} of them refuted" if proof.refuted else ""
        print(f"All {len(owed)} obligations came out as they must{refuted} ({who}, {took:.1f} s).\n")
        return 0
    print(f"{wrong} of {len(owed)} obligations came out otherwise, {unknown} had no answer ({took:.1f} s).\n")
    return 1 if wrong else 3


def _show_one(proof: Proof, answer: Answer, confirmed: Verdict | None, *, good: bool) -> None:
    name = answer.obligation.name.removeprefix(f"{proof.name}: ")
    verdict = str(answer.verdict) if good else f"{answer.verdict}!"
    if confirmed not in {None, answer.verdict}:
        verdict += f" cvc5: {confirmed}"
    print(f"  {verdict:<10} {answer.seconds:5.2f} s  {name}")
    if answer.told:
        print(textwrap.fill(answer.words, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6))


def _show_lemmas(proof: Proof, *, max_seconds: float) -> int:
    """Print what each lemma is needed for; return 1 if one is not, else 3 if z3 did not find out about one."""
    codes = [0]
    print(f"{proof.name}: {len(proof.lemmas)} lemmas, left out one at a time.")
    for lemma in proof.lemmas:
        answer = failing_without(lemma, max_seconds=max_seconds)
        print(f"  {lemma.name}: {lemma.says}")
        if answer is None:
            codes.append(1)
            print("      NOT NEEDED: everything else holds without it.")
            continue
        failing = answer.obligation.name.removeprefix(f"{proof.name}: ")
        if answer.verdict is Verdict.UNKNOWN:
            codes.append(3)
            print(f"      UNKNOWN: z3 did not find out in {max_seconds:g} s whether this holds without it: {failing}")
            print("      Give it more time: --max-seconds.")
            continue
        print(f"      Without it, this does not hold: {failing}")
        print(textwrap.fill(answer.words, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6))
    print()
    return worst(codes)


def _write(proof: Proof, owed: Sequence[Obligation], folder: Path) -> int:
    """Write a file for each obligation; return how many."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, each in enumerate(owed):
            words = re.sub(r"\W+", "-", each.name.removeprefix(f"{proof.name}: ")).strip("-")
            text = smtlib(each)
            if proof.expects(each) is Verdict.VIOLATION:
                text = text.replace("(set-info :status unsat)", "(set-info :status sat)")
                text = text.replace("; Proved if the answer is unsat.", "; To be refuted: the answer must be sat.")
            Path(folder, f"{proof.name}-{number:03}-{words}.smt2").write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error}; name another FOLDER") from error
    return len(owed)
