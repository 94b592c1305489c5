"""One real portal process, and small sites that pull from it."""

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from commands.sample_site import Account, make_keys, write_sample_site
from demo.portal_process import PortalProcess
from demo.sample import Sample, write_csvs
from sharing import load_dpia
from sync.run import Wish, run_sync
from sync.summary import Summary
from tests.nights import NightSite
from tests.one_source import of_the_hub_alone, without_counts

LIMITS = {
    "answer_seconds": 60,
    "first_wait_seconds": 0,
    "longest_wait_seconds": 3,
    "attempts": 2,
    "largest_megabytes": 4,
}
BRAKES = "brakes: {at_least: 5}\n"


@dataclass
class PortalSite:
    """A site whose sources are systems of one portal process, and a copy of it as it should be."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, portal: PortalProcess, *, alone: bool = True) -> "PortalSite":
        """Return a new site on the portal; alone, with the hub as its only source."""
        accounts = {name: Account(portal.address_of(name), *portal.account(name)) for name in portal.sources}
        site = write_sample_site(folder, accounts)
        if alone:
            for name in set(site.sources) - {"hub"}:
                (folder / "sources" / f"{name}.yaml").unlink()
        text = site.dpia.read_text(encoding="utf-8")
        site.dpia.write_text(of_the_hub_alone(text) if alone else without_counts(text), encoding="utf-8")
        made = cls(folder)
        made.limit()
        make_keys(made.night_site.site, list(load_dpia(site.dpia).active_flows))
        made.night_site.sign()
        return made

    @property
    def night_site(self) -> NightSite:
        """Return the site as the other tests of nights know it."""
        return NightSite(self.folder)

    def limit(self, **limits: int) -> None:
        """Write the ceilings of every source, some of them differently."""
        said = ", ".join(f"{name}: {value}" for name, value in (LIMITS | limits).items())
        for path in (self.folder / "sources").glob("*.yaml"):
            text = re.sub(r"(?m)^(limits|brakes): .*\n", "", path.read_text(encoding="utf-8"))
            path.write_text(f"{text}limits: {{{said}}}\n{BRAKES}", encoding="utf-8")

    def move(self, address: str, ca_file: Path | None = None) -> None:
        """Let the hub stand at another address, with certificates of its own."""
        path = self.folder / "sources" / "hub.yaml"
        text = re.sub(r"(?m)^ca_file: .*\n", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"(?m)^address: .*$", f'address: "{address}"', text)
        if ca_file is not None:
            target = self.folder / "authority.pem"
            target.write_bytes(ca_file.read_bytes() if ca_file.exists() else b"no certificate\n")
            text += "ca_file: authority.pem\n"
        path.write_text(text, encoding="utf-8")

    def night(self, **wish: Any) -> Summary:
        """Return what one run did."""
        return run_sync(self.night_site.site, Wish(**wish))

    def copy(self, name: str) -> "PortalSite":
        """Return a copy beside it."""
        folder = self.folder.with_name(name)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return PortalSite(folder)


def serve(sample: Sample, folder: Path) -> None:
    """Let a portal that reads the folder serve this sample from now on."""
    write_csvs(sample, folder)


def later(sample: Sample) -> Sample:
    """Return the sample with every case of another priority."""
    sources = {}
    for source, tables in sample.sources.items():
        cases = [
            {**row, "Priority": "Routine" if row["Priority"] == "Urgent" else "Urgent"}
            for row in tables["referrals"]
        ]
        sources[source] = {**tables, "referrals": cases}
    return replace(sample, sources=sources)
