"""The round trip without an upload: a worklist that a provider has filled in is read back."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder
from config.site import Site

if TYPE_CHECKING:
    from quality.answers_back import Known, Sorted

MOST_LINES_TOLD = 50
IN_WORDS = {
    "acknowledge": "acknowledged",
    "accept": "accepted",
    "dispute": "disputed",
    "already": "answered so before",
    "unanswered": "without an answer",
    "not_taken": "not taken",
}
SHEET = "Records to mend"


@dataclass
class Taken:
    """What became of a file: what was counted, and the lines that were not taken."""

    provider: str
    dry_run: bool
    counts: dict[str, int] = field(default_factory=dict)
    bad: list[dict[str, Any]] = field(default_factory=list)
    changed_columns: list[int] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return it as `findings import --json` prints it."""
        return vars(self)


def import_answers(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The worklist, as CSV or .xlsx.")],
    provider: Annotated[
        str | None, typer.Option(help="Whose worklist it is; else whose all its findings are.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who answers; else the provider.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it; change nothing.")
    ] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Read back a worklist with answers: good lines are taken, each bad one is told by its number.

    Ends with 1 where a line was not taken. The same file again changes nothing.
    """
    place = opened(site_folder(context, site))
    known([provider] if provider else None, sorted(place.providers), "provider")
    taken = take(place, file, provider, by, dry_run=dry_run)
    if json:
        say.as_json(taken.to_json())
    else:
        _show(taken)
    return 1 if taken.bad else 0


def take(site: Site, file: Path, provider: str | None, by: str | None, *, dry_run: bool) -> Taken:
    """Return what became of the file. Errors: NotAWorklist, ActionRefused, FindingsUnreadable."""
    from common import clock
    from connectors.answer_file import read_answers
    from quality.answers_back import NEEDED, code_of, sorted_answers

    rows = [(row.line, row.cells) for row in read_answers(file, NEEDED, SHEET)]
    codes = [code for _, cells in rows if (code := code_of(cells))]
    stands = known_findings(site, frozenset(codes))
    whose = provider or _of_one({stands[code].provider for code in codes if code in stands})
    found = sorted_answers(rows, stands, whose, clock.today())
    if not dry_run:
        _act(site, found, by or whose)
    return _taken(found, whose, dry_run=dry_run)


def _of_one(providers: set[str]) -> str:
    """Return whose all of it is: a file that holds another's codes may not choose whom it answers for."""
    if len(providers) > 1:
        raise typer.BadParameter(
            "the file names findings of several providers: say with --provider who sent it"
        )
    return next(iter(providers), "")


def known_findings(site: Site, codes: frozenset[str]) -> "dict[str, Known]":
    """Return what is known of the findings with these codes, whatever became of them."""
    import polars as pl

    from quality import FindingStore
    from quality.answers_back import Known
    from quality.finding_acts import is_grave
    from quality.life import State

    frame = FindingStore.of(site).frame(frozenset(State)).filter(pl.col("code").is_in(sorted(codes)))
    owner = {name: source.provider for name, source in site.sources.items()}
    columns = ("code", "source", "state", "reason", "until", "record", "check", "effect")
    return {
        code: Known(
            owner.get(source, ""),
            State(state),
            reason,
            until,
            {"record": record, "check": check},
            is_grave(check, effect),
        )
        for code, source, state, reason, until, record, check, effect in frame.select(columns).iter_rows()
    }


def _act(site: Site, found: "Sorted", by: str) -> None:
    """Write the answers down, those that are the same together."""
    from common import clock
    from quality import FindingStore

    same: dict[Any, list[str]] = defaultdict(list)
    for code, (_, said) in found.answers.items():
        same[said].append(code)
    store = FindingStore.of(site)
    for said, codes in same.items():
        store.acted(codes, said.action, by, said.reason, clock.now(), until=said.until or None)


def _taken(found: "Sorted", provider: str, *, dry_run: bool) -> Taken:
    counts: dict[str, int] = defaultdict(int)
    for _, said in found.answers.values():
        counts[said.action.value] += 1
    counts |= {"already": found.already, "unanswered": found.unanswered, "not_taken": len(found.bad)}
    bad = [{"line": one.line, "fault": one.fault.name.lower(), "why": one.fault.value} for one in found.bad]
    return Taken(provider, dry_run, dict(counts), bad, found.changed)


def _show(taken: Taken) -> None:
    tried = "Dry run, nothing was changed: " if taken.dry_run else ""
    told = [f"{taken.counts[name]:,} {said}" for name, said in IN_WORDS.items() if taken.counts.get(name)]
    for one in taken.bad[:MOST_LINES_TOLD]:
        say.data(f"line {one['line']}: {one['why']}")
    if len(taken.bad) > MOST_LINES_TOLD:
        say.words(f"And {len(taken.bad) - MOST_LINES_TOLD:,} lines more.")
    if taken.changed_columns:
        lines = ", ".join(map(str, taken.changed_columns[:10]))
        say.words(f"Other columns differ from ours in line {lines}: they were passed over.")
    say.words(f"{tried}{taken.provider or 'No provider'}: {', '.join(told) or 'no line holds anything'}.")
