"""What must hold at every instant, whatever stopped a run; and what must hold once the next one has ended."""

import hashlib
import hmac
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from tests.crash.forks import TEMPORARY
from tests.crash.left import FLOWS, Left, batches, what_is_left
from tests.killed_nights import canonical_rows, outbox
from tests.secret_words import SecretWords

FATES = ("released", "unchanged", "withheld", "held")
ROWS = ("read", "repeated", "furniture", "rejected")
# A signature or a digest in base64: what stands in it in clear is read as base64 all the same.
RANDOM_TEXT = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")
WAREHOUSE = ("warehouse.duckdb", ".warehouse.duckdb.loading")


def broken_now(site: Path, states: list[dict[str, frozenset[str]]], words: SecretWords) -> list[str]:
    """Return the promises that the site breaks as it stands, stopped at no matter what call.

    Given: the canonical rows before the run and after it: of each flow, one of these must be there.
    """
    return [
        *_asked(_warehouse, site, states),
        *_asked(_landing, site),
        *_asked(_people, site),
        *_asked(_memory, site),
        *_asked(_torn, site),
        *_asked(_clear, site, words),
    ]


def broken_then(site: Path, said: dict[str, Any], wanted: Left, words: SecretWords) -> list[str]:
    """Return the promises that the site breaks once a whole run has ended after whatever came before."""
    if said["code"] not in {0, 1} or said["native"]:
        return [f"the next run ended with {said['code']}: {said['err']}{said['native'][:300]}"]
    return [
        *_asked(_differences, site, wanted),
        *_asked(_balances, site),
        *_asked(_left_behind, site),
        *_asked(_stated, site),
        *_asked(_people, site),
        *_asked(_torn, site),
        *_asked(_clear, site, words),
    ]


def broken_idle(site: Path, said: dict[str, Any], wanted: Left) -> list[str]:
    """Return what an idle night broke: it sends nothing and changes nothing."""
    summary = last_summary(site)
    sent = [flow["flow"] for flow in summary["flows"] if flow["state"] != "nothing_sent"]
    broken = [f"an idle night sent: {flow}" for flow in sent]
    if said["code"] not in {0, 1}:
        broken.append(f"an idle night ended with {said['code']}")
    return broken + _asked(_differences, site, wanted)


def rows_of(site: Path) -> dict[str, frozenset[str]]:
    """Return the canonical rows of the published warehouse; none where there is none."""
    return canonical_rows(site) if (site / "var/warehouse.duckdb").exists() else {}


def last_summary(site: Path) -> Any:
    """Return the summary of the last run."""
    return json.loads(max((site / "var/runs").glob("*.json")).read_bytes())


def _asked(promise: Callable[..., Iterable[str]], *given: Any) -> list[str]:
    """Return what the promise says is broken; what cannot be asked is broken too."""
    try:
        return list(promise(*given))
    except Exception as error:  # noqa: BLE001 - a torn file fails in as many ways as there are kinds of it
        return [f"{promise.__name__.strip('_')} cannot be asked: {type(error).__name__}"]


def _differences(site: Path, wanted: Left) -> list[str]:
    """The site holds what an undisturbed one holds."""
    differences = what_is_left(site).differences(wanted)
    return [f"differs from an undisturbed night: {name}" for name in differences]


def _warehouse(site: Path, states: list[dict[str, frozenset[str]]]) -> Iterator[str]:
    """The published warehouse opens, and holds each flow as it was before its load or as it is after it."""
    found = rows_of(site)
    for flow in FLOWS:
        if _of_flow(found, flow) not in [_of_flow(state, flow) for state in states]:
            yield f"the warehouse holds a flow that is half loaded: {flow}"


def _of_flow(rows: dict[str, frozenset[str]], flow: str) -> dict[str, frozenset[str]]:
    return {table: found for table, found in rows.items() if table.startswith(f"{flow}.")}


