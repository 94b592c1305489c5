"""The truth file: each planted flaw is found where it is, no other is, and each has the fate written down."""

from collections import Counter, defaultdict
from datetime import datetime

import pytest

from demo.figures import PUBLISHED
from demo.flaws import Flaw
from demo.sample import Sample
from quality import Finding, FindingStore, catalogue, check_named
from quality.checks import SUBMISSION
from tests.end_to_end.conftest import PortalNights
from tests.released import FLOWS, Council

HOLD, BLANK, NONE = "hold_record", "blank_field", "none"
ABUSE = {"SOC.DA", "SOC.DAP"}
DIARY, PERSON = "Diary Reference Number", "Org Person ID"
IN_NO_FLOW = {"consent", "risk"}
NOT_IN_A_CRM = {"child_review", "child_score", "early_help_episode", "directory_service"}
NEVER_SHOWN = {"EPI-03", "EPI-05", "PER-20", "PER-21", "REF-17", "SUB-03", "SUB-04", "SUB-05"}
"""One cell ends a referral and its episode; a referral has one episode; an erasure shows a night later.
Months and rows that are not there would change every figure, and so would a portal referral that is linked to
somebody else's (REF-17). No provider of the example learns of a link. The second sample has all of them, and
whatever is not in a CRM: test_precision."""
OF_A_PERSON = {"person", "address", "characteristics", "referral"}


@pytest.fixture(scope="module")
def council(portal_nights: PortalNights) -> Council:
    return Council(portal_nights.night)


@pytest.fixture(scope="module")
def reading(portal_nights: PortalNights) -> "Reading":
    return Reading(portal_nights.sample)


def living(portal_nights: PortalNights) -> list[Finding]:
    """Return what the nights found and is not over."""
    return FindingStore(portal_nights.night.site.var / "state" / "findings.sqlite").open(None)


def flaws(sample: Sample, fate: str) -> list[Flaw]:
    """Return the flaws of records with that fate; what is found of a whole provider has none."""
    return [flaw for flaw in sample.truth if flaw.fate == fate and flaw.entity != SUBMISSION]


class Reading:
    """What the sample's rows say by themselves, read by nothing of ours: who agreed, whose a record is."""

    def __init__(self, sample: Sample) -> None:
        self.agreed = {source: _agreed(sample, source) for source in sample.sources}
        self.rows = {
            next(iter(row.values())): row
            for tables in sample.sources.values()
            for export in ("people", "needs", "consents", "risks", "outcomes", "contacts", "referrals")
            for row in tables[export]
            if next(iter(row.values()))
        }
        self.abuse = abuse_cases(sample)
        self.without_lot = {
            row[DIARY]
            for tables in sample.sources.values()
            for row in tables["referrals"]
            if row["Project"] not in {each["Project"] for each in tables["services"] if each["Lot"]}
        }

    def tells(self, flaw: Flaw, flow: str) -> bool:
        """Return whether the case tells of abuse: which of its rows early help leaves out is not asked."""
        return flow == "early_help" and flaw.entity not in OF_A_PERSON and self.case(flaw) in self.abuse

    def person(self, flaw: Flaw) -> str:
        """Return whom the flawed record is about: whom its case is about, where it has one."""
        row = self.rows[flaw.reference]
        return self.rows.get(self.case(flaw), row)[PERSON]

    def case(self, flaw: Flaw) -> str:
        """Return the case that the flawed record is, or hangs on; blank for records of a person alone."""
        return self.rows[flaw.reference].get(DIARY, "")

    def of_no_lot(self, flaw: Flaw) -> bool:
        """Return whether its case is of a service without a lot, or of none: nothing says that it is safe."""
        return self.case(flaw) in self.without_lot


def _agreed(sample: Sample, source: str) -> set[str]:
    """Return who last said yes to sharing with the council."""
    told: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in sample.table(source, "consents"):
        if row["Purpose"] == "Share with council":
            at = max(row["Recorded"], row["Withdrawn"], key=_instant)
            told[row["Org Person ID"]].append((_instant(at), row["Status"] == "Given"))
    return {person for person, answers in told.items() if max(answers)[1]}


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M") if text else datetime.min  # noqa: DTZ007, DTZ901


def test_every_planted_flaw_is_found_with_its_field_and_no_other_is(portal_nights: PortalNights) -> None:
    """The open findings are the truth file: source, entity, record, check, field and effect.

    Beside them stand only the records that look wrong, are right, and are known to be told of.
    """
    found = sorted((f.source, f.entity, f.record, f.check, f.field, f.effect) for f in living(portal_nights))
    planted = [
        (f.source, f.entity, f.reference, f.check, f.field, f.fate) for f in portal_nights.sample.truth
    ]
    misfires = [
        (one.source, one.entity, one.reference, one.check, one.field, NONE)
        for one in portal_nights.sample.look_alikes
        if one.told
    ]
    assert found == sorted(planted + misfires)
    kinds = {flaw.check for flaw in portal_nights.sample.truth}
    shown = {check.id for check in catalogue() if check.entity not in NOT_IN_A_CRM} - NEVER_SHOWN
    assert kinds == shown


