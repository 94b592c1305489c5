"""What witnesses have signed: kept beside the log, and held to it whenever the log is verified."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit.agree import hold_to_kept
from audit.errors import NotWitnessed
from audit.reading import Reading
from audit.witness import cosigned_at, read_witness_key
from common import clock
from common.files import private_folder, write_atomic
from sealing.rights import refuse_replaceable
from sealing.signing import Verifier

FOLDER = "witnessed"
WITNESSES = "witnesses"
NOT_KNOWN = (
    "Of a witness you agreed on: put its public key, which `audit witness cosign` printed, on a line of its"
    " own in the file witnesses among the site's public keys, then keep it again. Of anybody else: tell"
    " information governance."
)
Known = dict[str, Verifier]


@dataclass(frozen=True)
class Witnessed:
    """Who cosigned how many leaves, when."""

    witness: str
    size: int
    at: str

    def to_json(self) -> dict[str, str | int]:
        """Return it as `audit verify --json` prints it."""
        return asdict(self)


def known_witnesses(public: Path) -> Known:
    """Return the witnesses whose keys stand in the file `witnesses`, one name+hash+base64 per line.

    Errors: NotWitnessed for a line that is no such key; KeyReplaceable where others might add one.
    """
    path = public / WITNESSES
    refuse_replaceable(path)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found: Known = {}
    for number, line in enumerate(lines, start=1):
        key = read_witness_key(line) if line.strip() else None
        if line.strip() and key is None:
            raise NotWitnessed(f"{WITNESSES}, line {number}: not the public key of a witness.")
        if key is not None:
            found[key[0]] = key[1]
    return found


def keep(reading: Reading, log: Verifier, known: Known, note: bytes) -> Witnessed:
    """Keep a cosigned checkpoint of this log. Errors: NotWitnessed, DisclosureLogBroken."""
    seen = _held(reading, log, known, note, "what came back")
    private_folder(reading.folder / FOLDER)
    name = f"{seen.size:012d}-{seen.witness.replace('/', '_')}.note"
    write_atomic(reading.folder / FOLDER / name, note)
    return seen


def witnessed(reading: Reading, log: Verifier, known: Known) -> list[Witnessed]:
    """Return what each witness signed last. Errors: NotWitnessed, DisclosureLogBroken, naming the file."""
    latest: dict[str, Witnessed] = {}
    for path in sorted((reading.folder / FOLDER).glob("*.note")):
        seen = _held(reading, log, known, path.read_bytes(), f"{FOLDER}/{path.name}")
        latest[seen.witness] = seen
    return list(latest.values())


def _held(reading: Reading, log: Verifier, known: Known, note: bytes, where: str) -> Witnessed:
    kept = hold_to_kept(reading, log, note, where)
    for name, verifier in known.items():
        time = cosigned_at(note, name, verifier)
        if time is not None:
            return Witnessed(name, kept.size, clock.stamp(datetime.fromtimestamp(time, UTC)))
    raise NotWitnessed(f"{where}: no witness that is known here cosigned it.", remedy=NOT_KNOWN)
