"""docs/reference/limits.md: the ceilings of a run, of declared files and of others, from the code."""

from pathlib import Path

from pydantic import BaseModel

from config import documents, reading, scalars, secrets
from config.limits import LineLimits, RunLimits, TransferLimits
from connectors import landing_zone, sftp_words
from mappings import lookup_files
from sealing import envelope, manifest
from sync import buckets

WORDS = Path(__file__).with_name("limits.md")


def limits_page(made: str) -> str:
    """Return the page. Given: the line that says where it comes from."""
    return WORDS.read_text(encoding="utf-8").format(
        made=made,
        run=_of_model(RunLimits),
        landing=_of_model(TransferLimits),
        line=_of_model(LineLimits),
        partitions=buckets.BUCKETS,
        declared=_table(DECLARED),
        others=_table(OTHERS),
    )


DECLARED = {
    "one file": f"{documents.LARGEST_BYTES:,} bytes; no more is read",
    "levels of nesting": f"{reading.DEEPEST}",
    "keys and values": f"{reading.MOST_VALUES:,}",
    "one text": f"{reading.LONGEST_TEXT:,} characters",
    "digits of a number": f"{scalars.MOST_DIGITS}",
    "a secret in a file": f"{secrets.LARGEST_BYTES:,} bytes",
}
OTHERS = {
    "the look-up of postcodes": f"{lookup_files.LARGEST_BYTES >> 20} MiB. E205",
    "a code table (`words_file`)": f"{lookup_files.LARGEST_WORDS_BYTES:,} bytes. E204",
    "a file of a batch, before it is sealed": f"{envelope.LARGEST_PLAIN_BYTES >> 20} MiB",
    "a file of a batch as the landing zone gives it": f"{landing_zone.LARGEST_SEALED >> 20} MiB. E503",
    "marks beside a certificate": f"{landing_zone.LARGEST_MARKS >> 20} MiB",
    "names in one folder of an SFTP server": f"{sftp_words.MOST_NAMES:,}",
    "a manifest": f"{manifest.LARGEST_MANIFEST_BYTES >> 20} MiB",
}


def _of_model(model: type[BaseModel]) -> str:
    lines = ["| setting | usually | what it is the most of |", "|---|---:|---|"]
    fields = model.model_fields.items()
    return "\n".join(
        [*lines, *(f"| `{name}` | {one.default:,} | {one.description} |" for name, one in fields)]
    )


def _table(ceilings: dict[str, str]) -> str:
    return "\n".join(
        ["| of | at most |", "|---|---|", *(f"| {of} | {most} |" for of, most in ceilings.items())]
    )
