"""What an alert says: codes, counts, names of sources and flows, since when, and a link; nothing personal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.clock import LONDON
from scheduler.alerts import Known, News
from scheduler.problems import Problem

CARD = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


@dataclass(frozen=True)
class Message:
    """One alert: its name, which is the same when it is sent again; a heading; paragraphs; links."""

    name: str
    heading: str
    paragraphs: tuple[str, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Return it as plain text."""
        links = [f"{code}: {link}" for code, link in self.links]
        return "\n\n".join([*self.paragraphs, *(["\n".join(links)] if links else []), END]) + "\n"

    @property
    def card(self) -> dict[str, Any]:
        """Return it as a message with one Adaptive Card, as Teams' webhooks take it."""
        lines = [_block(self.heading, weight="Bolder", size="Medium"), *map(_block, self.paragraphs)]
        actions = [{"type": "Action.OpenUrl", "title": code, "url": link} for code, link in self.links[:6]]
        content = {"$schema": SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": lines}
        content |= {"actions": actions} if actions else {}
        return {"type": "message", "attachments": [{"contentType": CARD, "content": content}]}


END = "What it means and what to do: python run_sync.py health"


def message(site: str, route: str, told: News, link: str | None) -> Message:
    """Return the alert that tells the news. Given: the site's name, and where the runbook is read."""
    group = route.partition("/")[0]
    standing = (*told.begun, *told.lasting)
    said = [*(one.code for one in standing), *(one.code for one in told.over)]
    codes = list(dict.fromkeys(said))
    heading = f"Viaduct, {site}, for {group}: {_counted(told)} ({', '.join(codes)})"
    paragraphs = [
        *(_of(one, "New") for one in told.begun),
        *(_of(one, "Still so") for one in told.lasting),
        *(_over(one) for one in told.over),
    ]
    exits = {one.code: one.exit_code for one in standing}
    links = tuple((code, _filled(link, code, exits[code])) for code in codes if link and code in exits)
    return Message(told.name(route), heading, tuple(paragraphs), links)


def _counted(told: News) -> str:
    counts = ((len(told.begun), "new"), (len(told.lasting), "still so"), (len(told.over), "over"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _of(one: Problem, what: str) -> str:
    many = f", {one.count:,}" if one.count > 1 else ""
    return f"{what}: {one.code}, {one.place}, since {_local(one.since)}{many}. {one.title} {one.remedy}"


def _over(one: Known) -> str:
    return f"Over: {one.code}, {one.place}, which was so since {_local(one.since)}."


def _filled(link: str, code: str, exit_code: int) -> str:
    return link.replace("{code}", code).replace("{exit_code}", str(exit_code))


def _block(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def _local(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%a %d %b %Y %H:%M}"
