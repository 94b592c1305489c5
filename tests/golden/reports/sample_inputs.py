"""Fixed inputs for the pages: three nights of an invented site, its findings, its checks and its releases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from quality.life import public_code
from reports import ProviderWords, Published
from reports.trend import Week, trend_of

NOW = datetime(2022, 12, 1, 7, 30, tzinfo=UTC)
SITE = "Stockport (sample)"
DIGEST = "9f2c1e7ab04d5586c3e9a1f47d20b86e5a1c0d93f7e4428b6d5c1a90e3f7b214"
PEOPLE = ["person", "address", "consent", "referral", "contact", "advice", "signposting", "onward_referral"]


def counts(records: int, released: int, withheld: int, held: int, **more: Any) -> dict[str, Any]:
    """Return the counts of one entity; what is left over had not changed."""
    fates = {"records": records, "released": released, "withheld": withheld, "held": held}
    return fates | {"unchanged": records - released - withheld - held, "withdrawn": 0} | more


def field_rule(field: str, treatment: str, why: str, to: str | None = None) -> dict[str, Any]:
    """Return one line of what a flow says about a field."""
    return {"field": field, "treatment": treatment, "to": to, "why": why}


EARLY_HELP = {
    "title": "Records of early help for adult social care",
    "not_for": ["enforcement", "eligibility for benefits"],
    "cohort": "people whose consent covers the council",
    "identifiability": "identified",
    "left_behind": {"person": [{"field": "safe_to_contact", "why": "It stays with the service."}]},
    "safety": [
        {
            "rule": "no_whereabouts",
            "title": "No whereabouts of people at risk",
            "why": "Keeps addresses from abusers.",
        }
    ],
    "recipient": "Stockport Council, Adult Social Care",
    "purpose": "Early help for adults and carers: see what support a person already has.",
    "basis": [
        "UK GDPR Art. 6(1)(e) with Care Act 2014 ss. 2, 6 and 7 (the council)",
        "UK GDPR Art. 9(2)(h) with DPA 2018 Sch. 1 para. 2",
        "Common law confidentiality: consent of the person covers the council",
    ],
    "fields": {
        "person": [
            field_rule("person_id", "pseudonymise", "Joins the records of one person within this flow."),
            field_rule("given_name", "disclose", "The council must know whom it is about."),
            field_rule("nhs_number", "disclose", "Joins with the care record."),
            field_rule("birth_date", "disclose", "Tells namesakes apart."),
        ],
        "referral": [
            field_rule("referral_id", "pseudonymise", "Names the referral within this flow."),
            field_rule("received_at", "generalise", "The day is enough.", "received_on"),
            field_rule("closure_reason", "disclose", "Says whether help went on."),
        ],
    },
}
COMMISSIONING = {
    "recipient": "Stockport Council, Commissioning",
    "purpose": "Plan, pay for and improve early help services.",
    "basis": ["UK GDPR Art. 6(1)(e) with NHS Act 2006 s. 2B", "UK GDPR Art. 9(2)(h)"],
    "fields": {
        "person": [
            field_rule("person_id", "pseudonymise", "Counts people once."),
            field_rule("birth_date", "generalise", "Age in years is enough.", "birth_year_month"),
        ],
        "referral": [field_rule("received_at", "generalise", "Counted by day.", "received_on")],
    },
}


def _flows(night: int) -> list[dict[str, Any]]:
    dpia = {"id": "early-help-stockport", "version": 3, "sha256": DIGEST}
    quiet = night == 1
    early = {
        entity: counts(
            4000 + 500 * place,
            0 if quiet else 37 * (place + 1),
            1200 + 60 * place,
            11 + place,
            reasons={
                "cohort": 700 + 60 * place,
                "rule:no_whereabouts": 400,
                "parent_withheld": 100,
                "check:PER-11": 11 + place,
            },
        )
        for place, entity in enumerate(PEOPLE)
    }
    early["person"]["withdrawn"] = 0 if quiet else 3
    pseudonymised = {
        entity: counts(
            4000 + 500 * place, 0 if quiet else 52 * (place + 1), 300, 4, reasons={"source_not_in_flow": 300}
        )
        for place, entity in enumerate(PEOPLE)
    }
    common = {"bytes": 0 if quiet else 1_482_113, "state": "nothing_sent" if quiet else "remembered"}
    receipt = {"receipt": {"outcome": "loaded", "at": "2022-12-01T02:00:44Z"}, "signature": "not shown"}
    run_id = RUN_IDS[night]
    return [
        {
            "flow": "early_help",
            "dpia": dpia,
            "describe": EARLY_HELP,
            "entities": early,
            "batch_id": None if quiet else f"early_help/0000000{night + 1}-{run_id}",
            "sequence": None if quiet else night + 1,
            "receipt": None if quiet else receipt,
            "manifest_sha256": None if quiet else DIGEST[::-1],
            "withdrawn_reasons": {} if quiet else {"dpia": 2, "merged": 1},
            **common,
        },
        {
            "flow": "commissioning",
            "dpia": dpia,
            "describe": COMMISSIONING,
            "entities": pseudonymised,
            "batch_id": None if quiet else f"commissioning/0000000{night + 1}-{run_id}",
            "sequence": None if quiet else night + 1,
            "receipt": None if quiet else receipt,
            "manifest_sha256": None if quiet else DIGEST,
            **common,
        },
    ]


RUN_IDS = ["20221129T020000Z-5be0aa", "20221130T020000Z-77c1d2", "20221201T020000Z-a91f3c"]
EARLIER = {
    "flow": "early_help",
    "dpia": {},
    "batch_id": f"early_help/00000001-{RUN_IDS[0]}",
    "sequence": 1,
    "state": "remembered",
    "receipt": {"outcome": "loaded", "at": "2022-11-30T02:00:03Z"},
}
SIGN_IN_PAGE = [
    "E305  The source answered with its sign-in page.",
    "      domestic_abuse_support, export referrals, after 3 attempts",
    "      Nothing of this source was sent.",
    "      Ask the provider whether the account may export, then: python run_sync.py run",
]


def _sources(night: int) -> list[dict[str, Any]]:
    found = []
    for place, source in enumerate(["hub", "community_support", "domestic_abuse_support"]):
        failed = night == 2 and place == 2
        rows = 6100 // (place + 1)
        exports = {
            name: {
                "rows": rows + 13 * number,
                "read": rows + 13 * number - 9,
                "repeated": 4,
                "furniture": 2,
                "rejected": 3,
            }
            for number, name in enumerate(["people", "referrals", "contacts", "outcomes"])
        }
        found.append(
            {
                "source": source,
                "provider": source,
                "outcome": "refused" if failed else "done",
                "error": SIGN_IN_PAGE if failed else None,
                "error_code": "E305" if failed else None,
                "exports": {} if failed else exports,
                "entities": {}
                if failed
                else {"person": counts(1300, 90, 210, 5), "referral": counts(rows, 120, 300, 6)},
                "unknown_columns": {"people": ["Shoe Size"]} if place == 0 else {},
            }
        )
    return found


def summary(night: int) -> dict[str, Any]:
    """Return the run summary of one of the three nights."""
    day = 29 + night if night < 2 else 1
    month = 11 if night < 2 else 12
    return {
        "run_id": RUN_IDS[night],
        "sample": True,
        "started_at": f"2022-{month}-{day:02}T02:00:00Z",
        "ended_at": f"2022-{month}-{day:02}T02:00:47Z",
        "extracted_at": {"hub": "2022-12-01T06:00:00Z"},
        "outcome": ["done", "done", "source_refused"][night],
        "exit_code": [1, 0, 22][night],
        "sources": _sources(night),
        "flows": _flows(night),
        "findings": {"error": 214, "warning": 61, "info": 9, "new": 12 * night, "closed": 4},
        "log": {"size": 40 + 9 * night, "root": DIGEST[8:] + DIGEST[:8]},
        "durations": {
            "pull": 18.2 - 3 * night,
            "map": 6.1,
            "check": 4.4,
            "release": 7.7 - night,
            "seal": 1.9,
            "deliver": 0.8,
            "load": 3.6,
            "remember": 0.7,
        },
        "accepted": ["accept_growth"] if night == 0 else [],
        "errors": [SIGN_IN_PAGE] if night == 2 else [],
        "earlier_batches": [EARLIER] if night == 1 else [],
    }


def summaries() -> list[dict[str, Any]]:
    """Return three nights: one with held records, one that sent nothing, one with a refused source."""
    return [summary(night) for night in range(3)]


CHECKS = [
    {
        "id": "PER-05",
        "message": "This NHS number is not valid.",
        "why": "The number is not sent, so this person's help "
        "cannot be joined with health or social care records.",
        "mend": "Person record > NHS Number: check it against a letter or "
        "with the GP practice; otherwise clear it.",
    },
    {
        "id": "REF-09",
        "message": "The referral closes before it was received.",
        "why": "Waits and open cases would be counted wrongly.",
        "mend": "Referral > Dates: correct the closure date or the referral date.",
    },
    {
        "id": "PER-07",
        "message": "Two people share one NHS number.",
        "why": "Two lives would be joined into one, so both records are held.",
        "mend": "Merge the two records if they are one person; otherwise correct the number on one of them.",
    },
    {
        "id": "OUT-03",
        "message": "The wellbeing form is not complete.",
        "why": "An incomplete form has no score.",
        "mend": "Outcome form: ask the missing items at the next visit.",
    },
]


def _weeks() -> tuple[Week, ...]:
    """Return the hub's last nine weeks: many findings at first, mended by and by."""
    changes = [
        ("", "open", 63, 40),
        ("", "open", 40, 12),
        ("open", "closed", 33, 9),
        ("", "open", 20, 5),
        ("open", "withdrawn", 12, 3),
        ("mended", "closed", 5, 7),
        ("closed", "open", 2, 2),
    ]
    rows = [
        ("hub", f"{date(2022, 12, 1) - timedelta(days=ago)}T02:00:00Z", before, after)
        for before, after, ago, many in changes
        for _ in range(many)
    ]
    events = pl.DataFrame(rows, schema=["source", "at", "from", "to"], orient="row")
    return tuple(trend_of(events, ["hub"], NOW.date()))


