"""One line to one storage account: every answer bounded, nothing followed elsewhere."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import ContainerClient

from common import ending
from connectors.blob_settings import BlobSettings
from connectors.blob_told import told
from connectors.patience import Later, Patience
from connectors.wire import OneStep, Wire, as_it_is

T = TypeVar("T")
# One request makes a blob, and one request reads a file: what is there is there whole.
LARGEST_PUT = 128 << 20
# What it logs of itself names addresses and keys.
logging.getLogger("azure").setLevel(logging.CRITICAL)


class BlobLine:
    """The two containers of a landing zone."""

    def __init__(self, settings: BlobSettings) -> None:
        self._settings, self._patience = settings, Patience(settings.name, settings.limits)
        self._wire, self._session = Wire(), OneStep()
        self._session.auth = as_it_is
        self._session.trust_env = not settings.account.startswith("http://")
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._wire)
        self._clients: dict[str, ContainerClient] = {}

    def ask(self, container: str, work: Callable[[ContainerClient], T]) -> T:
        """Return what the work with a container comes to; it is done again from its start when it failed.

        Errors: LandingUnavailable, LandingRefusesUs, LandingNotTrusted; OSError of our own files.
        """
        return self._patience.repeat(lambda: self._once(container, work), self._settings.place)

    def close(self) -> None:
        """Hang up; asking again opens the line anew."""
        self._clients.clear()
        self._session.close()

    def _once(self, container: str, work: Callable[[ContainerClient], T]) -> T:
        seconds = min(self._settings.limits.answer_seconds, max(0.01, self._patience.left_seconds))
        try:
            with self._wire.at_most(seconds):
                return work(self._client(container))
        except AzureError as error:
            met = told(error, too_slow=self._wire.too_slow)
        finally:
            ending.go_on()
        if met.later:
            raise Later(met.fault, met.note, met.wait_seconds)
        raise met.fault(f"{self._settings.place}: {met.note}")

    def _client(self, container: str) -> ContainerClient:
        if container not in self._clients:
            limits = self._settings.limits
            self._clients[container] = ContainerClient(
                self._settings.account,
                container,
                credential=self._credential(container),
                transport=RequestsTransport(
                    session=self._session,
                    session_owner=False,
                    connection_timeout=limits.connect_seconds,
                    read_timeout=limits.read_seconds,
                    connection_verify=str(self._settings.ca_file) if self._settings.ca_file else True,
                ),
                retry_total=0,
                permit_redirects=False,
                max_single_put_size=LARGEST_PUT,
                max_single_get_size=LARGEST_PUT,
            )
        return self._clients[container]

    def _credential(self, container: str) -> Any:
        settings = self._settings
        if settings.identity is None:
            given = settings.batches_sas if container == settings.batches else settings.answers_sas
            return AzureSasCredential(given or "")
        from config.keyvault import managed_identity  # noqa: PLC0415 - a key alone needs none

        return managed_identity(settings.identity)
