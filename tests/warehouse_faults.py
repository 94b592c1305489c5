"""Faults planted into the tables of a warehouse, each on a column of its own, and what must find them."""

from collections.abc import Callable, Iterable

STEPS = {
    "a column is missing": "ALTER TABLE {flow}.need DROP COLUMN need_code",
    "a column is of another type": "ALTER TABLE {flow}.advice ALTER COLUMN given_on TYPE VARCHAR",
    "a code is outside its list": "UPDATE {flow}.referral SET status = 'perhaps' WHERE referral_id = {first}",
    "a key is empty": "UPDATE {flow}.contact SET contact_id = NULL WHERE contact_id = {second}",
    "a row stands twice": "INSERT INTO {flow}.signposting SELECT * FROM {flow}.signposting LIMIT 1",
    "a parent is gone": "DELETE FROM {flow}.person WHERE person_id = {third}",
}
FIRST = {
    "first": "(SELECT referral_id FROM {flow}.referral ORDER BY 1 LIMIT 1)",
    "second": "(SELECT contact_id FROM {flow}.contact ORDER BY 1 LIMIT 1)",
    "third": "(SELECT person_id FROM {flow}.referral ORDER BY 1 LIMIT 1)",
}
FOUND = {
    ("field_is_present", "need", "need_code"),
    ("field_type", "advice", "given_on"),
    ("field_invalid_values", "referral", "status"),
    ("field_required", "contact", "contact_id"),
    ("field_unique", "signposting", "signposting_id"),
    ("field_relationships", "referral", "person_id"),
}
"""Which check finds each, in which table and column."""


LOOSENED = {
    "duckdb": ["ALTER TABLE {flow}.contact ALTER COLUMN contact_id DROP NOT NULL"],
    "postgres": [
        "DROP SCHEMA {flow}_read CASCADE",
        "ALTER TABLE {flow}.contact DROP CONSTRAINT contact_pkey",
        "ALTER TABLE {flow}.contact ALTER COLUMN contact_id DROP NOT NULL",
        "ALTER TABLE {flow}.signposting DROP CONSTRAINT signposting_pkey",
    ],
}
"""What would refuse the faults, out of the way."""


def plant(run: Callable[[str], object], flow: str, loosened: Iterable[str]) -> None:
    """Plant every fault."""
    for statement in loosened:
        run(statement.format(flow=flow))
    where = {name: words.format(flow=flow) for name, words in FIRST.items()}
    for statement in STEPS.values():
        run(statement.format(flow=flow, **where))
