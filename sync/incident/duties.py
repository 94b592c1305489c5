"""What the law asks after a breach, when, and where of it this pack stands; for a lawyer to confirm.

Source: UK GDPR Articles 33 and 34; DPA 2018. None of it is advice: `confirmWithLawyer` stays set.
"""

from datetime import datetime, timedelta
from typing import Any

from common import clock

HOURS = 72
SECONDS_IN_HOUR = 3600
ASK = "Tell the ICO within 72 hours of becoming aware, unless a risk to people is unlikely"
ENCRYPTED = "Not asked where whoever has the data cannot understand them, as when they are encrypted."
TELL_ICO = (
    ("33(1)", f"{ASK}; later than that, say why.", "the clock"),
    ("33(2)", "A processor tells its controller without undue delay.", "who runs what"),
    (
        "33(3)(a)",
        "The nature of the breach; about how many people and records, of which kinds.",
        "people, rows",
    ),
    ("33(3)(b)", "Name and contact details of the data protection officer.", "contacts"),
    ("33(3)(c)", "The likely consequences.", None),
    ("33(3)(d)", "The measures taken or proposed, also to make its effects smaller.", None),
    ("33(4)", "What is not known yet may follow in phases, without further delay.", None),
    ("33(5)", "Document every breach: the facts, its effects, what was done.", "this pack"),
)
TELL_PEOPLE = (
    (
        "34(1)",
        "Tell the people, without undue delay, if a high risk to them is likely.",
        "people, flagged first",
    ),
    ("34(2)", "In plain words: what happened, whom to ask, likely consequences, measures taken.", None),
    ("34(3)(a)", ENCRYPTED, "what is sealed"),
)
FLAGGED_FIRST = (
    "Somebody under the safety flag may live with, or be looked for by, the person they are in danger from. A"
    " letter, a call or a message about a breach can itself do the harm: agree with the provider, person by"
    " person, how they may safely be reached, and do that before anybody else is told. Treat those of whom"
    " the flag is not known as if they were under it."
)
WHO_CAN_SAY_MORE = (
    "The provider knows who its people are and how to reach them. What was sent of one person, by their"
    " reference there: run `audit person - --source SOURCE --release FORM`, with the reason `incident`."
)
SEALED = (
    "Files in the landing zone are sealed: nobody reads them without the council's private key. If only"
    " sealed files went astray, say so to the ICO; if that key did too, ask with --key council."
)


def clock_of(aware_at: datetime) -> dict[str, Any]:
    """Return the 72-hour clock: its start, until when to tell the ICO, what is left."""
    report_by = aware_at + timedelta(hours=HOURS)
    left = (report_by - clock.now()).total_seconds()
    return {
        "aware_at": clock.stamp(aware_at),
        "report_by": clock.stamp(report_by),
        "hours_left": round(max(left, 0.0) / SECONDS_IN_HOUR, 1),
        "overdue": left < 0,
    }


def duties() -> dict[str, Any]:
    """Return what is to be told to whom; `here` names what of the pack answers it, null: to be written."""
    names = ("article", "asks", "here")
    return {
        "confirmWithLawyer": True,
        "tell_the_ico": [dict(zip(names, line, strict=True)) for line in TELL_ICO],
        "tell_people": [dict(zip(names, line, strict=True)) for line in TELL_PEOPLE],
        "flagged_first": FLAGGED_FIRST,
        "sealed": SEALED,
        "who_can_say_more": WHO_CAN_SAY_MORE,
    }