def test_a_finding_of_two_records_names_the_other_one_of_the_same_provider(
    portal_nights: PortalNights, reading: Reading
) -> None:
    """Whoever has to close one of two sees both: the other is theirs too, and alike in what is asked."""
    alike = {
        "REF-12": (PERSON, "Project"),
        "EPI-07": (PERSON, "Project", "Start Date"),
        "ADV-04": (PERSON, "Contact Date", "Advice Category"),
    }
    seen: set[str] = set()
    for found in living(portal_nights):
        if found.check in alike:
            own, other = reading.rows[found.record], reading.rows[found.other]
            assert found.other != found.record
            assert found.other[0] == found.record[0]
            assert [own[name] for name in alike[found.check]] == [other[name] for name in alike[found.check]]
            seen.add(found.check)
    assert seen == {*alike}


def test_the_effect_of_a_check_is_the_fate_in_the_truth_file(portal_nights: PortalNights) -> None:
    """The catalogue declares what the truth file expects; nobody changes one without the other."""
    assert {(f.check, f.fate) for f in portal_nights.sample.truth} == {
        (f.check, check_named(f.check).effect.value) for f in portal_nights.sample.truth
    }


def stays(reading: Reading, flaw: Flaw, flow: str) -> tuple[str, str] | None:
    """Return why the record stays behind whatever is wrong with it, read from the assessment in words."""
    lot_8 = flaw.source == "domestic_abuse_support"
    if flaw.entity in IN_NO_FLOW:
        return "withheld", "not_in_flow"
    if flow == "commissioning":
        unsafe = reading.of_no_lot(flaw)
        reason = "rule:where.referral" if flaw.entity == "referral" else "parent_withheld"
        return ("withheld", "source_not_in_flow") if lot_8 else ("withheld", reason) if unsafe else None
    if reading.person(flaw) not in reading.agreed[flaw.source]:
        return "withheld", "cohort"
    if flaw.entity in OF_A_PERSON or flaw.check in {"CON-01", "LNK-01", "ADV-02"}:
        return None  # a record that hangs in the air has no case to ask
    unsure = reading.of_no_lot(flaw) or flaw.check in {"SIG-01", "ONR-01"}
    return ("withheld", f"rule:where.{flaw.entity}") if lot_8 or unsure else None


def test_what_holds_a_record_holds_it_in_every_flow_that_would_release_it(
    portal_nights: PortalNights, council: Council, reading: Reading
) -> None:
    """No held record is in any table; each flow holds it, unless it would not let it out anyway."""
    sample = portal_nights.sample
    held: set[tuple[str, str]] = set()
    for flaw in flaws(sample, HOLD):
        for flow in FLOWS if flaw.check != "MAP-02" else ():
            wanted = stays(reading, flaw, flow) or ("held", f"check:{flaw.check}")
            if reading.tells(flaw, flow):
                continue
            if flaw.entity not in IN_NO_FLOW:
                assert council.row(flow, flaw.entity, flaw.source, flaw.reference) is None
            assert council.stayed(flow, flaw.entity, flaw.source, flaw.reference) == wanted, flaw
            held.add((flow, flaw.check) if wanted[0] == "held" else (flow, ""))
    checks = {flaw.check for flaw in flaws(sample, HOLD)} - {"MAP-02"}
    assert {(flow, check) for flow in FLOWS for check in checks} - held == {("early_help", "PER-10")}


def test_a_row_without_a_reference_is_counted_and_nowhere(portal_nights: PortalNights) -> None:
    """It is rejected where it came in: nothing could ever say which record it is."""
    rejected = {
        (source["source"], name): export["rejected"]
        for source in portal_nights.first["sources"]
        for name, export in source["exports"].items()
        if export["rejected"]
    }
    planted = Counter(
        (flaw.source, f"{flaw.entity}s") for flaw in portal_nights.sample.truth if flaw.check == "MAP-02"
    )
    assert rejected == planted


def test_what_blanks_a_field_blanks_it_and_lets_the_record_go(
    portal_nights: PortalNights, council: Council, reading: Reading
) -> None:
    """The row is in the warehouse with that field null, in each flow that releases it; others keep theirs."""
    sample = portal_nights.sample
    seen: set[str] = set()
    for flaw in flaws(sample, BLANK):
        for flow in FLOWS:
            row = council.row(flow, flaw.entity, flaw.source, flaw.reference)
            kept = stays(reading, flaw, flow)
            assert reading.tells(flaw, flow) or (row is None) == (kept is not None), (flow, flaw)
            if row is not None and flaw.field in row:
                assert row[flaw.field] is None, flaw.check
                seen.add(flaw.check)
    never_sent = {"ADR-06", "CHR-02", "OUT-01"}  # neither flow has the field
    assert seen == {flaw.check for flaw in flaws(sample, BLANK)} - never_sent
    for flow, entity, field in (
        ("early_help", "person", "nhs_number"),
        ("early_help", "person", "birth_date"),
        ("early_help", "address", "postcode"),
        ("commissioning", "characteristics", "gender"),
        ("commissioning", "advice", "category"),
        ("commissioning", "outcome_measure", "raw_total"),
    ):
        assert council.count(flow, entity, f"{field} is not null") > 100


