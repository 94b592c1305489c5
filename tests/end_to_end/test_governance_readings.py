"""What the pages of governance tell is what files, warehouse and log tell, counted another way."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from commands.pages import build_pages
from common import clock
from demo.sample import Sample
from sharing import load_dpia
from sharing.choices import Choice
from sync import registering
from sync.council import retain_council_side
from sync.days import days_of_site
from sync.governance import readings
from sync.governance.disposal import disposal
from sync.history import last_runs
from sync.place import look
from sync.rotation import overdue
from tests.clients import quiet_client
from tests.nights import ACCEPTED_BY, NightSite
from tests.released import FLOWS
from tests.secret_words import SecretWords

DAYS = 10


def read(night: NightSite) -> dict[str, dict[str, Any]]:
    """Return every reading of the site."""
    site = night.site
    return readings(site, list(last_runs(site)), load_dpia(site.dpia, sources=site.sources))


@dataclass(frozen=True)
class Later:
    """A site ten days after its first night: somebody has objected, and what had its time was removed."""

    night: NightSite
    first: date
    removed: dict[str, int]
    told: dict[str, dict[str, Any]]
    summary: dict[str, Any]
    pages: list[Path]


@pytest.fixture(scope="module")
def later(settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Later:
    folder = tmp_path_factory.mktemp("later") / "site"
    shutil.copytree(settled.folder, folder)
    night, first = NightSite(folder), clock.today()
    with clock.frozen(clock.now() + timedelta(days=DAYS)):
        with look(night.site) as place:
            which = registering.declared(place)[Choice.OBJECTION]
            registering.add(place, which, registering.people_of(place, "hub", [quiet_client(sample)]), "")
        done = retain_council_side(night.site, dry_run=False)
        summary = night.night().to_json()
        removed = {flow.flow: flow.total("expired") for flow in done}
        return Later(night, first, removed, read(night), summary, build_pages(night.site))


def people_in_exports(sample: Sample, source: str) -> int:
    """Return how many people the source's own export of people names."""
    return len({row["Org Person ID"] for row in sample.table(source, "people")})


def test_everybody_is_shared_or_stands_in_the_register(settled: NightSite, sample: Sample) -> None:
    """People in the provider's export are the people in the warehouse and those who stay, flow by flow."""
    told = read(settled)["not_shared"]
    for flow in FLOWS:
        for source in sample.sources:
            ((there,),) = settled.query(
                f"select count(*) from {flow}.person where source_system = '{source}'"
            )
            stay = sum(
                line["people"] for line in told["people"] if (line["flow"], line["source"]) == (flow, source)
            )
            assert there + stay == people_in_exports(sample, source), (flow, source)
    shared = {
        source: settled.query(f"select count(*) from early_help.person where source_system = '{source}'")[0][
            0
        ]
        for source in sample.sources
    }
    alone = told["in_no_flow"]["domestic_abuse_support"]
    assert alone == people_in_exports(sample, "domestic_abuse_support") - shared["domestic_abuse_support"]


def test_whose_address_rule_s1_emptied_is_counted(settled: NightSite) -> None:
    """Everybody of domestic abuse support in early help: in SQL as in the register."""
    told = read(settled)["not_shared"]
    (line,) = (
        one
        for one in told["emptied"]
        if (one["flow"], one["source"]) == ("early_help", "domestic_abuse_support")
    )
    ((people, empty),) = settled.query(
        "select count(distinct person_id), count(*) from early_help.person"
        " where source_system = 'domestic_abuse_support' and gp_practice_code is null"
    )
    assert line["people"] == people > 0
    assert line["records"]["person"] == empty


def test_a_reason_is_as_old_as_the_night_on_which_it_first_stood(later: Later) -> None:
    """Ten days on, who stayed for a reason has stayed since the first night; who objected, since tonight."""
    lines = later.told["not_shared"]["people"]
    old = [line for line in lines if line["reason"] in {"cohort", "anonymised", "source_not_in_flow"}]
    assert old
    for line in old:
        assert line["oldest_since"] == later.first.isoformat(), line
        assert line["ages"]["up to a month"] == line["people"]
    objected = [line for line in lines if line["reason"] == "choice:art21_objection"]
    assert {line["flow"] for line in objected} == set(FLOWS)
    for line in objected:
        assert line["people"] == line["ages"]["up to a week"] == 1
        assert line["oldest_since"] == (later.first + timedelta(days=DAYS)).isoformat()
    waiting = later.told["not_shared"]["waiting"]
    assert {line["oldest_since"] for line in waiting} == {later.first.isoformat()}


