"""A condition can be read aloud, and says what it says."""

import pytest

from sharing.condition_words import in_words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("everyone", "everyone"),
        ("person.share_council = 'given'", "share council of person is given"),
        (
            "need.reveals_abuse is false and referral.lot_code != 'L8-DA'",
            "reveals abuse of need is no, and lot code of referral is not L8-DA",
        ),
        (
            "service.lot_code is null or not (risk.level in ['low', 'none_known'] and person.age >= 18)",
            (
                "lot code of service is empty, or it is not so that"
                " (level of risk is one of low, none known, and age of person is at least 18)"
            ),
        ),
        (
            "risk.level not in ['high'] and person.died is not true",
            "level of risk is none of high, and died of person is not yes",
        ),
    ],
)
def test_each_part_of_the_grammar_has_its_words(condition: str, words: str) -> None:
    """Comparisons, lists, states and their joining, brackets where a part is joined itself."""
    assert in_words(condition) == words
