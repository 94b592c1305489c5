"""Many nights of large exports: a provider through a portal, two by dropped files, faults at random."""

import os
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import duckdb

from commands.sample_site import Account, make_keys, write_sample_site
from config.site import load_site
from demo.portal_process import PortalProcess
from demo.sample import EXTRACTED_AT
from sharing import load_dpia
from sync.run import Wish, run_sync
from sync.summary import Summary
from tests.conservation.alphabets import check_alphabets
from tests.conservation.chain import check_batches
from tests.conservation.files import FOLDER_FAULTS, HARMLESS_FILES
from tests.conservation.made import SOURCES as TWO
from tests.conservation.made import Tables, made, on_night, write
from tests.conservation.oracle import Counts, Oracle, Snapshots
from tests.conservation.rules import Assessment, read_mapping
from tests.conservation.served import read_served
from tests.conservation.tap import Tap
from tests.nights import ACCEPTED_BY, drop_source
from tests.one_source import without_counts
from tests.signing_of_sites import sign_site

FEW = 12
SMALL = "domestic_abuse_support"
SOURCES = (*TWO, SMALL)
PORTAL, FOLDERS = SOURCES[0], SOURCES[1:]
# Faults that leave every row where it was, and faults for which the pull must be refused.
BORNE = ("reordered_columns", "extra_column", "status_503", "reset")
REFUSED = (
    "login_page_200", "session_expired", "html_as_csv", "error_as_csv", "error_at_the_end", "truncated_body",
    "missing_rows", "no_rows", "renamed_column", "missing_column", "duplicate_header",
    "wrong_count", "stale", "empty_body", "other_export",
)  # fmt: skip
ONCE = {"status_503": "0", "reset": ""}


@dataclass
class Told:
    """What the nights have come to."""

    counts: Counts = field(default_factory=Counts)
    faults: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    refused: int = 0
    nights: int = 0
    alphabets: int = 0