def test_a_choice_is_told_with_the_run_that_applied_it_and_what_it_took_back(later: Later) -> None:
    """Received today, applied by tonight's run; the withdrawn records are those of the run's summary."""
    told = later.told["choices_applied"]
    (objection,) = (one for one in told["registers"] if one["choice"] == "art21_objection")
    today = (later.first + timedelta(days=DAYS)).isoformat()
    (received,) = objection["received"]
    assert (received["day"], received["choices"]) == (today, 1)
    assert received["applied_by"] == later.summary["run_id"]
    assert (objection["entries"], objection["standing"], objection["age_days"]) == (1, 1, DAYS)
    (order,) = (one for one in told["registers"] if one["choice"] == "court_order")
    assert (order["age_days"], order["received"]) == (DAYS, [])
    counted: Counter[str] = Counter()
    for flow in later.summary["flows"]:
        for counts in flow["entities"].values():
            counted[flow["flow"]] += counts["withdrawn_reasons"].get("choice:art21_objection", 0)
    assert {one["flow"]: one["records"] for one in told["withdrawn"]} == dict(+counted)
    assert sum(counted.values()) > 2


def test_what_was_removed_is_what_the_council_s_side_removed(later: Later) -> None:
    """One certificate per flow, in the log, with the numbers that the removal itself gave."""
    told = {one["flow"]: one for one in later.told["disposal"]["flows"]}
    assert {flow: one["expired"] for flow, one in told.items()} == later.removed
    assert all(one["certificates"] == 1 for one in told.values())
    without_runs = {one["flow"]: one for one in disposal(later.night.site, [])["flows"]}
    for found in (told, without_runs):
        assert {flow: one["removed_by_all"] for flow, one in found.items()} == later.removed
    assert {one["as_of"] for one in without_runs.values()} == {None}
    for one in told.values():
        assert one["due"] == one["expired"] + one["blocked"] + one["waiting"]
        assert sum(counts["expired"] for counts in one["entities"].values()) == one["expired"]
    assert {one["kind"] for one in later.told["disposal"]["own"]} == set(later.summary["swept"])


