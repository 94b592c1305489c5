"""The second sample's site: the example's assessment, whose hub has five more sources."""

import csv
import io
import os
import shutil
from pathlib import Path

from commands.sample_site import make_keys, write_sample_site
from demo.book import Table
from demo.wider.later import Drop
from demo.wider.layout import ABUSE, COLUMNS, COMMUNITY, EXPORTS, EXTRACTED_AT, HUB
from sharing import load_dpia
from tests.nights import NightSite, without_examples
from tests.signing_of_sites import sign_site

RULES = Path(__file__).parent / "rules"
SILENT, TELLING = "whoLearns: nobody", "whoLearns: each_provider_its_own"
OTHERS = tuple(source for source in EXPORTS if source not in {HUB, COMMUNITY, ABUSE})


def wider_site(folder: Path) -> NightSite:
    """Return the site with its keys and its signed assessment, and nothing dropped."""
    site = write_sample_site(folder, {})
    shutil.rmtree(folder / "mappings")
    shutil.copytree(RULES / "mappings", folder / "mappings")
    for source in EXPORTS:
        (folder / "sources" / f"{source}.yaml").write_text(_source(source), encoding="utf-8")
    without_examples(site.dpia)
    night = NightSite(folder)
    night.edit_dpia(SILENT, TELLING)
    night.edit_dpia("    sources: [hub]\n", f"    sources: [hub, {', '.join(OTHERS)}]\n")
    made = night.site
    make_keys(made, list(load_dpia(made.dpia).active_flows))
    sign_site(made)
    return night


def lay_down(folder: Path, drop: Drop) -> None:
    """Replace the exports by those of a night."""
    shutil.rmtree(folder / "drop", ignore_errors=True)
    for source, tables in drop.tables.items():
        (folder / "drop" / source).mkdir(parents=True)
        for export, rows in tables.items():
            path = folder / "drop" / source / f"{export}.csv"
            text = _csv(rows, COLUMNS[export])
            if (source, export) in drop.cut:
                text = text[:-9]
            path.write_bytes(text.encode())
            if (source, export) in drop.counts:
                path.with_name(f"{path.name}.rows").write_text(f"{drop.counts[source, export]}\n", "ascii")
            os.utime(path, (EXTRACTED_AT.timestamp(), EXTRACTED_AT.timestamp()))


def _csv(rows: Table, columns: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _source(name: str) -> str:
    files = "".join(f"  {export}: {export}.csv\n" for export in EXPORTS[name])
    mappings = "".join(f"  {export}: mappings/{export}.yaml\n" for export in EXPORTS[name])
    parent = "parent_source: hub\n" if name == COMMUNITY else ""
    provider = "hub" if name in OTHERS else name
    return (
        f"connector: folder\nprovider: {provider}\nfolder: drop/{name}\nsettle_seconds: 0\n{parent}"
        f"files:\n{files}mappings:\n{mappings}"
    )
