"""Bugs in what becomes of a finding, each caught by thirty nights beside the model, or by real ones."""

from tests.planted.bug import Bug

NIGHT, ACTS, STORE = "quality/finding_night.py", "quality/finding_acts.py", "quality/findings.py"
THIRTY = (
    "tests/unit/quality/test_life_of_findings.py"
    "::test_after_each_of_thirty_nights_every_finding_stands_where_the_model_says[4]"
)
NIGHTS = "tests/end_to_end/test_life_of_findings.py"
BUGS_OF_FINDINGS: tuple[Bug, ...] = (
    Bug("an acceptance ends a day early", NIGHT, "f.until < :today", "f.until <= :today", THIRTY),
    Bug(
        "an acceptance ends a day late",
        NIGHT,
        "f.until < :today",
        "f.until < date(:today, '-1 day')",
        THIRTY,
    ),
    Bug(
        "an acceptance ends by the day of Greenwich",
        NIGHT,
        "at.astimezone(LONDON).date().isoformat()",
        "at.date().isoformat()",
        THIRTY,
    ),
    Bug(
        "a finding is due by the day of Greenwich",
        STORE,
        "        day = at.astimezone(LONDON).date()",
        "        day = at.date()",
        THIRTY,
    ),
    Bug(
        "a run that is recorded again is a source's first",
        NIGHT,
        "FROM complete WHERE true ON CONFLICT DO NOTHING",
        "FROM complete WHERE true ON CONFLICT DO UPDATE SET run_id = excluded.run_id",
        THIRTY,
    ),
    Bug(
        "what the first night finds late is no baseline",
        NIGHT,
        "looked.source = found.source AND looked.run_id <> :run)",
        "looked.source = found.source)",
        THIRTY,
    ),
    Bug(
        "what is found again is due when it was",
        NIGHT,
        "due = CASE c.to_state WHEN 'open'",
        "due = CASE c.reason WHEN 'expired'",
        THIRTY,
    ),
    Bug(
        "what is graver now is due when it was",
        NIGHT,
        "WHEN severity = excluded.severity AND due <> '' THEN",
        "WHEN due <> '' THEN",
        THIRTY,
    ),
    Bug(
        "what a part of an export does not show is mended",
        NIGHT,
        "FROM unseen AS f WHERE f.source IN (SELECT source FROM complete)\nAND (:all_seen",
        "FROM unseen AS f WHERE (:all_seen",
        THIRTY,
    ),
    Bug(
        "a record that is not there passes",
        NIGHT,
        "(:all_seen OR f.entity NOT IN",
        "(true OR f.entity NOT IN",
        THIRTY,
    ),
    Bug(
        "a check that nobody could ask passes",
        NIGHT,
        "(u.record IS NULL OR u.record = f.record)",
        "u.record = f.record",
        THIRTY,
    ),
    Bug(
        "an account that sees less withdraws what it does not see",
        NIGHT,
        "WHERE f.source IN (SELECT source FROM vanishing)",
        "WHERE f.source IN (SELECT source FROM complete)",
        THIRTY,
    ),
    Bug(
        "a case keeps the findings of a person of its number",
        NIGHT,
        "AND NOT EXISTS (SELECT 1 FROM seen AS s WHERE s.source = f.source AND s.entity = f.entity",
        "AND NOT EXISTS (SELECT 1 FROM seen AS s WHERE s.source = f.source",
        THIRTY,
    ),
    Bug(
        "what passed on another night closes with a delivery",
        NIGHT,
        "WHERE f.state = 'mended' AND f.passed_run = :run",
        "WHERE f.state = 'mended'",
        THIRTY,
    ),
    Bug(
        "what is found of the merged and the forgotten is a gap",
        NIGHT,
        "    store.execute(NOT_OF_THE_GONE)\n",
        "",
        THIRTY,
    ),
    Bug(
        "a check that is switched off has been mended",
        NIGHT,
        "OF_RETIRED, OF_SWITCHED_OFF, OF_PERIOD_OVER",
        "OF_RETIRED, OF_PERIOD_OVER",
        THIRTY,
    ),
    Bug(
        "every opening counts as a relapse",
        NIGHT,
        "times_opened + (c.reason = 'found_again')",
        "times_opened + (c.to_state = 'open')",
        THIRTY,
    ),
    Bug(
        "an acceptance outlives the mending",
        NIGHT,
        "until = CASE c.to_state WHEN 'open' THEN '' ELSE until END",
        "until = until",
        THIRTY,
    ),
    Bug(
        "history is told after the change",
        NIGHT,
        "    store.execute(TELL, when)\n    store.execute(CHANGE, when)",
        "    store.execute(CHANGE, when)\n    store.execute(TELL, when)",
        THIRTY,
    ),
    Bug(
        "an acknowledgement taken back gains days",
        ACTS,
        "WHERE code IN (SELECT code FROM named) AND state IN ('accepted', 'disputed')",
        "WHERE code IN (SELECT code FROM named)",
        THIRTY,
    ),
    Bug(
        "the history of what was swept stays for the next of its number",
        STORE,
        '            store.execute(SWEEP_EVENTS, {"before": stamp(before)})\n',
        "",
        THIRTY,
    ),
    Bug(
        "a look without touching keeps what it saw",
        STORE,
        '"COMMIT" if keep else "ROLLBACK"',
        '"COMMIT"',
        THIRTY,
    ),
    Bug(
        "what is mended closes though its record is held",
        "sync/mending.py",
        "(pl.col(_of(number)) == FATE_HELD)",
        "pl.lit(value=False)",
        f"{NIGHTS}::test_what_is_mended_waits_for_a_receipt_and_until_no_other_gap_holds_the_record",
        daily=False,
    ),
    Bug(
        "what is mended closes though its batch has no receipt",
        "sync/mending.py",
        "(pl.col(_of(number)) == FATE_RELEASED) & pl.lit(not received)",
        "pl.lit(value=False)",
        f"{NIGHTS}::test_what_is_mended_waits_for_a_receipt_and_until_no_other_gap_holds_the_record",
        daily=False,
    ),
    Bug(
        "what vanishes behind the brake of a flow is withdrawn",
        "sync/run.py",
        "believed = {night.flow.id for night in nights if night.vanished_is_believed}",
        "believed = {night.flow.id for night in nights}",
        f"{NIGHTS}::test_what_vanishes_behind_a_brake_is_not_withdrawn[flows-False]",
        daily=False,
    ),
)
