"""Which term holds for an entity of a flow, and how long the secrets of the log are kept."""

from datetime import date

import pytest

from sharing import load_dpia
from sharing.document.afterwards import Retention
from sharing.retention import kept_days, secrets_term, terms_of
from tests.unit.sharing.records import EXAMPLE

DPIA = load_dpia(EXAMPLE)


def term(what: str, period: str, proof: str = "recipient_certificate") -> Retention:
    said = {"what": what, "period": period, "from": "case_closed", "basis": "Schedule X-1"}
    return Retention.model_validate(said | {"disposal": "delete", "proof": proof})


def test_an_entity_has_its_own_term_or_that_of_its_flow() -> None:
    """The more exact line speaks, in whatever order they stand; another party's or flow's says nothing."""
    said = [
        term("early_help.contact@smbc", "P1Y"),
        term("early_help@smbc", "P3Y"),
        term("commissioning@smbc", "P6Y"),
        term("early_help.need@hub", "P9Y"),
    ]
    for order in (said, said[::-1]):
        file = DPIA.model_copy(update={"retention": order})
        found = {one["entity"]: one["period"] for one in terms_of(file, DPIA.flow("early_help"))}
        assert found.pop("contact") == "P1Y"
        assert set(found) == set(DPIA.flow("early_help").fields) - {"contact"}
        assert set(found.values()) == {"P3Y"}


def test_what_nobody_certifies_is_no_term_of_a_recipient() -> None:
    """A line about Viaduct's own files gives the recipient no period, whatever it is called."""
    file = DPIA.model_copy(update={"retention": [term("early_help@smbc", "P3Y", "run_summary")]})
    assert terms_of(file, DPIA.flow("early_help")) == []


def test_the_secrets_of_the_log_have_a_period_of_their_own() -> None:
    """The example destroys them after six years; an assessment that says nothing keeps them."""
    said = secrets_term(DPIA)
    assert said is not None
    assert (said.period, said.since) == ("P6Y", "disclosure")
    assert secrets_term(DPIA.model_copy(update={"retention": []})) is None


@pytest.mark.parametrize("what", ["batch_bodies", "run_summaries"])
@pytest.mark.parametrize(
    ("period", "site", "days"),
    [("P30D", 60, 30), ("P30D", 7, 7), ("P1Y", 730, 365), ("P2Y", 730, 730), ("P1M", 60, 31), (None, 60, 60)],
)
def test_of_the_site_and_the_assessment_the_shorter_period_holds(
    what: str, period: str | None, site: int, days: int
) -> None:
    """What the parties signed is kept to even where a site's file says longer; another line says nothing."""
    said = [
        term("disclosure_log", "P1D", "log_leaf"),
        *([term(what, period, "run_summary")] if period else []),
    ]
    file = DPIA.model_copy(update={"retention": said})
    assert kept_days(file, what, site, date(2026, 11, 22)) == days
