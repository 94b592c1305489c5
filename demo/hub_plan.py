"""Who came to the hub, when, and what was done: counts that meet the published figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo.dates import FIRST_DAY, LAST_DAY, Moment, is_working
from demo.organisations import Register
from demo.words import CARER_REFERRAL, NEEDS, SELF_REFERRAL

# The award entry's figures for 2022-04-01 to 2022-11-30.
REFERRALS = 3663
ADVICE_PEOPLE = 1106
ADVICE = {"ECON": 1322, "HW": 455, "HOUS": 217, "SOC": 130, "EST": 43}
ABUSE_ADVICE = {"SOC.DA": 14, "SOC.DAP": 4, "SOC.OFF": 2}
SIGNPOSTINGS = 1283
ONWARD = 1194
TO_COMMUNITY_SUPPORT = 429
TO_ABUSE_SUPPORT = 37
TO_LOTS = {"L5-CT": 120, "L6-HS": 130, "L7-CAR": 90, "L1-ASM": 60, "L2-HI": 50}

DAYS_BETWEEN_REFERRALS = 110
MOST_ADVICE = 5


@dataclass
class Plan:
    """What is to happen in one referral to the hub."""

    received: Moment
    person: int
    first: bool
    referrer_type: str = ""
    referrer: str = ""
    advice: list[str] = field(default_factory=list)
    signposts: list[str] = field(default_factory=list)
    onward: list[tuple[str, str]] = field(default_factory=list)


def _received(draw: Random) -> list[Moment]:
    span = [FIRST_DAY + timedelta(days=step) for step in range((LAST_DAY - FIRST_DAY).days + 1)]
    days = sorted(draw.choices(span, [40 if is_working(day) else 3 for day in span], k=REFERRALS))
    days[0], days[-1] = FIRST_DAY, LAST_DAY
    minutes = [None if draw.random() < 0.1 else draw.randint(8 * 60 + 30, 15 * 60 + 30) for _ in days]
    return [Moment(day, minute) for day, minute in zip(days, minutes, strict=True)]


def _people(draw: Random, moments: Sequence[Moment]) -> list[Plan]:
    """Return a plan per referral; one in six people comes again, long after the first case was closed."""
    plans: list[Plan] = []
    last: list[date] = []
    ready = 0  # people up to here came long enough ago, since the days only grow
    waiting: list[int] = []
    for moment in moments:
        while ready < len(last) and (moment.day - last[ready]).days >= DAYS_BETWEEN_REFERRALS:
            waiting.append(ready)
            ready += 1
        again = waiting.pop(draw.randrange(len(waiting))) if waiting and draw.random() < 0.3 else None
        if again is None:
            last.append(moment.day)
        plans.append(Plan(moment, len(last) - 1 if again is None else again, again is None))
    return plans


def _referrers(draw: Random, plans: list[Plan], register: Register) -> None:
    """Give each referral its referrer; every organisation refers at least twice."""
    everyone = register.every_referrer
    of_organisations = round(len(plans) * 0.66)
    weights = [1 / (1 + rank) for rank in range(len(everyone))]
    shuffled = draw.sample(everyone, len(everyone))
    chosen = everyone * 2 + draw.choices(shuffled, weights, k=of_organisations - 2 * len(everyone))
    own = draw.choices([(SELF_REFERRAL, ""), (CARER_REFERRAL, "")], (78, 22), k=len(plans) - len(chosen))
    dealt = chosen + own
    draw.shuffle(dealt)
    for plan, (kind, organisation) in zip(plans, dealt, strict=True):
        plan.referrer_type, plan.referrer = kind, organisation


def _advice_codes(draw: Random) -> dict[str, int]:
    """Return how often each everyday code is given; with the others they add up to the published split."""
    left: dict[str, int] = {}
    for category, count in ADVICE.items():
        everyday = count - sum(ABUSE_ADVICE.values()) if category == "SOC" else count
        for code in draw.choices(NEEDS[category], k=everyday):
            left[code] = left.get(code, 0) + 1
    return left


def _advise(draw: Random, plans: list[Plan]) -> None:
    """Give advice to the published number of people, never the same piece twice to one person.

    Advice that tells of abuse is given when somebody comes again: that case is linked to nobody where
    the people are counted, and all of them are known by their first.
    """
    advised = draw.sample([plan for plan in plans if plan.first], ADVICE_PEOPLE)
    pieces = [1] * ADVICE_PEOPLE
    for _ in range(sum(ADVICE.values()) - sum(ABUSE_ADVICE.values()) - ADVICE_PEOPLE):
        open_places = draw.randrange(ADVICE_PEOPLE)
        while pieces[open_places] == MOST_ADVICE:
            open_places = draw.randrange(ADVICE_PEOPLE)
        pieces[open_places] += 1
    left = _advice_codes(draw)
    for plan, count in sorted(zip(advised, pieces, strict=True), key=lambda pair: -pair[1]):
        for _ in range(count):
            codes = [code for code in left if left[code] and code not in plan.advice]
            code = draw.choices(codes, [left[code] for code in codes])[0]
            plan.advice.append(code)
            left[code] -= 1
    known = {plan.person for plan in advised}
    again = [plan for plan in plans if not plan.first and plan.person in known]
    told = [code for code, count in ABUSE_ADVICE.items() for _ in range(count)]
    for plan, code in zip(draw.sample(again, len(told)), told, strict=True):
        plan.advice.append(code)


def _without_advice(plans: list[Plan]) -> list[Plan]:
    """Return the cases in which what tells of abuse can be done without hiding that somebody was advised."""
    return [plan for plan in plans if not plan.advice]


def _spread(draw: Random, targets: list[str], extra: int) -> list[str]:
    """Return each target once and `extra` more, a few targets taking most."""
    weights = [1 / (1 + rank) for rank in range(len(targets))]
    return targets + draw.choices(targets, weights, k=extra)


def _signpost(draw: Random, plans: list[Plan], register: Register) -> None:
    """Send people to 172 organisations, four of them for domestic abuse."""
    abuse = [*register.abuse, register.lots["L8-DA"]]
    few = abuse * 3 + abuse[:2]
    targets = _spread(draw, register.charities + register.others, SIGNPOSTINGS - len(few) - 168)
    for sent, cases in ((targets, plans), (few, _without_advice(plans))):
        for target in sent:
            plan = cases[draw.randrange(len(cases))]
            while target in plan.signposts or len(plan.signposts) == 3:
                plan = cases[draw.randrange(len(cases))]
            plan.signposts.append(target)


def _refer_on(draw: Random, plans: list[Plan], register: Register) -> None:
    """Refer people on to 66 organisations: seven lots, one more for domestic abuse, and 58 charities.

    Nobody is told of an organisation and sent there in one case. Whoever is sent to a lot we simulate is
    sent there once; six people are sent to both, at different times.
    """
    abuse = {*register.abuse, register.lots["L8-DA"]}
    newcomers = draw.sample(
        [plan for plan in plans if plan.first and abuse.isdisjoint(plan.signposts)], TO_COMMUNITY_SUPPORT
    )
    for plan in newcomers:
        plan.onward.append((register.lots["L4-CS"], register.services["L4-CS"]))
    told = register.lots["L8-DA"]
    quiet = [plan for plan in _without_advice(plans) if not plan.onward and told not in plan.signposts]
    sent = {plan.person for plan in newcomers}
    once_more = {plan.person: plan for plan in quiet if not plan.first and plan.person in sent}
    others_first = [plan for plan in quiet if plan.first and plan.person not in sent]
    both = draw.sample(sorted(once_more), 6)
    endangered = [once_more[person] for person in both] + draw.sample(others_first, TO_ABUSE_SUPPORT - 6)
    for plan in endangered:
        plan.onward.append((register.lots["L8-DA"], register.services["L8-DA"]))
    rest = [
        (register.lots[lot], register.services[lot]) for lot, count in TO_LOTS.items() for _ in range(count)
    ]
    others = [register.abuse[0], *register.charities[:20], *register.others[:38]]
    left = ONWARD - TO_COMMUNITY_SUPPORT - TO_ABUSE_SUPPORT - len(rest)
    further = [(target, "") for target in _spread(draw, others[1:], left - 6 - len(others[1:]))]
    for targets, cases in (([(register.abuse[0], "")] * 6, quiet), (rest + further, plans)):
        for target in targets:
            plan = cases[draw.randrange(len(cases))]
            while target in plan.onward or target[0] in plan.signposts or len(plan.onward) == 2:
                plan = cases[draw.randrange(len(cases))]
            plan.onward.append(target)


def hub_plans(draw: Random, register: Register) -> list[Plan]:
    """Return one plan per referral to the hub, in the order received."""
    plans = _people(draw, _received(draw))
    _referrers(draw, plans, register)
    _advise(draw, plans)
    _signpost(draw, plans, register)
    _refer_on(draw, plans, register)
    return plans
