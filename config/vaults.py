"""Stores of secrets outside the site: Azure Key Vault, and the store of the machine's own account."""

from common.errors import Answer, Failure, ViaductError
from config.extras import AzureMissing, KeyringMissing, needed


class SecretStoreAway(ViaductError):
    """The store that a secret is to come from gave no usable answer, and the tries are spent."""

    code = "E115"
    exit_code = 20
    title = "The store of secrets gave no usable answer."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = (
        "Look whether the store can be reached from this machine, then: python run_sync.py check --connect"
    )


class SecretStoreRefuses(ViaductError):
    """The store does not let this machine or this account read the secret."""

    code = "E116"
    exit_code = 21
    title = "The store of secrets does not let us read."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = (
        "Give this machine's identity the right to read that secret, then: python run_sync.py check --connect"
    )


def from_key_vault(place: str) -> str:
    """Return a secret of Azure Key Vault, VAULT/NAME; nothing if there is none of that name.

    Errors: AzureMissing, SecretStoreAway, SecretStoreRefuses.
    """
    with needed("keyvault:…", AzureMissing):
        from config.keyvault import read_secret  # noqa: PLC0415 - installed where a site needs it

    return read_secret(place)


def from_keyring(place: str) -> str:
    """Return a secret of the account's own store, SERVICE/NAME; nothing if there is none of that name.

    Errors: KeyringMissing, SecretStoreAway.
    """
    with needed("keyring:…", KeyringMissing):
        import keyring  # noqa: PLC0415 - as above
        from keyring.errors import KeyringError  # noqa: PLC0415

    service, _, name = place.partition("/")
    try:
        return keyring.get_password(service, name) or ""
    except (KeyringError, OSError):
        pass
    raise SecretStoreAway("keyring:…")
