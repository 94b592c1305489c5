"""What a measure may say that enforces it, beside the file's own rules: nets of Viaduct, each with its test.

A house test asks that each test named here exists.
"""

from dataclasses import dataclass
from enum import StrEnum


class Held(StrEnum):
    """When what enforces a measure is asked."""

    LOADING = "held whenever the file is loaded"
    RUN = "held in every run"
    TESTS = "held by Viaduct's own tests"


@dataclass(frozen=True)
class Net:
    """One net, in words for whoever answers for data, when it is held, and the test that shows it."""

    words: str
    held: Held
    test: str


NETS: dict[str, Net] = {
    "rule:brakes": Net(
        "a source that gives far less or far more than the night before waits for a person",
        Held.RUN,
        "test_a_sudden_drop_refuses_that_source_and_no_other",
    ),
    "rule:cohort": Net(
        "whoever is not, or is no longer, in the group that the flow is for is withheld, and withdrawn",
        Held.RUN,
        "test_a_withdrawn_consent_withdraws_the_person",
    ),
    "rule:default_deny": Net(
        "a column or field that the flow does not name never leaves",
        Held.RUN,
        "test_a_column_that_nobody_declared_never_leaves",
    ),
    "rule:disclosure_log": Net(
        "what leaves is signed into a log first, and any change to the log afterwards is found",
        Held.RUN,
        "test_any_flipped_byte_of_log_checkpoint_people_manifest_body_or_receipt_is_found",
    ),
    "rule:key_custodian": Net(
        "a file in which whoever keeps the keys of the pseudonyms also reads the warehouse does not load",
        Held.LOADING,
        "test_the_file_does_not_load_with",
    ),
    "rule:sealed": Net(
        "everything is sealed to the recipient's key before it is laid down",
        Held.RUN,
        "test_what_was_sealed_opens_to_the_same_bytes",
    ),
    "test:no_word_of_a_person_outside_the_warehouse": Net(
        "whole nights are run over invented people, and no word of them is found in any log, page or file",
        Held.TESTS,
        "test_nothing_personal_was_said_or_left_behind",
    ),
}
