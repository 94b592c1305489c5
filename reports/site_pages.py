"""Write all pages of a site: one folder per reader, each file whole or absent."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common.files import write_atomic
from reports.documents import FROM_THE_RUNS, standing
from reports.front import DATA_QUALITY, NOTHING, Contents, Published, front_page
from reports.governance import index_page, run_did_page
from reports.operator import operator_page
from reports.pages import moment
from reports.provider import Setting, Worklist
from reports.readings import RunSummary
from reports.worklist_readings import CheckWords, FindingRow, ProviderWords
from reports.worklists import worklists


def write_all(
    out: Path,
    *,
    site: str,
    summaries: Iterable[Mapping[str, Any]],
    findings: Iterable[Mapping[str, Any]],
    catalogue: Iterable[Any],
    providers: Iterable[ProviderWords],
    published: Published = NOTHING,
) -> list[Path]:
    """Write the readers' pages and the front page, and return every file that stands.

    Given:   run summaries as `run --json` prints them; living findings; the checks with their words; the
             providers with their sources and weeks; where the pages of published figures lie.
    Note:    the statement of an older run is left as it was issued; providers' files are private.
    """
    read = [RunSummary.model_validate(given) for given in summaries]
    writing = _Writing(out, site, sorted(read, key=lambda run: run.started_at, reverse=True))
    words = (CheckWords.model_validate(check) for check in catalogue)
    checks = {check.id: check for check in words}
    contents = Contents(
        governance=writing.governance({name: check.message for name, check in checks.items()}),
        providers=writing.worklists(
            worklists(providers, map(FindingRow.model_validate, findings), checks, writing.setting)
        ),
        published=published,
        data_quality=(out / DATA_QUALITY / "index.html").is_file(),
    )
    writing.page("operator/index.html", operator_page(site, writing.runs))
    writing.page("index.html", front_page(site, writing.latest, contents))
    return writing.files


class _Writing:
    """One writing of a site's pages. Given: the runs, the latest first."""

    def __init__(self, out: Path, site: str, runs: list[RunSummary]) -> None:
        self.out, self.site, self.runs = out, site, runs
        self.latest = runs[0] if runs else None
        self.files: list[Path] = []

    @property
    def setting(self) -> Setting:
        """Return what stands around every worklist."""
        return Setting(self.site, self.latest, sample=bool(self.latest and self.latest.sample))

    def page(self, name: str, content: bytes, *, private: bool = False) -> None:
        write_atomic(self.out / name, content, private=private)
        self.files.append(self.out / name)

    def governance(self, checks: Mapping[str, str]) -> list[tuple[str, str]]:
        for run in self.runs:
            name = f"governance/{run.run_id}.html"
            if run is not self.latest and (self.out / name).is_file():
                self.files.append(self.out / name)
            else:
                self.page(name, run_did_page(self.site, run, checks))
        there = standing(self.out), standing(self.out, FROM_THE_RUNS)
        self.page("governance/index.html", index_page(self.site, self.runs, *there))
        return [(f"governance/{run.run_id}.html", moment(run.started_at)) for run in self.runs[:1]]

    def worklists(self, made: Iterable[Worklist]) -> list[tuple[str, str, int]]:
        links = []
        for each in made:
            name = f"provider/{each.provider.id}"
            for ending, content in (("html", each.html()), ("csv", each.csv()), ("xlsx", each.xlsx())):
                self.page(f"{name}.{ending}", content, private=True)
            links.append((f"{name}.html", each.provider.name or each.provider.id, each.total))
        return links
