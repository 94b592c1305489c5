"""A whole site that reads through the REST API: the example's rules, the sample API beside it."""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from commands.sample_site import make_keys, write_sample_site
from config.site import load_site
from demo.api_fields import FILES
from demo.api_keys import ApiKeys
from demo.api_process import ApiProcess
from demo.api_world import number_of, numbered
from demo.sample import EXPORTS, Sample, write_csvs
from demo.words import LETTERS, REFERENCES
from sharing import load_dpia
from sync.place import look
from tests.nights import NightSite

EXAMPLE = Path(__file__).parent.parent / "config" / "rest_example"
KEYS = ("source", "org", "user")


def rest_site(folder: Path, api: ApiProcess, sample: Sample) -> NightSite:
    """Return a site whose sources are the systems of the API, with keys of its own."""
    write_sample_site(folder, {})
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    for name in api.sources:
        _declare(folder, name, api.address, api.keys(name))
    drop_files(folder, sample)
    site = load_site(folder)
    make_keys(site, list(load_dpia(site.dpia, sources=site.sources).active_flows))
    return NightSite(folder)


def _declare(folder: Path, name: str, address: str, keys: ApiKeys) -> None:
    """Write the address and where the keys are into a source's file, and the keys beside the site."""
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True, mode=0o700)
    path = folder / "sources" / f"{name}.yaml"
    said = {"address": f'"{address}"'}
    for key in KEYS:
        secret = secrets / f"{name}-{key}"
        secret.write_text(getattr(keys, key), encoding="utf-8")
        secret.chmod(0o600)
        said[f"{key}_key"] = f"file:secrets/{secret.name}"
    lines = [line.partition(":") for line in path.read_text(encoding="utf-8").splitlines()]
    text = "\n".join(
        f"{key}: {said[key]}" if key in said else f"{key}{mark}{rest}" for key, mark, rest in lines
    )
    path.write_text(f"{text}\n", encoding="utf-8")


def drop_files(folder: Path, sample: Sample) -> None:
    """Write the files of what the API does not give, in the API's own ids."""
    for source in sample.sources:
        (folder / "files" / source).mkdir(parents=True, exist_ok=True)
        for export in FILES:
            path = folder / "files" / source / f"{export}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, EXPORTS[export], lineterminator="\r\n")
                writer.writeheader()
                writer.writerows(numbered(sample.table(source, export)))


def served(folder: Path, sample: Sample) -> Path:
    """Return the folder of what a portal or an API serves, with the sample in it."""
    write_csvs(sample, folder)
    return folder


def same_records(by_letter: NightSite, by_number: NightSite, flow: str, sample: Sample) -> dict[UUID, UUID]:
    """Return, for each key of the site that knows records by number, the key where they have letters."""
    found: dict[UUID, UUID] = {}
    for source, tables in sample.sources.items():
        references = {export: [row[EXPORTS[export][0]] for row in rows] for export, rows in tables.items()}
        with look(by_letter.site) as place:
            entities = place.entities_of(source)
        for export, names in entities.items():
            for entity in names:
                old, new = _written(references[export], entity)
                keys = (
                    _keys(by_number, flow, entity, source, new),
                    _keys(by_letter, flow, entity, source, old),
                )
                found.update(zip(*keys, strict=True))
    return found


def _written(references: list[str], entity: str) -> tuple[list[str], list[str]]:
    end = "/charitylog_org_person_id" if entity == "person_identifier" else ""
    return [f"{name}{end}" for name in references], [f"{number_of(name)}{end}" for name in references]


def _keys(night: NightSite, flow: str, entity: str, source: str, references: list[str]) -> list[UUID]:
    with look(night.site) as place:
        compiled = place.compile_flow(place.dpia, flow)
    found = compiled.keys(entity, source, pl.Series(references, dtype=pl.String))
    return [UUID(bytes=key) for key in found]


def letter_of(source: str, export: str, number: int) -> str:
    """Return the reference that a number stands for."""
    letter, digits = REFERENCES[export]
    return f"{LETTERS[source]}{letter}{number:0{digits}d}"


def translated(rows: set[tuple[Any, ...]], same: Mapping[UUID, UUID]) -> set[tuple[Any, ...]]:
    """Return the rows with each key as the other site has it."""
    return {tuple(same.get(cell, cell) if isinstance(cell, UUID) else cell for cell in row) for row in rows}
