"""Known flaws of what came after the period of the figures, in the week before the export."""

from collections.abc import Callable
from datetime import date

from demo.dates import Moment, day_text
from demo.flaws.extra import AFTER, Ground, extra_referral, late_referral
from demo.flaws.planting import BLANK, DIARY, HOLD, NONE, Planter
from demo.people import Row
from demo.words import ADVICE_CATEGORIES

HUB, COMMUNITY, ABUSE = "hub", "community_support", "domestic_abuse_support"
RECEIVED, NEXT_DAY, LATEST = AFTER, date(2022, 12, 2), date(2022, 12, 7)
ADVICE, SIGNPOST, REFER_ON = "Advice only", "Signpost", "Refer on"


def plant_late(ground: Ground) -> None:
    """Plant at the hub what would change its figures, and at the others what is not asked of an old case."""
    hub = ground.planters[HUB]
    for plant, count in KINDS:
        for turn in range(count):
            plant(ground, hub, turn)
    for source in (COMMUNITY, ABUSE):
        for turn in range(2 if source == COMMUNITY else 1):
            _triaged_early(ground, ground.planters[source], turn)
            _second_open(ground, ground.planters[source], turn)
            _of_no_service(ground, ground.planters[source], turn)


def _case(ground: Ground, planter: Planter, outcome: str = "Accept") -> Row:
    referral = late_referral(ground, planter)
    referral["Triage Outcome"] = outcome
    return referral


def _triaged_early(ground: Ground, planter: Planter, turn: int) -> None:
    referral = _case(ground, planter)
    referral["Triage Date"] = day_text(date(2022, 11, 28 + turn % 3))
    planter.note("referral", referral[DIARY], "REF-07", "triaged_at", NONE)


def _triaged_late(ground: Ground, planter: Planter, turn: int) -> None:
    referral = _case(ground, planter)
    referral["Triage Date"] = day_text(date(2022, 12, 5 + turn % 3))
    planter.note("referral", referral[DIARY], "REF-08", "triaged_at", NONE)


def _second_open(ground: Ground, planter: Planter, _: int) -> None:
    first = _case(ground, planter)
    second = extra_referral(planter, first["Org Person ID"], Moment(NEXT_DAY, 11 * 60))
    planter.note("referral", second[DIARY], "REF-12", "target_service_id", NONE)


def _of_no_service(ground: Ground, planter: Planter, turn: int) -> None:
    referral = _case(ground, planter)
    referral["Project"] = ("Old Helpline", "Do not use", "Winter project")[turn % 3]
    planter.note("referral", referral[DIARY], "REF-03", "target_service_id", NONE)


def _advice(planter: Planter, referral: Row, code: str, day: date = NEXT_DAY) -> Row:
    """Return advice of that code, and of the category it belongs to."""
    category = ADVICE_CATEGORIES[code.split(".", maxsplit=1)[0]]
    cells = {"Advice Category": category, "Classification Code": code}
    return planter.book.contact(referral, Moment(day, 15 * 60), "Advice", cells)


def _no_category(ground: Ground, planter: Planter, turn: int) -> None:
    row = _advice(planter, _case(ground, planter, ADVICE), "ECON.BEN")
    row["Advice Category"] = ("", "Pensions", "Other")[turn % 3]
    planter.note("advice", row["Contact ID"], "ADV-01", "category", BLANK)


def _advice_in_nothing(ground: Ground, planter: Planter, turn: int) -> None:
    """Tear a row from its case that is a contact and a piece of advice: both hang in the air."""
    row = _advice(planter, _case(ground, planter), "HW.MH")
    row[DIARY] = f"HR98{turn:04d}"
    planter.note("advice", row["Contact ID"], "ADV-02", "person_id", HOLD)
    planter.note("contact", row["Contact ID"], "CON-01", "referral_id", HOLD)


