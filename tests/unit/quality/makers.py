"""What invented people and their cases hold: values on both sides of every bound, blanks, links astray."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.unit.quality.child_makers import CHILDREN
from tests.unit.quality.circles import FIRST, Circle, Row
from tests.unit.quality.work_makers import WORK

NUMBERS = ("9434765919", "9434765918", "9999999999", "0123456789", "9990000018", "12345", "٩٤٣٤٧٦٥٩١٩", None)
POSTCODES = ("SK1 3XE", "12 High St SK1 3XE", "ZZ99 3VZ", "SK1 3XE ", "M1 1AE", "EC1A 1BB", "75001", None)
BIRTHS = (
    date(1980, 1, 1), date(1970, 1, 1), date(1900, 1, 1), date(1901, 12, 1), date(2022, 6, 3),
    date(2004, 6, 3), date(2006, 6, 2), date(2007, 11, 20), date(2009, 6, 4), date(2004, 2, 29),
    date(2031, 1, 1), None,
)  # fmt: skip
JOBS = ("Paid: 16 or more hours a week", "Not in paid employment: Seeking work", "Unknown", None)
NAMES = ("Zqanna", "TEST", " unknown ", "Testwood", None)


def _people(of: Circle) -> Iterator[Row]:
    for at in range(2):
        yield of.row(
            "person",
            at,
            person_id=of.reference("person", at),
            _person=of.reference("person", at),
            nhs_number=of.some(*NUMBERS),
            nhs_number_status=of.some(None, "01", "02", "04", "05", "07", "08"),
            role_type=of.some("client", "carer", "child", "other", None),
            birth_date=of.some(*BIRTHS),
            birth_date_quality=of.some(None, "exact", "exact", "year"),
            uprn=of.some(None, "0", "12", "x"),
            death_date=of.some(None, None, of.day(8), date(1979, 1, 1)),
            given_name=of.some(*NAMES),
            family_name=of.some(*NAMES),
            anonymous=of.flag(),
            anonymised=of.flag(),
            safe_to_contact=of.some(None, "yes", "no"),
            _nhs_shared=of.flag(),
            _alike=of.some(None, None, "person-0-0"),
            _alike_unsure=of.some(False, False, False, True),
            _alike_linked=of.some(None, False, False, True),
            _recognised=of.flag(),
            _learns=of.flag(),
            _elsewhere=of.some(None, True, False),
            safety_flag=of.some(None, False, False, True),
        )


def _addresses(of: Circle) -> Iterator[Row]:
    for at in range(2):
        yield of.row(
            "address",
            at,
            person_id=of.one_of("person"),
            postcode=of.some(*POSTCODES),
            postcode_district="SK1",
            lsoa21=of.some(None, "E01005743"),
            lad=of.some(None, "E08000007", "E08000003"),
            uprn=of.some(None, "1", "0", "1234567890123", "12a"),
            postcode_status=of.some(None, "valid", "nonuk", "pseudo", "no_fixed_abode", "refused"),
            address_type=of.some(None, "main", "refuge"),
            sensitive_location=of.flag(),
        )


def _characteristics(of: Circle) -> Iterator[Row]:
    for at in range(2):
        yield of.row(
            "characteristics",
            at,
            person_id=of.one_of("person"),
            ethnicity_2021=of.some(None, "White: Irish", "No data: Refused"),
            gender=of.some(None, "1"),
            employment_status=of.some(*JOBS),
            recorded_on=of.some(None, of.day()),
            accommodation_status=of.some("Refuge", "Refuge", "Unknown", None),
        )


def _consents(of: Circle) -> Iterator[Row]:
    for at in of.many(3):
        taken_back = of.some(None, None, of.at(of.day()))
        yield of.row(
            "consent",
            at,
            person_id=of.one_of("person"),
            recorded_on=of.day(),
            withdrawn_at=taken_back,
            purpose=of.some("external_referral", "external_referral", "share_council", None),
            status=of.some("given", "given", "refused", "withdrawn", "best_interests", None),
        )


def _risks(of: Circle) -> Iterator[Row]:
    for at in of.many(1):
        yield of.row(
            "risk",
            at,
            person_id=of.one_of("person"),
            risk_code=of.some("domestic_abuse", "fire", "fire", None),
        )


def _referrals(of: Circle) -> Iterator[Row]:
    for at in range(3):
        day = of.day() if of.draw.random() < 0.8 else of.some(date(2022, 11, 1), date(2022, 3, 1))
        received = of.at(day) if of.draw.random() < 0.9 else datetime(2031, 1, 1, tzinfo=UTC)
        yield of.row(
            "referral",
            at,
            person_id=of.one_of("person"),
            received_at=received,
            received_on=day,
            received_time_known=of.flag(),
            target_service_id=of.shared("service", 4),
            referrer_type=of.some(None, "01", "02", "03"),
            referrer_org_id=of.some(None, "O1"),
            heard_about_us=of.some(None, "Leaflet"),
            lot_code=of.some(None, "L3-SSH", "L4-CS"),
            triaged_at=of.some(None, of.at(day), of.at(of.day())),
            triage_outcome=of.some(None, "accept", "reject", "refer_on"),
            status=of.some(
                None, "received", "in_service", "in_service", "completed", "rejected", "duplicate"
            ),
            closed_at=of.some(None, None, of.day(20), date(2022, 12, 5)),
            closure_reason=of.some(None, "NEEDS_MET", "OTHER"),
            parent_referral_id=of.some(None, "hub:R1"),
            reveals_abuse=of.flag(),
            _parent_known=of.flag(),
            _parent_other_person=(None, True, False)[day.toordinal() % 3 if day else 0],
            _parent_received_at=of.some(
                None, received and received + timedelta(hours=of.draw.randrange(-9, 9))
            ),
        )


def _episodes(of: Circle) -> Iterator[Row]:
    for at in of.many(3):
        started = of.some(of.day(), of.day(), FIRST)
        yield of.row(
            "service_episode",
            at,
            referral_id=of.one_of("referral", 3),
            person_id=of.one_of("person"),
            service_id=of.shared("service", 4),
            accepted_on=of.day(),
            started_on=started,
            ended_on=of.some(None, of.day(), started and started + timedelta(days=of.draw.randrange(5))),
            end_reason=of.some(None, "NEEDS_MET"),
            case_review_on=of.some(None, FIRST),
        )


def _relationships(of: Circle) -> Iterator[Row]:
    for at in of.many(1):
        yield of.row("relationship", at, person_id=of.one_of("person"), relation="household")


def _outcomes(of: Circle) -> Iterator[Row]:
    money = (None, Decimal(0), Decimal(-1), Decimal(100_000), Decimal("100000.01"), Decimal("12.50"))
    for at in of.many(2):
        yield of.row(
            "outcome",
            at,
            referral_id=of.one_of("referral", 3),
            money_gained_gbp=of.some(*money),
            arrears_obtained_gbp=of.some(*money),
            awarded_on=of.day(),
        )


Maker = Callable[[Circle], Iterator[Row]]
MAKERS: dict[str, Maker] = {
    "person": _people,
    "relationship": _relationships,
    "address": _addresses,
    "characteristics": _characteristics,
    "consent": _consents,
    "risk": _risks,
    "referral": _referrals,
    "service_episode": _episodes,
    "outcome": _outcomes,
    **WORK,
    **CHILDREN,
}
