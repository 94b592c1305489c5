"""What invented reviews of children, early help, and what is handed whole hold."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from canonical import codes
from tests.unit.quality.circles import Circle, Row

UUID = "3b2a4f7c-0f5e-4c1d-9a6b-2f8e1d7c5b90"
BOUNDS = (9, 10, 14, 15, 31, 59, 300, 365, 700, 730, 851, 867, 868, 1000, 6574, 6575)


def _children(of: Circle) -> Iterator[Row]:
    """Yield reviews on days near the bounds of the windows, counted from the births of the young."""
    for at in of.many(3):
        born = of.some(date(2022, 6, 3), date(2004, 6, 3), date(2004, 2, 29))
        done = born + timedelta(days=of.draw.choice(BOUNDS) + of.draw.randrange(-1, 2))
        yield of.row(
            "child_review",
            at,
            person_id=of.one_of("person"),
            stage=of.some(None, *codes("gm_8_stage")),
            completed_on=of.some(None, done, done, done),
            completed_late=of.flag(),
            is_repeat=of.flag(),
            asq3_used=of.flag(),
            mother_nhs_number=of.some(None, "9434765919", "9434765918"),
        )


def _scores(of: Circle) -> Iterator[Row]:
    domains = list(codes("asq3_domains"))
    for at in range(6):
        first = of.draw.random() < 0.9
        yield of.row(
            "child_score",
            at,
            person_id=of.one_of("person"),
            adjusted=of.flag(),
            review_id=of.reference("child_review", 0) if first else of.one_of("child_review", 3),
            interval=of.some(None, "2", "24", "60", *codes("asq3_interval")),
            domain=of.often(domains[at % 5], None, *domains),
            score=of.some(None, *map(Decimal, (0, 45, 47, 60, 61, -5)), Decimal("47.50"), Decimal("45.05")),
        )


def _early_help(of: Circle) -> Iterator[Row]:
    for at in of.many(2):
        yield of.row(
            "early_help_episode",
            at,
            person_id=of.one_of("person"),
            started_on=of.day(),
            ended_on=of.day(),
            end_reason=of.some(None, "nfa"),
        )


def _directory(of: Circle) -> Iterator[Row]:
    for at in of.many(1):
        identity = UUID[:-4] + f"{of.number:04}" if of.draw.random() < 0.7 else None
        yield of.row(
            "directory_service",
            at,
            name=of.some("Zqhelp", None),
            status=of.some("active", "active", "defunct", None),
            url=of.some(
                None,
                "https://example.org/a?b",
                "http://a.b:80",
                "HTTPS://A.B/",
                "www.example.org",
                "https://help",
                "http://a. b",
            ),
            email=of.some(None, "a@example.org", "a@example", "a b@example.org", "a@@example.org"),
            assured_on=of.some(
                None, date(2021, 11, 30), date(2021, 12, 1), date(2021, 11, 1), date(2021, 10, 31)
            ),
            latitude=of.some(None, Decimal("53.408"), Decimal("49.799999"), Decimal("60.9"), Decimal(0)),
            longitude=of.some(None, Decimal("-2.149"), Decimal("-8.7"), Decimal("1.800001"), Decimal(0)),
        ) | ({"directory_service_id": identity} if identity else {})


def handed_whole(draw: random.Random, sources: tuple[str, ...]) -> dict[str, list[Row]]:
    """Return the organisations and services of the sources."""
    services = [
        {
            "_source": source, "service_id": f"service-{source}-{at}",
            "org_id": f"organisation-{source}-{draw.choice((0, 0, 1, 2))}",
            "lot_code": draw.choice((None, "L3-SSH", "L3-SSH")),
            "valid_from": draw.choice((date(2022, 4, 1), date(2022, 6, 3), None)),
            "valid_to": draw.choice((None, date(2022, 6, 4))),
            "minimum_age": (18, 16, 8, None)[at], "maximum_age": draw.choice((None, 17, 60)),
        }
        for source in sources for at in range(4)
    ]  # fmt: skip
    organisations = [
        {"_source": source, "org_id": f"organisation-{source}-{at}"} for source in sources for at in range(3)
    ]
    return {"service": services, "organisation": organisations}


CHILDREN = {
    "child_review": _children,
    "child_score": _scores,
    "early_help_episode": _early_help,
    "directory_service": _directory,
}