def _landing(site: Path) -> Iterator[str]:
    """What has a manifest is whole, and stands in the log under a published checkpoint."""
    logged = {leaf["manifest_sha256"] for leaf in _leaves(site) if leaf["kind"] == "batch"}
    for flow in FLOWS:
        for path in (site / "var/landing" / flow).glob("*/manifest.json"):
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() not in logged:
                yield f"published, but not in the log: {flow}"
            for file in json.loads(content)["files"]:
                body = path.with_name(file["name"])
                if not body.exists() or _digest(body) != file["sealed_sha256"]:
                    yield f"a reader of the landing zone sees half a batch: {flow}"
            if not path.with_name("manifest.json.sig").exists():
                yield f"a manifest stands without its signature: {flow}"


def _leaves(site: Path) -> list[Any]:
    """Return the lines of the log that the published checkpoint covers."""
    checkpoint = site / "var/log/checkpoint"
    if not checkpoint.exists():
        return []
    size = int(checkpoint.read_text(encoding="utf-8").splitlines()[1])
    return [json.loads(line) for line in (site / "var/log/leaves.jsonl").read_bytes().split(b"\n")[:size]]


def _people(site: Path) -> Iterator[str]:
    """Of whom a logged batch told can be shown for everybody: each tag is made from a secret that is kept."""
    secrets = _secrets(site / "var/state/people.sqlite")
    for leaf in _leaves(site):
        if leaf["kind"] == "batch":
            path = site / "var/log/people" / leaf["flow"] / f"{leaf['seq']:08d}.jsonl"
            lines = [json.loads(line) for line in path.read_bytes().splitlines()]
            batch = leaf["identity"].removeprefix("batch:")
            asked = {one["operation"]: f"viaduct tag v1\x1f{batch}\x1f{one['operation']}" for one in lines}
            known = {
                hmac.digest(secret, words.encode(), "sha256").hex()
                for secret in secrets
                for words in asked.values()
            }
            if not {one["subject"] for one in lines} <= known:
                yield f"the log tells of somebody whose secret is lost: {leaf['flow']}"


def _secrets(path: Path) -> list[bytes]:
    """Return every person's secret; none before the first night."""
    with _copy(path) as copy, closing(sqlite3.connect(copy)) as table:
        there = table.execute("select count(*) from sqlite_master where name = 'secret'").fetchone() != (0,)
        return [bytes(secret) for (secret,) in table.execute("select secret from secret")] if there else []


def _memory(site: Path) -> Iterator[str]:
    """Nothing is remembered that the warehouse has not loaded."""
    loaded = dict.fromkeys(FLOWS, 0)
    if (site / "var/warehouse.duckdb").exists():
        with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
            told = warehouse.execute(
                "select flow, max(sequence) from viaduct_batches group by all"
            ).fetchall()
        loaded.update(told)
    for flow in FLOWS:
        path = site / f"var/state/memory/{flow}.parquet"
        remembered = pl.read_parquet(path)["batch"].max() if path.exists() else None
        if isinstance(remembered, int) and remembered > loaded[flow]:
            yield f"remembered before it was loaded: {flow}"
        path = site / f"var/state/chain/{flow}.json"
        if path.exists() and json.loads(path.read_bytes())["sequence"] > loaded[flow]:
            yield f"counted before it was loaded: {flow}"


def _torn(site: Path) -> Iterator[str]:
    """Whatever has its final name is whole; what is being made has a name that starts with a dot."""
    for path in sorted((site / "var").rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(site).parts):
            try:
                _read(path)
            except Exception as error:  # noqa: BLE001 - each kind of file fails in its own way
                yield f"torn: {path.name} ({type(error).__name__})"


def _read(path: Path) -> None:
    """Read a file whole. Errors: those of its kind."""
    if path.suffix == ".json" or path.name.startswith("manifest.json"):
        assert path.stat().st_size
        if path.suffix == ".json":
            json.loads(path.read_bytes())
    elif path.suffix == ".parquet":
        pl.read_parquet(path)
    elif path.suffix == ".html":
        assert path.read_bytes().rstrip().endswith(b"</html>")
    elif path.suffix == ".sqlite":
        _look_into(path)


