"""Until when the keys (SAS) to a landing zone in Azure Blob let us in; they are read, never shown."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

from common.clock import LONDON
from common.errors import ViaductError
from config.azure import BlobLanding
from config.site import Site
from connectors.blob_settings import ends_at

NAMES = ("batches_sas", "answers_sas")


def access_ends(site: Site) -> Iterator[tuple[str, datetime | None]]:
    """Yield of each key its name in site.yaml and when it ends; None where it does not say so.

    A key that cannot be read is left out: that is told of as a secret.
    """
    if not isinstance(site.landing, BlobLanding):
        return
    for name in NAMES:
        secret = getattr(site.landing, name)
        with suppress(ViaductError):
            if secret is not None:
                yield name, ends_at(secret.read())


def access_days(site: Site) -> Iterator[tuple[str, date]]:
    """Yield of each key that says when it ends its name and the last day on which it holds to the end."""
    for name, ends in access_ends(site):
        if ends is not None:
            yield name, (ends - timedelta(seconds=1)).astimezone(LONDON).date()