def test_what_only_asks_to_be_mended_is_released(
    portal_nights: PortalNights, council: Council, reading: Reading
) -> None:
    """The record is in the warehouse of each flow that takes such records; each kind is in one at least."""
    sample = portal_nights.sample
    seen: set[str] = set()
    for flaw in flaws(sample, NONE):
        for flow in FLOWS:
            row = council.row(flow, flaw.entity, flaw.source, flaw.reference)
            kept = stays(reading, flaw, flow)
            assert reading.tells(flaw, flow) or (row is None) == (kept is not None), (flow, flaw)
            seen |= {flaw.check} if row is not None else set()
    assert {flaw.check for flaw in flaws(sample, NONE)} - seen == {"OUT-07"}


def abuse_cases(sample: Sample) -> set[str]:
    """Return the hub's cases of which any row tells of domestic abuse, read from the exports alone."""
    services = {row["Service ID"]: row for row in sample.table("hub", "services")}
    bad = {s["Organisation ID"] for s in services.values() if s["Domestic Abuse"] == "Yes"}
    bad |= {
        row["Organisation ID"]
        for row in sample.table("hub", "organisations")
        if row["Organisation Type"] == "Domestic abuse service"
    }
    told = {r["Diary Reference Number"] for r in sample.table("hub", "needs") if r["Need"] in ABUSE}
    for row in sample.table("hub", "contacts"):
        service = services.get(row["External Referral Service"], {})
        to_abuse = {row["Signposted To"], row["External Referral To"]} & bad
        if row["Classification Code"] in ABUSE or to_abuse or service.get("Lot") == "L8-DA":
            told.add(row["Diary Reference Number"])
    return told


def test_no_row_of_commissioning_links_anybody_to_domestic_abuse(
    portal_nights: PortalNights, council: Council
) -> None:
    """Every case that tells of it is linked to nobody: no person, no triage, and its rows hang free.

    The borough's totals still count each of these rows.
    """
    cases = abuse_cases(portal_nights.sample)
    assert len(cases) > 50
    keys = council.keys("commissioning", "referral", "hub", sorted(cases))
    listed = ", ".join(f"'{key}'" for key in keys)
    rows = [row for row in council.rows("commissioning", "referral") if row["referral_id"] in keys]
    assert len(rows) == len(cases)
    hidden = ("person_id", "target_service_id", "triage_outcome", "closure_reason", "parent_referral_id")
    assert {name: {row[name] for row in rows} for name in hidden} == {name: {None} for name in hidden}
    for entity in ("need", "contact", "advice", "signposting", "onward_referral", "service_episode"):
        assert council.count("commissioning", entity, f"referral_id in ({listed})") == 0, entity
    for entity in ("outcome_measure", "outcome"):
        assert council.count("commissioning", entity, f"referral_id in ({listed})") == 0, entity
    free = council.count("commissioning", "onward_referral", "person_id is null and referral_id is null")
    assert free >= PUBLISHED.onward_to_domestic_abuse_support


def test_no_gap_in_a_linked_case_tells_what_was_taken_out(council: Council) -> None:
    """Wherever a linked case says "refer on", "signpost" or "advice only", that row is there."""
    for outcome, entity in (
        ("refer_on", "onward_referral"),
        ("signpost", "signposting"),
        ("iag_only", "advice"),
    ):
        gaps = council.night.query(
            "select count(*) from commissioning.referral r where source_system = 'hub' and"
            f" person_id is not null and triage_outcome = '{outcome}' and not exists"
            f" (select 1 from commissioning.{entity} c where c.referral_id = r.referral_id)"
        )
        assert gaps == [(0,)], outcome
    children = council.night.query(
        "select count(*) from commissioning.referral c join commissioning.referral p"
        " on c.parent_referral_id = p.referral_id where p.person_id is null"
    )
    assert children == [(0,)]


def test_nothing_of_lot_8_is_in_commissioning(council: Council) -> None:
    """No row of its source, of its lot, or with its need codes on a linked record."""
    for (entity,) in council.night.query(
        "select table_name from information_schema.columns where table_schema = 'commissioning'"
        " and column_name = 'source_system'"
    ):
        assert council.count("commissioning", entity, "source_system = 'domestic_abuse_support'") == 0
    assert council.count("commissioning", "referral", "lot_code = 'L8-DA'") == 0
    assert council.count("commissioning", "onward_referral", "lot_code = 'L8-DA'") == 0
    assert council.count("commissioning", "need", "need_code in ('SOC.DA', 'SOC.DAP')") == 0
    assert council.count("commissioning", "advice", "subcategory in ('SOC.DA', 'SOC.DAP')") == 0