class LargeNights:
    """A site, a portal behind a tap, and an oracle; a context manager."""

    def __init__(self, folder: Path, rows: int, seed: int) -> None:
        self.chance, self.told = Random(seed), Told()
        self._folder, self._site = folder, folder / "site"
        self._tables = made(folder / "made", rows)
        self._tables[SMALL] = made(folder / "few", FEW, (SMALL,))[SMALL]
        self._portal = PortalProcess(folder / "served")
        self._accepted: Snapshots = {}
        self._batches: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._lay_down(0)
        self._portal.__enter__()
        self._tap = Tap(self._portal.address)
        self._tap.__enter__()
        account = Account(f"{self._tap.address}/{PORTAL}/", *self._portal.account(PORTAL))
        site = write_sample_site(self._site, {PORTAL: account})
        for source in FOLDERS:
            drop_source(self._site, source)
        site.dpia.write_text(without_counts(site.dpia.read_text(encoding="utf-8")), encoding="utf-8")
        make_keys(load_site(self._site), list(load_dpia(site.dpia).active_flows))
        sign_site(site)
        self._mappings = {
            source: {
                name: read_mapping(path) for name, path in load_site(self._site).mapping_files(source).items()
            }
            for source in SOURCES
        }
        self._oracle = Oracle(self._site, Assessment(site.dpia))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tap.__exit__(kind, error, trace)
        self._portal.close()

    def night(self, number: int, *, faults: bool, alphabets: bool = True) -> None:
        """Let one night pass: exports laid down, faults switched on, the run, the count."""
        self._lay_down(number)
        self._drop(number)
        self._portal.heal()
        self._tap.forget()
        struck = self._strike() if faults else {}
        before = {source: self._digest(source) for source in SOURCES}
        summary = run_sync(
            load_site(self._site), Wish(accept_drop=True, accept_growth=True, accept_flagged=ACCEPTED_BY)
        )
        self._take(summary, struck, before)
        self.told.nights += 1
        self.told.faults.update(struck.values())
        self.told.counts.add(self._oracle.count(self._accepted))
        check_batches(self._site, self._batches)
        if alphabets:
            self.told.alphabets = check_alphabets(self._site, list(self._mappings[PORTAL].values()))

    def idle(self, times: int) -> None:
        """Let a night pass in which all is well, and run so often again on the same exports.

        Nothing is sent any more, and the warehouse is what it was.
        """
        self.night(self.told.nights, faults=False)
        before = {source: self._digest(source) for source in SOURCES}
        for _ in range(times):
            summary = run_sync(load_site(self._site), Wish())
            assert [flow.state for flow in summary.flows] == ["nothing_sent"] * len(summary.flows)
            assert {source: self._digest(source) for source in SOURCES} == before

    # -- what is laid down -----------------------------------------------------------------------------------

    def _lay_down(self, number: int) -> None:
        self._tonight: dict[str, Tables] = {
            source: on_night(tables, number) for source, tables in self._tables.items()
        }
        write(self._tonight[PORTAL], self._folder / "served" / PORTAL)

    def _drop(self, number: int) -> None:
        for source in FOLDERS:
            folder = self._site / "drop" / source
            shutil.rmtree(folder, ignore_errors=True)
            write(self._tonight[source], folder)
            for path in folder.glob("*.csv"):
                os.utime(path, (EXTRACTED_AT.timestamp() + number, EXTRACTED_AT.timestamp() + number))

    def _strike(self) -> dict[str, str]:
        """Switch a fault on in most sources; return which."""
        struck = {}
        if self.chance.random() < 0.7:
            name = self.chance.choice(BORNE + REFUSED)
            place = (
                "" if name in {"stale", "wrong_count"} else self.chance.choice(sorted(self._tonight[PORTAL]))
            )
            value = ONCE.get(name, "services" if place != "services" else "needs")
            self._portal.fault(name, place, PORTAL, 1 if name in ONCE else None, value=value)
            struck[PORTAL] = name
        for source in FOLDERS:
            if self.chance.random() < 0.5:
                name = self.chance.choice(sorted(FOLDER_FAULTS))
                export = self.chance.choice(
                    ["people", "referrals", "contacts", "needs", "consents", "outcomes"]
                )
                FOLDER_FAULTS[name](self._site / "drop" / source / f"{export}.csv")
                struck[source] = name
        return struck

    # -- what came of it -------------------------------------------------------------------------------------

    def _take(self, summary: Summary, struck: dict[str, str], before: dict[str, Any]) -> None:
        """Note what was accepted, from the bytes; of a refused source nothing may have changed."""
        assert summary.error is None, summary.error
        for told in summary.sources:
            name, source = struck.get(told.source, ""), told.source
            refused = told.error is not None
            harmless = not name or name in BORNE or name in HARMLESS_FILES
            assert refused != harmless, (source, name, told.error and told.error.code)
            self.told.refused, self.told.accepted = (
                self.told.refused + refused,
                self.told.accepted + (not refused),
            )
            if refused:
                assert self._digest(source) == before[source], f"{source} was refused and yet changed"
                continue
            bodies = self._served() if source == PORTAL else self._dropped(source)
            exports = {
                export: read_served(body, self._mappings[source][export]) for export, body in bodies.items()
            }
            for export, served in exports.items():
                assert served.rows == self._tonight[source][export].height, (source, export)
                self._check_counts(told.exports[export], served, told.unknown_columns[export])
            self._accepted[source] = exports

    def _check_counts(self, said: Any, served: Any, unknown: list[str]) -> None:
        """Rows = read + repeated + furniture + rejected, each as the oracle counts it."""
        counted = served.rows, len(served.read), len(served.again), 0, len(served.nameless)
        assert (said.rows, said.read, said.repeated, said.furniture, said.rejected) == counted
        assert unknown == [f"column {served.header.index(name) + 1}" for name in served.unknown]

    def _served(self) -> dict[str, bytes]:
        """Return the last whole body of each extract that passed the tap."""
        return {
            name.removeprefix("Viaduct ").removesuffix(".csv"): bodies[-1]
            for name, bodies in self._tap.downloads().items()
        }

    def _dropped(self, source: str) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in (self._site / "drop" / source).glob("*.csv")}

    def _digest(self, source: str) -> dict[str, Any]:
        """Return a digest of what the warehouse holds of a source, by table; provenance left aside."""
        path = self._site / "var/warehouse.duckdb"
        if not path.exists():
            return {}
        with closing(duckdb.connect(str(path), read_only=True)) as warehouse:
            tables = warehouse.execute(
                "select table_schema, table_name from information_schema.columns"
                " where column_name = 'source_system'"
            ).fetchall()
            left_out = "columns(c -> c not in ('batch_sequence', 'run_id', 'released_at'))"
            return {
                f"{flow}.{entity}": warehouse.execute(
                    f"select count(*), bit_xor(hash(t::varchar)) from (select {left_out} from {flow}.{entity}"
                    " where source_system = ?) t",
                    [source],
                ).fetchone()
                for flow, entity in tables
            }
