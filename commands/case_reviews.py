"""Council side: whose case review is due, for the early-help team."""

from typing import Annotated

import typer

from commands import say
from commands.options import JsonOption, SiteOption, day, opened, site_folder
from common import clock


def case_reviews(
    context: typer.Context,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="The day asked about; else today.")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """List whose case review is due, for the early-help team: keys of the early_help flow, no name.

    Open for more than 90 days and no review in the last 31. Nothing is published or written down.
    """
    from commands.publishing import warehouse_of
    from feed.case_reviews import FLOW, reviews_due

    wanted = day(on) if on else clock.today()
    due = reviews_due(warehouse_of(opened(site_folder(context, site)), FLOW), wanted)
    if json:
        say.as_json({"on": wanted.isoformat(), "due": due.to_dicts()})
        return 0
    say.table(
        f"Case reviews due on {wanted.isoformat()}",
        ("person (key)", "service", "provider", "since", "days open", "last review", "days since"),
        (
            (row["person"], row["service"] or "not told", row["provider"], row["since"].isoformat(),
             row["days_open"], row["last_review"].isoformat() if row["last_review"] else "none",
             "" if row["days_since_review"] is None else row["days_since_review"])
            for row in due.iter_rows(named=True)
        ),
    )  # fmt: skip
    say.words(f"{due.height} due. For the early-help team alone: docs/how_to/case_reviews.md")
    return 0
