"""Every page on fixed input is, byte for byte, the page that was looked at and approved."""

import os
import re
from pathlib import Path

import pytest

from common import clock
from reports import write_all
from reports.incident import incident_page
from reports.person import person_page
from reports.statement import signed_statement_page
from tests.golden.reports import sample_documents as documents
from tests.golden.reports import (
    sample_incident,
    sample_monitoring,
    sample_person,
    sample_release,
    sample_statement,
)
from tests.golden.reports import sample_inputs as sample
from tests.golden.reports import sample_quality as quality
from tests.golden.reports import sample_runs as runs

GOLDEN = Path(__file__).with_name("pages")
PAGES = [
    "index.html",
    "operator/index.html",
    "governance/index.html",
    f"governance/{sample.RUN_IDS[0]}.html",
    f"governance/{sample.RUN_IDS[1]}.html",
    "provider/hub.html",
    "provider/hub.csv",
    "provider/domestic_abuse_support.html",
    "release/index.html",
    "contract/community_support-2022-23-Q2.html",
    "data_quality/index.html",
    "data_quality/time_to_mend.csv",
    "incident.html",
    "person.html",
    "statement.html",
]


# The schedule, long and mostly the flows' own words, is held field by field in test_telling.py instead.
DOCUMENTS = [f"documents/{name}" for name in documents.NAMES if name != "sharing_schedule.html"]
RUNS = [f"runs/governance/{name}" for name in runs.NAMES]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports")
    with clock.frozen(sample.NOW):
        quality.written(out, sample.SITE, sample.NOW)
        write_all(
            out,
            site=sample.SITE,
            summaries=sample.summaries(),
            findings=sample.findings(),
            catalogue=sample.CHECKS,
            providers=sample.PROVIDERS,
            published=sample.PUBLISHED,
        )
        (out / "incident.html").write_bytes(incident_page(sample_incident.pack()))
        (out / "person.html").write_bytes(person_page(sample_person.told()))
        (out / "statement.html").write_bytes(signed_statement_page(sample_statement.statement(), b"note"))
    (out / "release").mkdir()
    (out / "contract").mkdir()
    (out / "contract" / "community_support-2022-23-Q2.html").write_bytes(sample_monitoring.page())
    (out / "release" / "index.html").write_bytes(sample_release.page())
    documents.written(out / "documents")
    runs.written(out / "runs")
    return out


@pytest.mark.parametrize("name", [*PAGES, *DOCUMENTS, *RUNS])
def test_the_page_is_the_one_that_was_approved(site: Path, name: str) -> None:
    """A change of a page is seen in review; UPDATE_GOLDEN=1 writes the new one, to be looked at."""
    golden = GOLDEN / name
    page = _without_style((site / name).read_bytes().decode("utf-8"))
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(page.encode())
    assert page == golden.read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", [*PAGES, *DOCUMENTS, *RUNS])
def test_no_table_is_left_without_a_word(site: Path, name: str) -> None:
    """Where there is no row, a row says so: an empty table could be one that failed to come."""
    page = (site / name).read_bytes().decode("utf-8")
    assert not re.search(r"<tbody>\s*</tbody>", page)


def _without_style(page: str) -> str:
    """Return the page without its style sheet, which is a file of its own, and its digest."""
    page = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    return re.sub(r"sha256-[A-Za-z0-9+/=]{44}", "sha256-STYLE", page)


def test_the_schedule_shows_what_is_somebody_s_opinion(site: Path) -> None:
    """Where the assessment tells an opinion from a fact, its page does: of the need code, in both flows."""
    page = (site / "documents" / "sharing_schedule.html").read_bytes().decode("utf-8")
    rows = re.findall(r'<tr><th scope="row" class="code">need_code</th><td>(.*?)</td>', page)
    assert len(rows) == 2
    assert all("somebody’s opinion" in row for row in rows)