CHECKS += [
    {
        "id": "SUB-04",
        "message": "Some rows were lost between the CRM and us.",
        "why": "Every figure of the export is too low.",
        "mend": "Export again; do not open the file and save it before it is fetched.",
    },
    {
        "id": "PER-09",
        "message": "This may be the same person as another record.",
        "why": "The person may be counted twice.",
        "mend": "Open both records, and merge them if they are one person.",
    },
]
PROVIDERS = [
    ProviderWords(
        id="hub",
        name="Support Hub (invented)",
        link="https://hub.example/record/{reference}",
        links={"referral": "https://hub.example/referral/{reference}"},
        labels={
            "person.nhs_number": "NHS Number (Person record > NHS)",
            "referral.closed_at": "Closure Date (Referral > Closure)",
        },
        weeks=_weeks(),
    ),
    ProviderWords(
        id="community_support",
        name="Community Support (invented)",
        link="https://community.example/r/{reference}",
    ),
    ProviderWords(id="domestic_abuse_support", name="Domestic Abuse Support (invented)", link=""),
]


def findings() -> list[dict[str, Any]]:
    """Return living findings of two providers, of every state; the third has nothing to mend."""
    kinds = [
        ("PER-07", "person", "nhs_number", "error", "hold_record", "HP", 6),
        ("PER-05", "person", "nhs_number", "error", "blank_field", "HP", 17),
        ("REF-09", "referral", "closed_at", "warning", "none", "HR", 9),
        ("OUT-03", "outcome_measure", "raw_total", "info", "none", "HF", 3),
    ]
    rows = [
        _finding(check, entity, field, severity, effect, f"{prefix}{number * 131:06}", number)
        for check, entity, field, severity, effect, prefix, many in kinds
        for number in range(many)
    ]
    export = _finding("SUB-04", "submission", "", "error", "none", "referrals 2022-11", 1)
    twice = {
        **rows[0],
        "check": "PER-09",
        "reference": "HP000007",
        "other": "HP000019",
        "severity": "warning",
    }
    resting = [
        {**rows[20], "reference": "HP009001", "state": "mended"},
        {**rows[20], "reference": "HP009002", "state": "accepted", "until": "2023-03-01"},
        {**rows[20], "reference": "HP009003", "state": "disputed"},
        {**rows[8], "state": "acknowledged"},
    ]
    rows[8:9] = []
    return [
        *rows,
        export,
        twice,
        *resting,
        {**rows[0], "source": "community_support", "reference": "CP000007"},
    ]


def _finding(
    check: str, entity: str, field: str, severity: str, effect: str, reference: str, age: int
) -> dict[str, Any]:
    seen = date(2022, 11, 30) - timedelta(days=age)
    due = {"error": seen + timedelta(days=14), "warning": seen + timedelta(days=28)}.get(severity)
    return {
        "source": "hub",
        "code": public_code("hub", entity, reference, check, field),
        "entity": entity,
        "reference": reference,
        "check": check,
        "field": field,
        "severity": severity,
        "effect": effect,
        "state": "open",
        "baseline": age > 12,
        "first_seen": seen.isoformat(),
        "due": due.isoformat() if due else "",
    }


PUBLISHED = Published(
    releases=(("../feed/2022-04..2022-11/index.html", "1 April 2022 to 30 November 2022"),),
    monitoring=(("contract/hub-2022-23-Q2.html", "Support Hub", "1 July 2022 to 30 September 2022"),),
)
