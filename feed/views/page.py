"""Writes docs/reference/feed/views.md from the views as they are declared: `python -m feed.views.page`.

A test asks that the page is what this makes today, and that both databases have what it says.
"""

from collections.abc import Iterator
from pathlib import Path

from common.files import write_atomic
from feed.declared import declarations
from feed.release.sheet import Column
from feed.views.declared import WORDS, View, views

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "feed" / "views.md"
INTRODUCTION = """\
# Views of what is published

<!-- Made by `python -m feed.views.page`; change the code, not this page. -->

What is published, under names that stay, for Power BI, Excel and whoever asks by SQL
([how to connect](../../how_to/connect_power_bi.md)). They show exactly the [releases](release.md) that lie
in the folder, each only after its signature and the digest of every file were found to hold.

| where, in the schema `published` | who may read |
|---|---|
| `var/feed/figures.duckdb`, beside the releases | whoever may read the file: nothing else is in it |
| a PostgreSQL server (`feed.views` in `site.yaml`) | members of `published_reader`, who see no more |

- **Whole or not at all.** After `feed` has published an edition, all views show it at once: the file is
  renamed over the one before, the server's rows change in one transaction. The same edition again changes
  nothing. If it fails (E965, E966, E967), the release stands in its folder, the views show what they showed,
  and the next `feed` brings them up to date.
- **Names stay.** A view is never renamed; its columns are only ever added to.
- **Editions.** Every view shows the edition that is in force, and its number. `figures_by_edition` has the
  earlier ones, for as long as they lie in the folder; `revisions` says what changed, and why.
- **Not shown**: an edition that a revoked key signed.
- Behind the views, in the schema `published_rows`, stand the rows as they were published. On a server no
  reader may look there.

Filter `period`, `breakdown` and `statistic` to one each before anything is added up: a view holds the same
work by month, by quarter and by ward, and the whole borough beside its parts. An empty `value` is not 0;
`shown` says why it is empty.

## The views
"""


def page() -> str:
    """Return the whole reference page."""
    topics = declarations().topics
    named = {topic.topic for topic in topics}
    own = [view for view in views() if view.name not in named]
    lines = [INTRODUCTION, "| view | a row is the only one by |", "|---|---|"]
    lines += [f"| `published.{view.name}` | {_key(view)} |" for view in own]
    lines += ["| one for each table of figures | as `figures` |"]
    first: dict[tuple[Column, ...], str] = {}
    for view in own:
        lines += ["", f"### {view.name}", "", view.meaning, ""]
        lines += (
            [f"With the columns of `{first[view.columns]}`."] if view.columns in first else _columns(view)
        )
        first.setdefault(view.columns, view.name)
    lines += ["", "### One view for each table of figures", "", "With the columns of `figures`.", ""]
    lines += ["| view | tells |", "|---|---|"]
    lines += [f"| `published.{topic.topic}` | {_cell(topic.words)} |" for topic in topics]
    return "\n".join(lines) + "\n"


def write() -> None:
    """Write the page."""
    write_atomic(PAGE, page().encode(), private=False)


def _key(view: View) -> str:
    return ", ".join(f"`{name}`" for name in view.key)


def _columns(view: View) -> Iterator[str]:
    yield from ("| column | type | holds |", "|---|---|---|")
    for column in view.columns:
        codes = f" One of: {', '.join(f'`{code}`' for code in column.codes)}." if column.codes else ""
        empty = "" if column.required else " May be empty."
        yield f"| `{column.name}` | {WORDS[column.kind]} | {_cell(column.meaning)}{codes}{empty} |"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


if __name__ == "__main__":
    write()
