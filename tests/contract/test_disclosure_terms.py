"""How figures hide small counts comes with the rows, to a warehouse of every kind, and goes with them."""

from sealing.manifest import DisclosureTerms, read_manifest
from tests.batches import Change, Parties, row
from warehouse.figures import control_in
from warehouse.load import load_landing

TERMS = DisclosureTerms(
    profile="published-figures",
    suppress_to=7,
    round_to=5,
    least_width=4,
    borough_only_lots=["L1-ASM"],
    borough_only_threshold=10,
    memory_months=12,
    calendar="quarterly",
)


def test_the_terms_of_the_last_batch_are_those_that_hold(both: Parties) -> None:
    """They are kept with the assessment that says so; a batch without any takes them away."""
    assert control_in(both.warehouse, "early_help") is None
    sender = both.sender()
    sent = sender.publish(Change("person", [row("person", 1)]), disclosure_control=TERMS)
    load_landing(both.zone, both.warehouse, both.council)
    told = control_in(both.warehouse, "early_help")
    assert told is not None
    assert (told.terms, told.dpia) == (TERMS, sent.manifest.dpia)
    assert control_in(both.warehouse, "commissioning") is None
    sender.publish(Change("person", [row("person", 2)]))
    load_landing(both.zone, both.warehouse, both.council)
    assert control_in(both.warehouse, "early_help") is None


def test_a_manifest_that_says_nothing_of_figures_is_what_it_was(both: Parties) -> None:
    """Nothing stands in its bytes where there are no terms, and all of them where there are."""
    silent = both.sender().build(Change("person", [row("person", 1)])).manifest
    assert b"disclosure_control" not in silent.canonical_bytes()
    telling = silent.model_copy(update={"disclosure_control": TERMS})
    assert read_manifest(telling.canonical_bytes()).disclosure_control == TERMS
