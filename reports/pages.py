"""Turn a template and plain values into one self-contained page."""

import base64
import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from common import clock
from common.clock import LONDON
from feed.model import in_words

TEMPLATES = Path(__file__).with_name("templates")
NARROW_SPACE = "\u202f"


def render(
    template: str, *, sheets: tuple[str, ...] = ("style.css",), script: str = "", **values: Any
) -> bytes:
    """Return the page: its style sheets and its script inside, nothing fetched, every value escaped.

    Given: style sheets and script by the names of their files; the page's policy lets these through, by
           their digests, and nothing else.
    """
    style, code = _inside(sheets), _inside((script,)) if script else ""
    allowed = f"; script-src '{_digest(code)}'" if code else ""
    policy = f"default-src 'none'; style-src '{_digest(style)}'{allowed}; base-uri 'none'; form-action 'none'"
    page = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(f"<style>{style}</style>"),  # noqa: S704 - our own file, not a value
            script=Markup(f"<script>{code}</script>"),  # noqa: S704 - our own file, not a value
            policy=policy,
            generated_at=clock.now(),
            **values,
        )
    )
    return page.encode()


@cache
def _inside(names: tuple[str, ...]) -> str:
    """Return the files one after the other, as they stand in a page."""
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


@cache
def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def moment(instant: datetime | str | None) -> str:
    """Return an instant, or a stamp of one, as people here read it: 1 December 2022 at 02:00."""
    if instant is None:
        return "not known"
    known = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    there = known.astimezone(LONDON)
    return f"{in_words(there.date())} at {there:%H:%M}"


def day(given: date | str | None) -> str:
    """Return a day, or one written as 2022-12-01, as people write it."""
    if not given:
        return "not known"
    return in_words(date.fromisoformat(given) if isinstance(given, str) else given)


def number(value: float | None) -> str:
    """Return a count with thousands set apart."""
    return "not known" if value is None else f"{value:,}"


def spoken(name: str) -> str:
    """Return a name of ours as words: onward_referral becomes onward referral."""
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """Return a length of time in the unit a person would use."""
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def size(count: int) -> str:
    """Return a number of bytes in the unit a person would use."""
    if count < 10_000:
        return f"{count:,} bytes"
    return f"{count / 1024:,.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:,.1f} MiB"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": moment,
        "day": day,
        "number": number,
        "spoken": spoken,
        "duration": duration,
        "size": size,
    }
    return environment
