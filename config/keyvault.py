"""Secrets in Azure Key Vault, read as this machine's managed identity; nothing is written down or kept."""

import logging
import os
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from config.vaults import SecretStoreAway, SecretStoreRefuses

ADDRESS = "https://{vault}.vault.azure.net"
SYSTEM = "system"
ATTEMPTS = 4
BUSY = frozenset({408, 429, 500, 502, 503, 504})
WAITS: dict[str, Any] = {"connection_timeout": 10, "read_timeout": 20}
# What they log of themselves names addresses and identities.
for _name in ("azure", "msal"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def managed_identity(which: str) -> Any:
    """Return what proves this machine to Azure: its own identity, or the one of this client id."""
    return ManagedIdentityCredential(client_id=None if which == SYSTEM else which, **WAITS)


def read_secret(place: str) -> str:
    """Return the latest value of VAULT/NAME; nothing if the vault has no such secret.

    Errors: SecretStoreRefuses, SecretStoreAway.
    """
    vault, _, name = place.partition("/")
    retrying = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(1, 10),
    )
    fault: type[SecretStoreAway | SecretStoreRefuses] = SecretStoreAway
    identity = managed_identity(os.environ.get("AZURE_CLIENT_ID") or SYSTEM)
    with identity, SecretClient(ADDRESS.format(vault=vault), identity, retry_total=0, **WAITS) as client:
        try:
            return retrying(client.get_secret, name).value or ""
        except ResourceNotFoundError:
            return ""
        except RetryError:
            pass
        except (AzureError, ValueError) as error:
            # A ValueError: what answers asks for a token of somebody else's, and was given none.
            status = error.status_code if isinstance(error, HttpResponseError) else None
            if isinstance(error, ClientAuthenticationError | ValueError) or status in (401, 403):
                fault = SecretStoreRefuses
    raise fault("keyvault:…")


def _passes(error: BaseException) -> bool:
    """Return whether asking again may help."""
    if isinstance(error, ClientAuthenticationError) or not isinstance(error, AzureError):
        return False
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return status is None or status in BUSY
