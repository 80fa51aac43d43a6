"""A claim is met by the verdict it needs, and by no other."""

import pytest

from pcverify.evidence import Claim, Result, UsageError, Verdict


def claim(needs: Verdict, does_not_show: str = "larger bounds") -> Claim:
    return Claim("queue-model", "Is no wakeup lost?", "TLC", "2 producers, 2 consumers", needs, does_not_show)


@pytest.mark.parametrize("needs", [Verdict.OK, Verdict.SAMPLED, Verdict.VIOLATION])
@pytest.mark.parametrize("got", list(Verdict))
def test_a_claim_is_met_exactly_by_the_verdict_it_needs(needs: Verdict, got: Verdict) -> None:
    assert Result(claim(needs), got, seconds=1.0).met is (got is needs)


def test_a_claim_that_needs_ok_is_not_met_by_samples() -> None:
    assert not Result(claim(Verdict.OK), Verdict.SAMPLED, seconds=1.0, cases=10_000).met


def test_no_claim_can_need_unknown() -> None:
    with pytest.raises(UsageError, match="needs UNKNOWN"):
        claim(Verdict.UNKNOWN)


def test_every_claim_says_what_it_does_not_show() -> None:
    with pytest.raises(UsageError, match="does not show"):
        claim(Verdict.OK, does_not_show=" ")


def test_a_verdict_reads_as_its_bare_word() -> None:
    assert f"{Verdict.OK}" == "OK"
