"""Between two nights records change, vanish, are merged or anonymised; the sample given stays as it was."""

import copy

import pytest

from demo.nights import add, anonymise, change, find, merge, night, vanish
from demo.sample import Sample


def all_text(sample: Sample) -> str:
    return str(sample.sources["hub"])


def test_a_change_touches_one_row_and_not_the_sample_it_was_given(sample: Sample) -> None:
    """Nothing is changed in place."""
    before = copy.deepcopy(sample.sources)
    changed = change(sample, "hub", "people", "HP000005", {"Forename": "Zqforother"})
    assert find(changed, "hub", "people", "HP000005")["Forename"] == "Zqforother"
    assert sample.sources == before
    differing = [
        a
        for a, b in zip(changed.table("hub", "people"), sample.table("hub", "people"), strict=True)
        if a != b
    ]
    assert len(differing) == 1


def test_an_unknown_reference_or_column_is_refused(sample: Sample) -> None:
    """A test that changes nothing would prove nothing."""
    with pytest.raises(KeyError):
        change(sample, "hub", "people", "HP999999", {"Forename": "x"})
    with pytest.raises(KeyError):
        change(sample, "hub", "people", "HP000001", {"Fore name": "x"})
    with pytest.raises(KeyError):
        vanish(sample, "hub", "people", "HP999999")


def test_a_person_who_vanishes_takes_everything_with_them(sample: Sample) -> None:
    """No row of the hub names them any more."""
    assert "'HP000005'" not in all_text(vanish(sample, "hub", "people", "HP000005"))


def test_a_referral_that_vanishes_leaves_the_person(sample: Sample) -> None:
    """Its contacts, needs and forms go, the person stays."""
    person = find(sample, "hub", "referrals", "HR000005")["Org Person ID"]
    later = vanish(sample, "hub", "referrals", "HR000005")
    assert "'HR000005'" not in all_text(later)
    assert find(later, "hub", "people", person)


def test_an_anonymised_person_keeps_the_work_and_loses_the_identity(sample: Sample) -> None:
    """As the CRM does it: fields blanked, record flagged."""
    later = anonymise(sample, "hub", "HP000005")
    row = find(later, "hub", "people", "HP000005")
    assert (row["Forename"], row["Date of Birth"], row["Postcode"], row["Anonymised"]) == ("", "", "", "Yes")
    assert later.table("hub", "referrals") == sample.table("hub", "referrals")


def test_the_survivor_of_a_merge_gets_all_that_the_loser_had(sample: Sample) -> None:
    """The loser's reference is only left in the list of merged records."""
    had = [row for row in sample.table("hub", "contacts") if row["Org Person ID"] == "HP000006"]
    later = merge(sample, "hub", "HP000005", "HP000006")
    assert find(later, "hub", "people", "HP000005")["Merged IDs"] == "HP000006"
    assert all(
        find(later, "hub", "contacts", row["Contact ID"])["Org Person ID"] == "HP000005" for row in had
    )
    assert "'HP000006'" not in all_text(later).replace("'Merged IDs': 'HP000006'", "")


def test_a_row_added_has_every_column(sample: Sample) -> None:
    """Those not given are empty."""
    later = add(sample, "hub", "risks", {"Risk ID": "HK990001", "Org Person ID": "HP000001"})
    assert find(later, "hub", "risks", "HK990001")["Level"] == ""


def in_period(sample: Sample) -> list[str]:
    """Return the hub's cases of the period of the figures."""
    return [
        row["Diary Reference Number"]
        for row in sample.table("hub", "referrals")
        if row["Referral Date"][3:] != "12/2022"
    ]


def test_a_night_leaves_figures_and_truth_as_they_were(sample: Sample) -> None:
    """What happens in it happens to records that count in no figure and hold no flaw."""
    assert night(sample, 0).sample is sample
    planted = {flaw.reference for flaw in sample.truth}
    for number in (1, 2, 3):
        after = night(sample, number)
        touched = {
            *after.changed,
            *after.anonymised,
            *after.vanished,
            *(one for pair in after.merged for one in pair),
        }
        assert len(touched) == 5
        assert not touched & planted
        assert (after.sample.extracted_at - sample.extracted_at).days == number
        assert in_period(after.sample) == in_period(sample)
