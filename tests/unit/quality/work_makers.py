"""What invented work holds: needs, contacts, advice, signposting, onward referrals, wellbeing forms."""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.unit.quality.circles import FIRST, Circle, Row

CATEGORIES = ("HOUS", "SOC", None)
DETAILS = ("HOUS.COND", "SOC.LON", "SOC.NEW", None)


def _named(of: Circle, entity: str, at: int, **fields: object) -> Row:
    """Return a record inside a referral, of the person that its row names."""
    said = of.one_of("person")
    whose = {"person_id": said, "_row_person": of.often(said, None, of.reference("person", 0))}
    return of.row(entity, at, referral_id=of.one_of("referral", 3), **whose, **fields)


def _needs(of: Circle) -> Iterator[Row]:
    for at in range(3):
        yield _named(of, "need", at, is_primary=of.some(True, True, False, None))


def _contacts(of: Circle) -> Iterator[Row]:
    for at in range(4):
        yield _named(
            of,
            "contact",
            at,
            contact_on=of.often(of.day(30), date(2022, 10, 20)),
            attendance=of.some(None, "5", "5", "3", "2", "7", "0"),
            duration_min=of.some(None, 0, 30),
            is_administrative=of.flag(),
            subject=of.some(None, "01", "02"),
        )


def _advice(of: Circle) -> Iterator[Row]:
    for at in of.many(3):
        day = of.day(3)
        yield _named(
            of,
            "advice",
            at,
            given_on=day,
            given_at=of.at(day),
            category=of.some(*CATEGORIES),
            subcategory=of.some(*DETAILS),
            wait_working_days=of.some(None, 0, 2, 3),
        )


def _signpostings(of: Circle) -> Iterator[Row]:
    for at in of.many(2):
        yield _named(
            of,
            "signposting",
            at,
            signposted_on=of.day(2),
            to_org_id=of.shared("organisation", 3),
            to_service_id=of.some(None, None, "service-hub-0", "service-hub-1"),
        )


def _onward(of: Circle) -> Iterator[Row]:
    for at in of.many(3):
        yield _named(
            of,
            "onward_referral",
            at,
            made_on=of.often(of.day(2), date(2022, 10, 20)),
            _has_receiver=of.flag(),
            _asked_there_on=of.some(None, FIRST + timedelta(days=9)),
            _due_there=of.day(),
            _received_there=of.some(None, of.day()),
            to_org_id=of.shared("organisation", 3),
            to_service_id=of.some(None, "service-hub-0"),
            outcome=of.some(None, "pending", "accepted"),
        )


def _forms(of: Circle) -> Iterator[Row]:
    for at in of.many(3):
        same = of.draw.random() < 0.3
        items = {
            f"item_{n:02}": of.draw.choice((3,) * 40 + (() if same else (4, None))) for n in range(1, 15)
        }
        if of.draw.random() < 0.2:
            items = dict.fromkeys(items)
        elif of.draw.random() < 0.2:
            items |= {f"item_{of.draw.randrange(1, 15):02}": of.some(0, 6)}
        yield _named(
            of,
            "outcome_measure",
            at,
            **items,
            tool=of.some("WEMWBS", "WEMWBS", "SWEMWBS", None),
            raw_total=of.some(None, 42, 21, 0, 6, 7, 14, 35, 36, 70, 71),
            metric_score=None,
            timepoint=of.some("baseline", "exit", "review", None),
            completed_on=of.day(50),
            episode_id=of.one_of("service_episode", 3),
        )


WORK = {
    "need": _needs,
    "contact": _contacts,
    "advice": _advice,
    "signposting": _signpostings,
    "onward_referral": _onward,
    "outcome_measure": _forms,
}