def test_a_key_s_age_and_last_use_are_told_and_one_too_old_is_named(later: Later) -> None:
    """Ten days old and used tonight; a year on, those with a limit are overdue, as the calendar says."""
    told = later.told["custody"]
    keys = {one["role"]: one for one in told["keys"]}
    assert {"council", "signing", "log", "memory", "choices"} <= set(keys)
    assert {one["age_days"] for one in keys.values()} == {DAYS}
    assert told["overdue"] == []
    log = (later.night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    batches = [leaf for line in log if (leaf := json.loads(line))["kind"] == "batch"]
    for flow in FLOWS:
        used = max(leaf["at"] for leaf in batches if leaf["flow"] == flow)
        assert keys[f"pseudonym-{flow}"]["last_used_at"] == used
    assert keys["council"]["last_used_at"] == max(leaf["at"] for leaf in batches)
    private = (later.night.site.keys.private / "council.key").read_text(encoding="ascii").splitlines()[1]
    assert private not in json.dumps(later.told)
    with clock.frozen(clock.now() + timedelta(days=DAYS + 400)):
        night, told = later.night, read(later.night)["custody"]
        dpia = load_dpia(night.site.dpia, sources=night.site.sources)
        named = {due.path.removeprefix("keys/") for due in days_of_site(night.site, dpia, clock.today())}
        assert set(told["overdue"]) == named & set(keys)
        assert set(told["overdue"]) == {"council", "signing", *(f"pseudonym-{flow}" for flow in FLOWS)}
        assert all(flow in " ".join(overdue(night.site, dpia)) for flow in FLOWS)
        limited = {one["role"] for one in told["keys"] if one["use_until"]}
        assert limited == set(told["overdue"]) < set(keys)


def test_what_a_person_let_through_is_told_as_the_log_says_it(later: Later) -> None:
    """Each brake of each run's leaf is a line; whose word let people under the flag go is named."""
    log = (later.night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    runs = [leaf for line in log if (leaf := json.loads(line))["kind"] == "run"]
    told = later.told["access"]["released"]
    assert [(one["run"], one["brake"]) for one in told] == [
        (leaf["run"], brake) for leaf in runs for brake in leaf["accepted"]
    ]
    named = {one["brake"]: one["by"] for one in told}
    assert named["accept_flagged"] == ACCEPTED_BY
    assert named["accept_growth"] is None
    assert later.told["access"]["reidentifications"] == later.told["access"]["histories"] == []


def test_the_runs_that_sent_nothing_are_those_without_a_batch_in_the_log(two_nights: NightSite) -> None:
    """Held to the log's own leaves; and a run whose summary is lost is told of by the log."""
    lines = (two_nights.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    leaves = [json.loads(line) for line in lines]
    sent = {leaf["run"] for leaf in leaves if leaf["kind"] == "batch"}
    begun = {leaf["run"] for leaf in leaves if leaf["kind"] == "run"}
    told = read(two_nights)["nothing_sent"]
    assert {one["run"] for one in told["silent"]} == begun - sent
    assert told["runs_that_sent"] == len(sent) == 2
    assert (told["of_them_stopped"], told["without_summary"]) == (0, [])
    assert {one["flow"]: one["days_ago"] for one in told["last_sent"]} == dict.fromkeys(FLOWS, 0)


def test_a_run_without_a_summary_is_told_of_by_the_log(two_nights: NightSite, tmp_path: Path) -> None:
    """The summary of the second night is lost: the log knows that the run was begun."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    lost = sorted((night.site.var / "runs").glob("*.json"))[1]
    lost.unlink()
    told = read(night)["nothing_sent"]
    assert [one["run"] for one in told["without_summary"]] == [lost.stem]
    assert told["runs"] == 2


def test_what_is_shared_and_always_empty_is_empty_in_the_warehouse(two_nights: NightSite) -> None:
    """Every field that is named, by SQL; and every empty column of the hub that no rule empties is named."""
    told = read(two_nights)["coverage"]["always_empty"]
    named = {(one["flow"], one["entity"], name, one["source"]) for one in told for name in one["fields"]}
    with closing(duckdb.connect(str(two_nights.site.warehouse), read_only=True)) as warehouse:
        columns = dict(columns_of_sources(warehouse))
    empty = {column for column, filled in columns.items() if not filled}
    assert len(named & columns.keys()) > 20, "of some entities a source may share no row at all"
    assert named & columns.keys() <= empty
    assert {one for one in empty if one[3] == "hub"} <= named


def test_a_field_to_ask_about_has_no_value_in_the_warehouse(settled: NightSite) -> None:
    """After one night: a column that is asked about is empty there, and one that is not holds a value."""
    told = {
        (flow["flow"], one["entity"], one["field"]): one["ask"]
        for flow in read(settled)["minimisation"]["flows"]
        for one in flow["fields"]
        if one["batches"]
    }
    with closing(duckdb.connect(str(settled.site.warehouse), read_only=True)) as warehouse:
        cells: Counter[tuple[str, str, str]] = Counter()
        for (flow, entity, name, _), filled in columns_of_sources(warehouse):
            cells[flow, entity, name] += filled
    assert {place: not cells[place] for place in told} == told
    assert set(told.values()) == {True, False}


def columns_of_sources(warehouse: Any) -> Iterator[tuple[tuple[str, str, str, str], int]]:
    """Yield flow, table, column and source, and how many cells are filled, wherever a source has rows."""
    tables = warehouse.execute(
        "select table_schema, table_name, list(column_name) from information_schema.columns where"
        " table_schema in ('early_help', 'commissioning') and table_name <> 'withdrawn_records' group by all"
    ).fetchall()
    for flow, entity, columns in tables:
        counts = ", ".join(f"count({name})" for name in columns)
        for row in warehouse.execute(
            f"select source_system, {counts} from {flow}.{entity} group by 1"
        ).fetchall():
            for name, filled in zip(columns, row[1:], strict=True):
                yield (flow, entity, name, row[0]), filled


def test_the_pages_stand_with_the_same_numbers_as_data_and_name_nobody(later: Later, sample: Sample) -> None:
    """Nine pages, private, linked from the index; JSON holds what the reading holds; no word of a person."""
    folder = later.night.site.var / "reports" / "governance"
    words, index = SecretWords.of(sample), (folder / "index.html").read_text(encoding="utf-8")
    for name, said in later.told.items():
        page, data = folder / f"{name}.html", folder / f"{name}.json"
        assert {page, data} <= set(later.pages)
        assert json.loads(data.read_bytes()) == said
        assert f'href="{name}.html"' in index
        for path in (page, data):
            assert words.within(path.read_bytes()) == set(), path.name
            assert path.stat().st_mode & 0o077 == 0
