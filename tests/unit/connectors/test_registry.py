"""Each connector is opened by the name the site gives it, and sees its own settings only."""

from pathlib import Path

import pytest

from config.limits import WebLimits
from config.settings import FolderSource, PortalSource
from connectors import open_source
from connectors.charitylog_portal import CharitylogPortal
from connectors.folder import DropFolder
from connectors.registry import CONNECTORS, portal_settings

PORTAL = {
    "name": "hub",
    "connector": "charitylog_portal",
    "provider": "hub",
    "mappings": {"people": "mappings/people.yaml"},
    "lawful_basis": "Public task",
    "address": "https://portal.example.org/hub/",
    "organisation": "support-hub",
    "organisation_secret": "env:ORGANISATION_WORD",
    "user": "viaduct",
    "user_secret": "env:USER_WORD",
    "extracts": {"people": "Viaduct people"},
}


def test_every_connector_a_site_may_name_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A portal and a folder open as the sources they are."""
    monkeypatch.setenv("ORGANISATION_WORD", "one")
    monkeypatch.setenv("USER_WORD", "two")
    portal = PortalSource.model_validate(PORTAL)
    folder = FolderSource.model_validate(
        {
            "name": "old",
            "connector": "folder",
            "provider": "hub",
            "mappings": {"people": "mappings/people.yaml"},
            "folder": "dropped",
            "files": {"people": "people-*.csv"},
        }
    )
    assert isinstance(open_source(portal, tmp_path), CharitylogPortal)
    assert isinstance(open_source(folder, tmp_path), DropFolder)
    assert set(CONNECTORS) == {"charitylog_portal", "charitylog_rest", "folder", "sftp"}


def test_every_declared_ceiling_reaches_its_connector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting changes one thing that the connector sees, and no other."""
    monkeypatch.setenv("ORGANISATION_WORD", "one")
    monkeypatch.setenv("USER_WORD", "two")
    usual = _seen(tmp_path, {})
    declared = {
        name: {"limits": {name: 7}} for name in WebLimits.model_fields if name != "largest_page_kilobytes"
    }
    declared |= {"page": {"limits": {"largest_page_kilobytes": 17}}}
    declared |= {"timeout_seconds": {"timeout_seconds": 7}, "retry_budget": {"retry_budget": 7}}
    changed = {
        name: {key for key, value in _seen(tmp_path, said).items() if usual[key] != value}
        for name, said in declared.items()
    }
    assert {name: len(found) for name, found in changed.items()} == dict.fromkeys(declared, 1)
    assert len(set().union(*changed.values())) == len(declared)


def _seen(folder: Path, more: dict[str, object]) -> dict[str, object]:
    limits = portal_settings(PortalSource.model_validate(PORTAL | more), folder).limits
    return {**vars(limits), **vars(limits.ceilings), "ceilings": None}


def test_resolved_secrets_never_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a portal print without names and passwords."""
    monkeypatch.setenv("ORGANISATION_WORD", "first-secret-word")
    monkeypatch.setenv("USER_WORD", "second-secret-word")
    settings = portal_settings(PortalSource.model_validate(PORTAL), tmp_path)
    assert (settings.organisation_password, settings.user_password) == (
        "first-secret-word",
        "second-secret-word",
    )
    assert "secret-word" not in repr(settings) + str(settings)
