"""Nothing of the proposed set of figures goes missing: each is told, or why it is not."""

from feed.declared import declarations
from feed.proposed import proposed_set, untold


def test_every_figure_of_the_proposed_set_is_told_or_says_why_not() -> None:
    """K01 to K42: a figure, or a row that is not available with its reason, or as it came."""
    assert untold(declarations()) == []
    assert [each.kpi_id for each in proposed_set() if each.elsewhere] == []


def test_what_cannot_be_told_says_in_a_sentence_why() -> None:
    """Names as typed, the checks, journeys, hours of caring, steps of the plan, one benefit."""
    reasons = {kpi.id: kpi.because for kpi in declarations().kpis.values() if kpi.because}
    assert set(reasons) == {"K03c", "K36.pension_credit", "K38", "K39.hours", "K41", "K42.steps"}
    assert all(reason.endswith(".") and len(reason) > 30 for reason in reasons.values())
