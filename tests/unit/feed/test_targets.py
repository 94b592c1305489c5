"""Targets of providers.yaml: each is on a number that is published by provider, or the file is refused."""

import shutil
from pathlib import Path

import pytest

from config.documents import DocumentRefused
from config.site import load_site
from feed.targets import require_targets
from tests.unit.sharing.records import EXAMPLE

EXAMPLE_SITE = EXAMPLE.parents[1]


def agreed(folder: Path, *lines: str) -> None:
    """Ask for the targets of a copy of the example in which Community Support has these."""
    shutil.copytree(EXAMPLE_SITE, folder)
    path = folder / "providers.yaml"
    text = path.read_text(encoding="utf-8")
    before, mark, rest = text.partition("    targets:\n")
    assert mark
    kept = rest[rest.index("  domestic_abuse_support:") :]
    told = "".join(f"      {line}\n" for line in lines)
    path.write_text(f"{before}{mark}{told}{kept}", encoding="utf-8")
    require_targets(load_site(folder))


def test_the_example_s_targets_are_on_published_numbers() -> None:
    """Each stands on the page of contract monitoring."""
    require_targets(load_site(EXAMPLE_SITE))


@pytest.mark.parametrize(
    "line",
    ["K13.services: {at_least: 95}", "K36: {at_least: 1000}", "K24: {statistic: median, at_most: 60}"],
)
def test_a_target_on_a_number_that_is_published_is_taken(line: str, tmp_path: Path) -> None:
    """With its statistic, or without where there is one alone."""
    agreed(tmp_path / "site", line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("K15.within3: {at_least: 95}", "K15.within3: there is no such figure. Did you mean K15.within30?"),
        ("K99: {at_least: 1}", "K99: there is no such figure."),
        ("K08: {at_least: 1}", "K08: nothing of it is published by provider."),
        ("K38: {at_least: 1}", "K38: nothing of it is published by provider."),
        ("K40.affected: {at_least: 1}", "K40.affected: nothing of it is published by provider."),
        ("K16: {at_most: 28}", "K16 has several numbers: name the statistic, median or p90."),
        ("K16: {statistic: mean, at_most: 28}", "K16 has no mean: it has median and p90."),
        ("K15.within30: {statistic: count, at_least: 9}", "K15.within30 has no count: it has percent."),
    ],
)
def test_a_target_on_another_is_refused_with_its_line(line: str, said: str, tmp_path: Path) -> None:
    """And with what may have been meant."""
    with pytest.raises(DocumentRefused) as refused:
        agreed(tmp_path / "site", "K30: {at_least: 50}", line)
    (problem,) = refused.value.problems
    assert problem.text == said
    shown = problem.file.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line.partition(":")[0] in shown
