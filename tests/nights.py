"""A whole site for tests: the example's rules, the sample's exports dropped into folders, keys of its own."""

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from commands.sample_site import make_keys, write_sample_site
from config.documents import plain, read_tree
from config.site import Site, load_site
from demo.sample import EXTRACTED_AT, Sample, write_csvs
from sharing import load_dpia
from sync.run import Wish, run_sync
from sync.summary import Summary
from tests.one_source import of_the_hub_alone, without_counts
from tests.signing_of_sites import sign_site

ACCEPTED_BY = "Tests, on behalf of information governance"
PROVENANCE = {"batch_sequence", "run_id", "released_at"}
FOLDER_SOURCE = """connector: folder
provider: {name}
folder: drop/{name}
settle_seconds: 0
files:
{files}
mappings:
{mappings}
null_words: ["[Not Specified]", "N/A", "-"]
{parent}"""


@dataclass
class NightSite:
    """A site on disk and the exports its sources see."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, sample: Sample, *, alone: bool = False, counts: bool = False) -> "NightSite":
        """Return a new site whose sources are folders with the sample's exports; alone, the hub's only.

        Given: whether the example's flow of counts runs beside its flows of rows.
        """
        site = write_sample_site(folder, {})
        for name in site.sources:
            drop_source(folder, name)
        made = cls(folder)
        without_examples(site.dpia)
        if not counts:
            site.dpia.write_text(without_counts(site.dpia.read_text(encoding="utf-8")), encoding="utf-8")
        if alone:
            for name in set(site.sources) - {"hub"}:
                (folder / "sources" / f"{name}.yaml").unlink()
            site.dpia.write_text(of_the_hub_alone(site.dpia.read_text(encoding="utf-8")), encoding="utf-8")
        make_keys(made.site, list(load_dpia(made.site.dpia).active_flows))
        made.drop(sample)
        made.sign()
        return made

    @property
    def site(self) -> Site:
        """Return the site as its files declare it now."""
        return load_site(self.folder)

    def drop(self, sample: Sample) -> None:
        """Replace the exports; their time is the sample's."""
        shutil.rmtree(self.folder / "drop", ignore_errors=True)
        write_csvs(sample, self.folder / "drop")
        for path in (self.folder / "drop").rglob("*.csv"):
            os.utime(path, (EXTRACTED_AT.timestamp(), EXTRACTED_AT.timestamp()))

    def sign(self, *, patch: bool = False) -> None:
        """Let all parties sign the assessment as it is now, as the next version of what last ran."""
        sign_site(self.site, patch=patch)

    def night(self, **wish: Any) -> Summary:
        """Return what one run did; what a test changed in the assessment, the parties have signed."""
        sign_site(self.site)
        return run_sync(self.site, Wish(**wish))

    def first_night(self) -> Summary:
        """Return what the first run did, its brake released."""
        return self.night(accept_growth=True, accept_flagged=ACCEPTED_BY)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of the published warehouse."""
        with closing(duckdb.connect(str(self.site.warehouse), read_only=True)) as warehouse:
            return warehouse.execute(sql).fetchall()

    def canonical_rows(self) -> dict[str, set[tuple[Any, ...]]]:
        """Return every row of every released table, provenance left aside."""
        with closing(duckdb.connect(str(self.site.warehouse), read_only=True)) as warehouse:
            tables: dict[str, list[str]] = {}
            for schema, table, column in warehouse.execute(
                "select table_schema, table_name, column_name from information_schema.columns"
                " where table_schema in ('early_help', 'commissioning')"
                " order by table_schema, table_name, ordinal_position"
            ).fetchall():
                kept = tables.setdefault(f'{schema}."{table}"', [])
                if column not in PROVENANCE:
                    kept.append(f'"{column}"')
            return {
                table.replace('"', ""): set(
                    warehouse.execute(f"select {', '.join(columns)} from {table}").fetchall()
                )
                for table, columns in tables.items()
            }

    def edit_dpia(self, old: str, new: str, count: int = 1) -> None:
        """Change words of the DPIA, as an information governance lead would."""
        path = self.site.dpia
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"the DPIA does not hold {old!r}"
        path.write_text(text.replace(old, new, count), encoding="utf-8")


def without_examples(path: Path) -> None:
    """Take the examples out of an assessment: a test may then change its rules alone."""
    text, mark, _ = path.read_text(encoding="utf-8").partition("\nexamples:\n")
    assert mark, "the examples are the last block of the example's assessment"
    path.write_text(text + "\nexamples: []\n", encoding="utf-8")


def drop_source(folder: Path, name: str) -> None:
    """Let a source of the site take its exports from a folder, drop/NAME, under the same mappings."""
    path = folder / "sources" / f"{name}.yaml"
    said = plain(read_tree(path))
    files = "\n".join(f"  {export}: {export}.csv" for export in said["mappings"])
    mappings = "\n".join(f"  {export}: {file}" for export, file in said["mappings"].items())
    parent = f"parent_source: {said['parent_source']}\n" if "parent_source" in said else ""
    parent += f"receives: [{', '.join(said['receives'])}]\n" if "receives" in said else ""
    (folder / "drop" / name).mkdir(parents=True, exist_ok=True)
    text = FOLDER_SOURCE.format(name=name, files=files, mappings=mappings, parent=parent)
    path.write_text(text, encoding="utf-8")
