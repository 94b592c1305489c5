"""Secrets that stand in a store outside the site: Azure Key Vault, and the store of the machine's account."""

import logging
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from azure.keyvault.secrets._shared import http_challenge_cache
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from tenacity import wait_none

from common.errors import ViaductError
from config import keyvault
from config.extras import AzureMissing, KeyringMissing
from config.secrets import SecretMissing, SecretReference, _referred
from config.vaults import SecretStoreAway, SecretStoreRefuses
from tests.key_vault import Vault, key_vault
from tests.token_server import Tokens, token_server

WORD = "Zq-secret-word-9"
IN_VAULT, IN_KEYRING = "keyvault:council-vault/hub-user", "keyring:viaduct/hub-user@example"


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    """Yield what vouches for this machine."""
    with token_server() as tokens:
        monkeypatch.setenv("IDENTITY_ENDPOINT", tokens.address)
        monkeypatch.setenv("IDENTITY_HEADER", tokens.header)
        monkeypatch.delenv("AZURE_CLIENT_ID", raising=False)
        monkeypatch.setattr(keyvault, "wait_random_exponential", lambda *_: wait_none())
        yield tokens


@pytest.fixture
def vault(tmp_path: Path, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    http_challenge_cache.clear()
    with key_vault(tmp_path, tokens, monkeypatch) as vault:
        vault.secrets["hub-user"] = WORD
        yield vault


def refused(reference: str, fault: type[ViaductError]) -> ViaductError:
    """Return the error that reading ends with; it names no store, no secret and no token."""
    with pytest.raises(fault) as met:
        _referred(reference).read()
    told = f"{met.value} {met.value.lines()}"
    assert len(str(met.value).splitlines()) == 4
    assert not any(word in told for word in (WORD, "council-vault", "hub-user", "eyJ"))
    assert isinstance(met.value.__context__, ModuleNotFoundError | None)
    return met.value


class Drawer(KeyringBackend):
    """A store of secrets in memory, as the library lets anyone make one."""

    priority = 9
    held: dict[tuple[str, str], str]
    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(WORD)
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, drawer = keyring.get_keyring(), Drawer()
    drawer.held = {}
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def test_a_secret_is_read_from_the_vault_as_the_machine_s_own_identity(vault: Vault, tokens: Tokens) -> None:
    """Asked without a token first, as the service wants it; the token is for vaults, and for nothing else."""
    assert _referred(IN_VAULT).read() == WORD
    assert vault.seen == ["GET secrets/hub-user", "GET secrets/hub-user with a token"]
    assert tokens.asked == [("https://vault.azure.net", None)]
    vault.secrets["hub-user"] = "renewed"
    assert _referred(IN_VAULT).read() == "renewed"


def test_another_identity_of_the_machine_is_named_by_its_client_id(
    vault: Vault, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other programs of Azure are told: AZURE_CLIENT_ID."""
    monkeypatch.setenv("AZURE_CLIENT_ID", "01234567-89ab-cdef-0123-456789abcdef")
    assert _referred(IN_VAULT).read() == WORD
    assert {client for _, client in tokens.asked} == {"01234567-89ab-cdef-0123-456789abcdef"}


def test_a_secret_that_is_not_there_is_missing(vault: Vault, drawer: Drawer) -> None:
    """In the vault as in the keyring: E111, exit 10."""
    vault.secrets.clear()
    for reference in (IN_VAULT, IN_KEYRING):
        assert refused(reference, SecretMissing).exit_code == 10


def test_a_vault_that_is_busy_is_asked_again_and_one_that_stays_so_is_away(vault: Vault) -> None:
    """Four tries, then exit 20: a later run of the same night may go through."""
    vault.answers = [503, 429, 500]
    assert _referred(IN_VAULT).read() == WORD
    vault.seen.clear()
    vault.answers = [503] * 9
    error = refused(IN_VAULT, SecretStoreAway)
    assert (error.code, error.exit_code, error.passes) == ("E115", 20, True)
    assert len([seen for seen in vault.seen if "token" in seen]) == keyvault.ATTEMPTS


def test_a_vault_that_lets_us_not_in_is_asked_once(
    vault: Vault, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The right is lacking, or nobody vouches for this machine: exit 21, and nothing of it is logged."""
    caplog.set_level(logging.DEBUG)
    vault.answers = [403]
    error = refused(IN_VAULT, SecretStoreRefuses)
    assert (error.code, error.exit_code, error.passes) == ("E116", 21, False)
    assert len(vault.seen) <= 2
    monkeypatch.setenv("IDENTITY_HEADER", "another")
    refused(IN_VAULT, SecretStoreRefuses)
    said = caplog.text
    assert not any(word in said for word in (WORD, "eyJ", tokens.header))


def test_a_server_that_asks_for_a_token_of_somebody_else_s_gets_none(vault: Vault, tokens: Tokens) -> None:
    """Whoever answers under the vault's name can not have us fetch a token for another service."""
    vault.resource = "https://management.azure.com"
    refused(IN_VAULT, SecretStoreRefuses)
    assert tokens.asked == []


def test_a_vault_whose_certificate_is_not_trusted_gets_no_token(
    vault: Vault, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the name of the secret goes there."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    refused(IN_VAULT, SecretStoreAway)
    assert (vault.seen, tokens.asked) == ([], [])


def test_a_secret_is_read_from_the_account_s_own_store(drawer: Drawer) -> None:
    """By service and name; a store that is locked is away, and its own words stay with it."""
    drawer.held["viaduct", "hub-user@example"] = WORD
    assert _referred(IN_KEYRING).read() == WORD
    drawer.locked = True
    assert refused(IN_KEYRING, SecretStoreAway).exit_code == 20


@pytest.mark.parametrize(
    ("reference", "lacks", "fault", "extra"),
    [
        (IN_VAULT, "azure.keyvault.secrets", AzureMissing, "azure"),
        (IN_KEYRING, "keyring", KeyringMissing, "keyring"),
    ],
)
def test_what_is_not_installed_is_said_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, reference: str, lacks: str, fault: type[ViaductError], extra: str
) -> None:
    """Exit 10; the file that the command names is there and lists what is lacking."""
    monkeypatch.delitem(sys.modules, "config.keyvault", raising=False)
    monkeypatch.setitem(sys.modules, lacks, None)
    error = refused(reference, fault)
    assert error.exit_code == 10
    assert f"sh tools/setup.sh .venv requirements-{extra}.txt" in error.next_step
    declared = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = Path(f"requirements-{extra}.in").read_text(encoding="utf-8").splitlines()
    assert declared["optional-dependencies"][extra] == [one for one in listed if not one.startswith("#")]
    assert f"\n{lacks.replace('.', '-')}==" in Path(f"requirements-{extra}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [
        "keyvault:hub-user", "keyvault:council-vault/hub_user", "keyvault:https://council-vault.vault.azure.net/x",
        "keyvault:council-vault.evil.example/x", "keyring:viaduct", "keyring:/x", WORD,
    ],
)  # fmt: skip
def test_what_is_no_reference_is_refused_and_not_repeated(wrong: str) -> None:
    """A vault is named, not addressed: no site can lead a token elsewhere."""
    with pytest.raises(ValueError, match="a secret itself never stands here") as met:
        _referred(wrong)
    assert wrong not in str(met.value)


def test_a_reference_shows_where_and_not_what() -> None:
    """Of a store, not even its name: what stands there may be a secret that was pasted."""
    for reference in (IN_VAULT, IN_KEYRING):
        found = _referred(reference)
        assert isinstance(found, SecretReference)
        assert str(found) == f"{reference.partition(':')[0]}:…"
        assert reference.partition(":")[2] not in repr(found)
