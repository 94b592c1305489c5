"""A whole site that reads through the REST API: the example's rules, the sample API beside it."""

import csv
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from commands.sample_site import make_keys, write_sample_site
from config.site import load_site
from demo.api_fields import FILES
from demo.api_keys import ApiKeys
from demo.api_process import ApiProcess
from demo.api_world import given, number_of, numbered
from demo.sample import EXPORTS, Sample, write_csvs
from sharing import load_dpia
from sync.place import look
from tests.nights import NightSite
from tests.released import Council
from tests.signing_of_sites import sign_site

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
    sign_site(site)
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
    path.write_text(f"{text}\nsettle_seconds: 0\n", encoding="utf-8")


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
            os.utime(path, (sample.extracted_at.timestamp(), sample.extracted_at.timestamp()))


def served(folder: Path, sample: Sample) -> Path:
    """Return the folder of what a portal or an API serves: of the sample what an API can hold."""
    write_csvs(given(sample), folder)
    return folder


class SameRecords:
    """Which key of a site that knows records by number is which key of one where they have letters."""

    def __init__(self, by_letter: NightSite, by_number: NightSite) -> None:
        self._letters, self._numbers = Council(by_letter), Council(by_number)
        with look(by_letter.site) as place:
            self._entities = {source: place.entities_of(source) for source in place.site.sources}

    def keys(self, flow: str, sample: Sample) -> dict[UUID, UUID]:
        """Return the key by letter for each key by number, of every record of the sample."""
        found: dict[UUID, UUID] = {}
        for source, exports in self._entities.items():
            for export, entities in exports.items():
                names = sorted({row[EXPORTS[export][0]] for row in sample.table(source, export)})
                for entity in entities:
                    end = "/charitylog_org_person_id" if entity == "person_identifier" else ""
                    old = self._letters.keys(flow, entity, source, [f"{name}{end}" for name in names])
                    numbers = [f"{number_of(name)}{end}" for name in names]
                    found.update(zip(self._numbers.keys(flow, entity, source, numbers), old, strict=True))
        return found


def translated(rows: set[tuple[Any, ...]], same: Mapping[UUID, UUID]) -> set[tuple[Any, ...]]:
    """Return the rows with each key as the other site has it."""
    return {tuple(same.get(cell, cell) if isinstance(cell, UUID) else cell for cell in row) for row in rows}