def _other_detail(ground: Ground, planter: Planter, turn: int) -> None:
    row = _advice(planter, _case(ground, planter, ADVICE), ("ECON.DEBT", "HOUS.COND")[turn % 2])
    row["Classification Code"] = "SOC.LON"
    planter.note("advice", row["Contact ID"], "ADV-03", "subcategory", NONE)


def _advised_twice(ground: Ground, planter: Planter, _: int) -> None:
    referral = _case(ground, planter, ADVICE)
    _advice(planter, referral, "ECON.FUEL")
    row = _advice(planter, referral, "ECON.FUEL")
    row["Contact Time"] = "16:10"
    planter.note("advice", row["Contact ID"], "ADV-04", "given_at", NONE)


def _advised_late(ground: Ground, planter: Planter, _: int) -> None:
    row = _advice(planter, _case(ground, planter, ADVICE), "EST.DIG", LATEST)
    planter.note("advice", row["Contact ID"], "ADV-05", "given_at", NONE)


def _sent(planter: Planter, referral: Row, to: str, service: str = "") -> Row:
    """Return an external referral that the person agreed to."""
    received = Moment(RECEIVED, 9 * 60)
    consent = planter.book.consent(referral["Org Person ID"], "External referral", "Given", received)
    cells = {
        "External Referral To": to,
        "External Referral Service": service,
        "External Referral Outcome": "Pending",
        "Consent ID": consent["Consent ID"],
    }
    return planter.book.contact(referral, Moment(NEXT_DAY, 14 * 60), "External Referral", cells)


def _told_of(planter: Planter, referral: Row, organisation: str) -> Row:
    cells = {"Signposted To": organisation}
    return planter.book.contact(referral, Moment(NEXT_DAY, 14 * 60 + 30), "Signposting", cells)


def _told_of_nobody(ground: Ground, planter: Planter, turn: int) -> None:
    row = _told_of(planter, _case(ground, planter, SIGNPOST), ("", "HO9999")[turn % 2])
    planter.note("signposting", row["Contact ID"], "SIG-01", "to_org_id", NONE)


def _told_of_itself(ground: Ground, planter: Planter, _: int) -> None:
    row = _told_of(planter, _case(ground, planter, SIGNPOST), ground.hub.register.own)
    planter.note("signposting", row["Contact ID"], "SIG-02", "to_org_id", NONE)


def _told_and_sent(ground: Ground, planter: Planter, turn: int) -> None:
    referral, charity = _case(ground, planter, REFER_ON), ground.hub.register.charities[turn]
    _sent(planter, referral, charity)
    row = _told_of(planter, referral, charity)
    planter.note("signposting", row["Contact ID"], "SIG-03", "to_org_id", NONE)


def _sent_to_nobody(ground: Ground, planter: Planter, turn: int) -> None:
    row = _sent(planter, _case(ground, planter, REFER_ON), ("", "HO9998")[turn % 2])
    planter.note("onward_referral", row["Contact ID"], "ONR-01", "to_org_id", NONE)


def _sent_to_no_service(ground: Ground, planter: Planter, turn: int) -> None:
    lot = ("L5-CT", "L6-HS", "L7-CAR")[turn % 3]
    row = _sent(planter, _case(ground, planter, REFER_ON), ground.hub.register.lots[lot])
    planter.note("onward_referral", row["Contact ID"], "ONR-05", "to_service_id", NONE)


KINDS: tuple[tuple[Callable[[Ground, Planter, int], None], int], ...] = (
    (_triaged_early, 3),
    (_triaged_late, 4),
    (_second_open, 3),
    (_of_no_service, 3),
    (_no_category, 3),
    (_advice_in_nothing, 2),
    (_other_detail, 4),
    (_advised_twice, 3),
    (_advised_late, 3),
    (_told_of_nobody, 4),
    (_told_of_itself, 3),
    (_told_and_sent, 3),
    (_sent_to_nobody, 4),
    (_sent_to_no_service, 3),
)
