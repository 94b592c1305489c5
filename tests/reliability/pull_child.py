"""A process that pulls from a portal, on request, under a ceiling on its memory; each answer a line of JSON.

Started with the address of a portal; names and passwords come in its environment. Each line on stdin is
`pull`, or a bug planted for good and then a pull: `whole` reads every answer at once; `follows` lets the
library look where an answer leads.
"""

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import requests

from common.errors import ViaductError
from connectors.charitylog_portal import CharitylogPortal
from connectors.settings import MIB, Ceilings, Limits, PortalSettings
from connectors.spool import Spool
from connectors.tables import read_batches
from connectors.web import Web
from connectors.wire import OneStep

EXPORTS = ("people", "needs")
LARGEST_BYTES = 96 * MIB
# Above what the process has mapped once everything is imported and it has pulled once.
ROOM_BYTES = 160 * MIB
LIMITS = Limits(attempts=1, answer_seconds=60, ceilings=Ceilings(largest_bytes=LARGEST_BYTES))


def settings(address: str) -> PortalSettings:
    """Return the settings of the hub at this address."""
    return PortalSettings(
        name="hub",
        address=address,
        organisation="support-hub",
        organisation_password=os.environ["VIADUCT_HUB_ORGANISATION"],
        user="viaduct",
        user_password=os.environ["VIADUCT_HUB_USER"],
        extracts={name: f"Viaduct {name}" for name in EXPORTS},
        lawful_basis="Legitimate interests",
        limits=LIMITS,
    )


def pull(address: str) -> tuple[str | None, int]:
    """Return the code of the refusal, if any, and how many bytes went to disk; headers are read, rows not.

    The parser is left out: it reserves address space by the gigabyte, whatever it reads.
    """
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        try:
            snapshot = CharitylogPortal(settings(address)).pull(spool, EXPORTS)
            for export in snapshot.exports.values():
                read_batches(export, ["Org Person ID"])
        except ViaductError as error:
            return error.code, spool.bytes_on_disk
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "start new thread" not in str(error):
                raise
            return "MemoryError", spool.bytes_on_disk
        return None, spool.bytes_on_disk


def carelessly(self: Web, response: requests.Response, step: str, fault: Any) -> bytes:
    """Return the whole body at once: the planted bug."""
    return bytes(response.raw.read(decode_content=True))


def memory(name: str) -> int:
    """Return what the kernel says of this process: VmSize (mapped), VmRSS (held) or VmHWM (held at most)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) << 10


def main() -> None:
    """Serve pulls until stdin ends."""
    address = sys.argv[1]
    pull(address)
    most = memory("VmSize") + ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for line in sys.stdin:
        if line.strip() == "whole":
            Web._piece = carelessly  # type: ignore[method-assign]
        elif line.strip() == "follows":
            OneStep.get_redirect_target = requests.Session.get_redirect_target  # type: ignore[method-assign]
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = memory("VmRSS")
        code, on_disk = pull(address)
        grown = memory("VmHWM") - before
        print(json.dumps({"code": code, "on_disk": on_disk, "grown": grown}), flush=True)


if __name__ == "__main__":
    main()
