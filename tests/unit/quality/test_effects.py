"""What a finding does to the figures is declared, checked against the feed, and told per check."""

import pytest
from pydantic import ValidationError

from feed.declared import declarations
from quality import catalogue
from quality.effects import Effects, Way, concerns_safety, effects, figures_of, minutes_of, weight_of


def told(check: str, entity: str = "", field: str = "") -> list[tuple[str, str]]:
    """Return the figures and ways of a check."""
    return [(each.figure.id, each.way.value) for each in figures_of(check, entity, field)]


def test_every_published_figure_is_declared_and_no_other() -> None:
    """A figure that the feed gains is seen to be missing here."""
    declared = [name for figure in effects().figures for name in figure.published]
    assert sorted(declared) == sorted(declarations().kpis)


def test_every_check_was_weighed() -> None:
    """Whoever adds a check says what it does to the figures and how it is mended."""
    assert [check.id for check in catalogue() if check.id not in effects().checks] == []


def test_a_field_that_a_figure_reads_is_a_field_of_ours() -> None:
    """A slip of the pen in the table is found."""
    from canonical import ENTITIES, spec

    assert not [name for name in effects().counts_in if name not in ENTITIES]
    strange = [
        name for name in effects().fields if name.partition(".")[2] not in spec(name.split(".")[0]).fields
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("check", "entity", "field", "expected"),
    [
        ("REF-05", "referral", "referrer_org_id", [("K03a", "missing")]),
        ("ADV-04", "advice", "given_at", [("K04", "twice"), ("K07", "twice")]),
        ("LNK-01", "signposting", "referral_id", [("K08", "missing"), ("K09", "missing")]),
        ("MAP-01", "referral", "triaged_at", [("K13", "missing")]),
        ("MAP-01", "referral", "priority", []),
        ("MAP-01", "referral", "heard_about_us", [("K03b", "missing")]),
        ("MAP-01", "need", "need_code", [("K26", "missing"), ("K42", "missing")]),
        (
            "MAP-01",
            "service_episode",
            "started_on",
            [("K16", "missing"), ("K24", "missing"), ("K39", "missing")],
        ),
        ("REF-01", "", "", [(name, "missing") for name in ("K01", "K03a", "K13", "K02", "K18")]),
        ("PER-08", "person", "nhs_number_status", []),
        ("NEW-99", "referral", "triaged_at", [("K13", "doubtful")]),
        ("NEW-99", "", "", []),
    ],
)
def test_a_check_tells_what_it_distorts(check: str, entity: str, field: str, expected: list[object]) -> None:
    """Declared by check; a held record by its entity; an unreadable field by what reads it; else nothing."""
    assert told(check, entity, field) == expected


def test_the_hub_s_figures_do_not_weigh_at_another_provider() -> None:
    """A referrer missing at another provider changes nothing that counts the hub's referrals alone."""
    assert weight_of("REF-05", hub=True) == 1.0
    assert weight_of("REF-05", hub=False) == 0
    assert weight_of("EPI-01", hub=False) == pytest.approx(1.0)


def test_minutes_are_an_estimate_by_kind_of_work() -> None:
    """Asking somebody takes longer than typing; a check nobody weighed is taken for typing."""
    assert minutes_of("PER-04") > minutes_of("REF-01") == minutes_of("NEW-99") > minutes_of("REF-08")


def test_safety_comes_before_figures() -> None:
    """A refuge without its flag distorts no figure, and is what to mend first."""
    assert concerns_safety("CHR-06")
    assert not concerns_safety("REF-01")


def test_a_figure_that_nobody_declared_is_refused() -> None:
    """The table is checked when it is read."""
    wrong = effects().model_dump() | {"counts_in": {"person": ["K99"]}}
    with pytest.raises(ValidationError, match="not declared: K99"):
        Effects.model_validate(wrong)
    assert set(Way) == {"missing", "twice", "doubtful"}