def _look_into(path: Path) -> None:
    """Ask the database whether it is whole."""
    with _copy(path) as copy, closing(sqlite3.connect(copy)) as store:
        assert store.execute("pragma integrity_check").fetchone() == ("ok",)


@contextmanager
def _copy(path: Path) -> Iterator[Path]:
    """Yield a copy of the database with its journal: to open the file itself might mend it."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, "copy.sqlite")
        for suffix in ("", "-journal"):
            if path.with_name(path.name + suffix).exists():
                shutil.copyfile(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
        yield copy


def _clear(site: Path, words: SecretWords) -> Iterator[str]:
    """No personal value stands in clear anywhere but in the warehouse."""
    for room in ("var", TEMPORARY):
        for path in sorted((site / room).rglob("*")):
            if path.is_file() and not _of_the_warehouse(path):
                found = words.within(path.name.encode()) | _found(path, words)
                if found:
                    yield f"in clear in {path.relative_to(site)}: {sorted(found)}"


def _found(path: Path, words: SecretWords) -> set[str]:
    """Return what the file tells of a person; signatures and sealed bytes spell words by chance."""
    data = path.read_bytes()
    found = words.within(RANDOM_TEXT.sub(b" ", data)) | {one for one in words.within(data) if one[-1] == ")"}
    return found if path.suffix != ".age" or len(found) > 1 else set()


def _of_the_warehouse(path: Path) -> bool:
    return any(part in WAREHOUSE for part in path.parts)


def _balances(site: Path) -> Iterator[str]:
    """Both balances add up, counted again from the summary of the run."""
    summary = last_summary(site)
    for source in summary["sources"]:
        for export, counts in source["exports"].items():
            if counts["rows"] != sum(counts[name] for name in ROWS):
                yield f"rows without a fate: {export}"
    for told in [*summary["sources"], *summary["flows"]]:
        for entity, counts in told["entities"].items():
            if counts["records"] != sum(counts[name] for name in FATES):
                yield f"records without a fate: {entity}"


def _stated(site: Path) -> Iterator[str]:
    """Every run that the log tells of has a statement, which tells all that the log holds of it."""
    leaves = _leaves(site)
    for run in sorted({leaf["run"] for leaf in leaves if leaf["kind"] == "run"}):
        folder = site / "var/statements"
        signed = (folder / f"{run}.txt").read_text(encoding="utf-8").split("\n")[1]
        if json.loads(signed)["leaves"] != [leaf for leaf in leaves if leaf["run"] == run]:
            yield "a statement does not tell what the log holds of its run"
        if (folder / f"{run}.json").read_text(encoding="utf-8") != f"{signed}\n":
            yield "the JSON of a statement is not what was signed"
        if hashlib.sha256((folder / f"{run}.txt").read_bytes()).hexdigest() not in (
            folder / f"{run}.html"
        ).read_text(encoding="utf-8"):
            yield "the page of a statement is of another one"


def _left_behind(site: Path) -> Iterator[str]:
    """No draft, copy or half file is left, and every number was used once and in order."""
    yield from (f"left in the outbox: {name}" for name in outbox(site))
    # A lock keeps its name. Pages and figures are written by several verbs: what is left there goes in a day.
    shared = {site / "var" / room for room in ("reports", "feed")}
    hidden = [
        path
        for path in (site / "var").rglob(".*")
        if not path.name.endswith(".lock") and not shared & set(path.parents)
    ]
    yield from (f"left behind: {path.relative_to(site)}" for path in [*hidden, *(site / TEMPORARY).iterdir()])
    for flow in FLOWS:
        numbers = [number for number, _ in batches(site, flow)]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"numbers used twice or not at all: {flow} {numbers}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
