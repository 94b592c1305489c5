"""The workplace of one run: the site's files, keys and rooms, opened once and closed at the end."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

import sharing
from audit.log import DisclosureLog
from audit.secrets import PersonSecrets
from common import clock
from common.errors import ViaductError
from common.files import clear_parts, private_folder, write_atomic
from config.settings import Brakes as BrakeSettings
from config.sides import CouncilSide
from config.site import Site
from connectors.budget import RunBudget
from connectors.landing import Landing
from connectors.registry import open_landing, open_source
from connectors.settings import MIB
from connectors.source import Earlier, Source
from connectors.spool import Spool
from connectors.spool_room import Ceiling
from mappings import Compiled, Directory, Mapping, Postcodes, compile_mapping, load_mapping, load_postcodes
from sealing import keys
from sealing.earlier import earlier_verifiers
from sealing.manifest import sign_manifest
from sealing.receipt import Receipt, open_receipt
from sealing.rotation import load_version
from sync.batch_night import Sender
from sync.brakes import Brake
from sync.buckets import bucket_range
from sync.council import load_council_side
from sync.deliver import Way
from sync.lock import one_run_at_a_time
from sync.outbox import Outbox, as_json
from sync.people import Digest
from sync.rotation import version_in_use
from sync.run_names import new_run_id
from sync.steps import Steps

# Below var/, written while the lock of the run is held and at no other time.
WRITTEN_BY_RUNS_ALONE = ("state", "log", "runs", "statements", "quality")


@contextmanager
def prepare(site: Site, dry_run: bool) -> Iterator["Workplace"]:
    """Yield the workplace, with the lock held. Errors: RunHoldsLock, and whatever the site refuses."""
    private_folder(site.var / "state")
    with one_run_at_a_time(site.var / "state" / "lock"), _spool(site) as spool:
        if not dry_run:
            for room in WRITTEN_BY_RUNS_ALONE:
                clear_parts(site.var / room)
        with closing(Workplace(site, spool, dry_run, new_run_id())) as place:
            yield place


@contextmanager
def look(site: Site) -> Iterator["Workplace"]:
    """Yield a workplace to read from while another run may be at work: no lock, and nothing is written."""
    private_folder(site.var / "state")
    with (
        Spool(site.var / "state" / "spool") as spool,
        closing(Workplace(site, spool, dry_run=True, run_id=new_run_id())) as place,
    ):
        yield place


def _spool(site: Site) -> Spool:
    ceiling = Ceiling(site.limits.spool_megabytes * MIB, site.limits.free_megabytes * MIB)
    return Spool(site.var / "state" / "spool", ceiling=ceiling)


@dataclass
class Workplace:
    """Everything a run needs, each part opened when first used."""

    site: Site
    spool: Spool = field(repr=False)
    dry_run: bool
    run_id: str
    partitions: int = 1
    budget: RunBudget = field(default_factory=RunBudget, repr=False)
    _mappings_read: dict[Path, Mapping] = field(default_factory=dict, repr=False)

    @property
    def sample(self) -> bool:
        """Return whether the people of this site are invented."""
        return self.site.sample

    @cached_property
    def dpia(self) -> sharing.Dpia:
        """Return the assessment. Errors: DocumentRefused."""
        return sharing.load_dpia(self.site.dpia, sources=self.site.known_sources)

    def dpia_in_force(self) -> sharing.Dpia:
        """Return the assessment if it may be used today. Errors: DpiaNotInForce (exit 11)."""
        return self.dpia.require_in_force(clock.today())

    @cached_property
    def mappings(self) -> dict[str, dict[str, Compiled]]:
        """Return the compiled mappings by source and export. Errors: DocumentRefused."""
        return {source: self._mappings_of(source) for source in self.site.sources}

    def _mappings_of(self, source: str) -> dict[str, Compiled]:
        settings = self.site.sources[source]
        return {
            export: compile_mapping(
                self._mapping(path),
                self.postcodes,
                source=source,
                null_words=settings.null_words,
                parent_source=settings.parent_source,
            )
            for export, path in self.site.mapping_files(source).items()
        }

    def _mapping(self, path: Path) -> Mapping:
        """Return a mapping file; sources that share it share its reading."""
        if path not in self._mappings_read:
            self._mappings_read[path] = load_mapping(path)
        return self._mappings_read[path]

    @cached_property
    def postcodes(self) -> Postcodes | None:
        """Return the site's look-up of postcodes, if it has one. Errors: LookupRefused."""
        path = self.site.lookups.postcodes
        return load_postcodes(path) if path else None

    def directory(self, organisations: pl.DataFrame, services: pl.DataFrame) -> Directory:
        """Return the organisations and services of every source, as look-ups."""
        return Directory(services=services, organisations=organisations)

    def entities_of(self, source: str) -> dict[str, list[str]]:
        """Return which entities each export of the source gives."""
        return {export: list(compiled.entities) for export, compiled in self.mappings[source].items()}

    def filled(self, source: str) -> dict[str, frozenset[str]]:
        """Return which fields of which entity the source's mappings fill."""
        fields: dict[str, frozenset[str]] = {}
        for compiled in self.mappings[source].values():
            for entity in compiled.entities:
                fields[entity] = fields.get(entity, frozenset()) | compiled.fills(entity)
        return fields

    def own_flag(self, source: str) -> tuple[dict[str, pl.Expr], dict[str, pl.Expr]]:
        """Return, per entity, which rows of the source set the safety flag, and on what ground each does."""
        return sharing.own_flag(self.dpia, source), sharing.own_ground(self.dpia, source)

    def source(self, name: str, earlier: Earlier | None = None) -> Source:
        """Return the source's connector. Errors: SecretMissing, SecretExposed."""
        return open_source(self.site.sources[name], self.site.folder, earlier, self.budget)

    @cached_property
    def landing(self) -> Landing:
        """Return the landing zone. Errors: SecretMissing, SecretExposed, SftpKeyUnusable."""
        return open_landing(self.site.landing, self.budget)

    def close(self) -> None:
        """Let go of the line to the landing zone, if one was opened."""
        if "landing" in self.__dict__:
            self.landing.close()

    @cached_property
    def memory_key(self) -> bytes:
        """Return the key of what the sync side remembers. Errors: KeyUnusable."""
        return keys.load_secret("memory", self.site.keys.private)

    @cached_property
    def digest(self) -> Digest:
        """Return the digest of this site's index: seeded by the memory key, never written as it is."""
        return Digest.under(self.memory_key)

    @cached_property
    def sender(self) -> Sender:
        """Return what seals and signs. Errors: KeyUnusable."""
        signer = keys.load_pair("signing", self.site.keys.private, self.site.keys.public)
        recipient = keys.load_recipient(self.site.keys.public)
        return Sender(recipient, partial(sign_manifest, signer=signer))

    def compile_flow(self, dpia: sharing.Dpia, flow: str, version: int | None = None) -> sharing.Flow:
        """Return the flow, its key as the recipient knows it or of the version given. Errors: KeyUnusable."""
        version = version or version_in_use(self.site, self.outboxes.get(flow), flow)
        secret = load_version(f"pseudonym-{flow}", version, self.site.keys.private)
        providers = {name: settings.provider for name, settings in self.site.sources.items()}
        keyed = sharing.FlowKeys(secret, self.memory_key, version)
        return sharing.compile_flow(dpia, flow, keyed, providers)

    @property
    def shared(self) -> dict[str, tuple[str, ...]]:
        """Return the sources that each flow of the assessment shares."""
        return {flow: tuple(self.dpia.flow(flow).sources) for flow in self.dpia.active_flows}

    @cached_property
    def outboxes(self) -> dict[str, Outbox]:
        """Return the outbox of every flow of the assessment."""
        return {flow: Outbox(self.site.var / "state", flow) for flow in self.dpia.active_flows}

    @cached_property
    def log(self) -> DisclosureLog:
        """Return the disclosure log. Errors: KeyUnusable, DisclosureLogBroken."""
        return DisclosureLog(self.site.var / "log", keys.load_signer("log", self.site.keys.private))

    @property
    def log_secrets(self) -> PersonSecrets:
        """Return the secrets of the people that the log tells of by tags."""
        return PersonSecrets(self.site.var / "state" / "people.sqlite")

    @property
    def no_log_yet(self) -> bool:
        """Return whether there is no log, and this run may not begin one."""
        return self.dry_run and not (self.site.var / "log").exists()

    def last_logged(self, flow: str) -> int:
        """Return the number of the flow's last batch in the log. Errors: those of the log."""
        return 0 if self.no_log_yet else self.log.last_sequence(flow)

    def logged(self, kind: str) -> int:
        """Return how many leaves of the kind the log holds. Errors: those of the log."""
        return 0 if self.no_log_yet else self.log.count(kind)

    def log_head(self) -> dict[str, Any]:
        """Return the size and root of the log; nothing where it cannot be opened."""
        if self.no_log_yet:
            return {}
        try:
            head = self.log.checkpoint
        except ViaductError:
            return {}
        return {"size": head.size, "root": head.root.hex()}

    def way(self, steps: Steps) -> Way:
        """Return where batches go and who answers."""
        council = self._council if self.site.council_side is CouncilSide.EMBEDDED else None
        return Way(self.log, self.landing, self.read_receipt, council, self.site.receipt_within, steps)

    def read_receipt(self, content: bytes) -> Receipt:
        """Return the receipt that the council side signed. Errors: ReceiptUnreadable, SignatureRefused."""
        public = self.site.keys.public
        return open_receipt(
            content, keys.load_verifier("receipt", public), earlier_verifiers("receipt", public)
        )

    def _council(self) -> list[Receipt]:
        """Work as the council side on this machine, with its own keys and nothing of the sync side's."""
        return load_council_side(self.site)

    @property
    def state(self) -> Path:
        """Return the folder of what the sync side remembers."""
        return self.site.var / "state"

    @property
    def safety(self) -> Path:
        """Return where the safety flag is remembered per source."""
        return self.site.var / "state" / "safety"

    @property
    def going_live_path(self) -> Path:
        """Return where it stands which shares of people under the flag somebody has accepted."""
        return self.site.var / "state" / "going_live.json"

    @property
    def pulls_path(self) -> Path:
        """Return where the rows of the last accepted pulls are."""
        return self.site.var / "state" / "pulls.json"

    @property
    def site_brake(self) -> Brake:
        """Return the brake of the site."""
        return _brake(self.site.brakes)

    @property
    def source_brakes(self) -> dict[str, Brake]:
        """Return the brake of each source."""
        return {source: _brake(self.site.brakes_of(source)) for source in self.site.sources}

    def buckets(self, partition: int) -> tuple[int, int]:
        """Return the first and last bucket of a partition."""
        return bucket_range(partition, self.partitions)

    def write_summary(self, summary: dict[str, Any]) -> None:
        """Write the run's summary into the run history."""
        write_atomic(self.site.var / "runs" / f"{self.run_id}.json", as_json(summary))


def _brake(settings: BrakeSettings) -> Brake:
    return Brake(settings.drop_percent, settings.growth_percent, settings.at_least)
