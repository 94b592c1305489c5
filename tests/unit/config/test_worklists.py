"""What providers.yaml says of drops and notices: each provider its own drop, or the site does not load."""

import re
from pathlib import Path

import pytest

from config.documents import DocumentRefused
from config.site import load_site
from config.worklists import ProviderNotices, SftpDrop
from tests.unit.config.test_landing import HOST_KEY

HUB = "    contact: data@hub.example\n"
COMMUNITY = "    contact: data@community.example\n"
SFTP = """    worklist:
      sftp:
        host: {host}
        user: {user}
        folder: worklist
        host_keys: [{key}]
        client_key: file:secrets/{secret}
"""


def with_drops(folder: Path, hub: str, community: str = "") -> Path:
    """Return the site, these lines standing below two of its providers."""
    path = folder / "providers.yaml"
    text = re.sub(r"    worklist: .*\n", "", path.read_text(encoding="utf-8"))
    for contact, said in ((HUB, hub), (COMMUNITY, community)):
        assert contact in text
        text = text.replace(contact, contact + said)
    path.write_text(text, encoding="utf-8")
    return folder


def at(path: str | Path) -> str:
    return f"    worklist: {{folder: {path}}}\n"


def sftp(host: str = "drops.council.example", user: str = "hub", key: str = "hub_key") -> str:
    return SFTP.format(host=host, user=user, secret=key, key=HOST_KEY)


def refused(folder: Path) -> str:
    with pytest.raises(DocumentRefused) as met:
        load_site(folder)
    return str(met.value)


def test_without_a_word_there_is_no_drop_and_the_contact_is_told(folder: Path) -> None:
    """A provider that says nothing gets no file anywhere; its notices go to the contact, an address."""
    hub = load_site(with_drops(folder, "")).providers["hub"]
    assert hub.worklist.drop is None
    assert hub.notices.to(hub.contact) == ["data@hub.example"]
    assert hub.notices.to("Jo at the desk") == []
    assert ProviderNotices(off=True).to(hub.contact) == []
    assert ProviderNotices(mail=["a@b.example", "a@b.example"]).to(hub.contact) == ["a@b.example"]


def test_the_example_has_a_drop_for_each_provider(folder: Path) -> None:
    """Each below var/drops, each its own."""
    providers = load_site(folder).providers
    assert {name: one.worklist.drop for name, one in providers.items()} == {
        name: folder / "var" / "drops" / name for name in providers
    }


def test_a_drop_is_a_folder_elsewhere_or_below_var_drops(folder: Path, tmp_path: Path) -> None:
    """Both are whole paths once the site has loaded."""
    site = load_site(with_drops(folder, at("var/drops/hub"), at(tmp_path / "share")))
    assert site.providers["hub"].worklist.drop == folder / "var/drops/hub"
    assert site.providers["community_support"].worklist.drop == tmp_path / "share"


def test_a_drop_on_a_server_is_proven_like_every_other(folder: Path) -> None:
    """Its host key is written down and our own key is read from the site's folder."""
    drop = load_site(with_drops(folder, sftp())).providers["hub"].worklist.drop
    assert isinstance(drop, SftpDrop)
    assert drop.as_posix() == "sftp://drops.council.example:22/worklist"
    assert drop.client_key is not None
    assert drop.client_key.folder == folder


@pytest.mark.parametrize("said", ["var/state", "var/drops", "keys", ".", "..", "var/landing/early_help", "/"])
def test_no_drop_lies_where_the_site_keeps_its_own(folder: Path, said: str) -> None:
    """A worklist beside keys or state would let its readers in there."""
    assert "write a folder outside of the site, or one below var/drops" in refused(
        with_drops(folder, at(said))
    )


@pytest.mark.parametrize("theirs", ["var/drops/hub", "var/drops/hub/inner", "var/drops/./hub"])
def test_two_providers_never_have_one_drop(folder: Path, theirs: str) -> None:
    """The same folder, one within the other, or the same by another name: the site does not load."""
    found = refused(with_drops(folder, at("var/drops/hub"), at(theirs)))
    assert "providers.community_support.worklist.folder: this is the drop of hub too" in found
    assert "providers.yaml, line " in found


def test_a_link_is_no_second_name_of_a_drop(folder: Path, tmp_path: Path) -> None:
    """Links are followed before two folders are compared."""
    (tmp_path / "share").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "share")
    assert "this is the drop of hub too" in refused(
        with_drops(folder, at(tmp_path / "share"), at(tmp_path / "alias"))
    )


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (sftp(), "hub has this server and account too"),
        (sftp(host="DROPS.council.example"), "hub has this server and account too"),
        (sftp(user="community"), "hub has this key or password too"),
        (sftp(host="other.example", user="other"), "hub has this key or password too"),
    ],
)
def test_two_providers_never_have_one_account_or_key(folder: Path, theirs: str, said: str) -> None:
    """Who can open one provider's drop can not open another's with it."""
    assert said in refused(with_drops(folder, sftp(), theirs))


def test_two_drops_with_their_own_accounts_and_keys_are_fine(folder: Path) -> None:
    """One server may serve them all."""
    site = load_site(with_drops(folder, sftp(), sftp(user="community", key="community_key")))
    assert isinstance(site.providers["community_support"].worklist.drop, SftpDrop)


def test_a_drop_is_no_folder_that_exports_are_read_from(folder: Path, tmp_path: Path) -> None:
    """What we lay down there would be read as an export."""
    (folder / "sources" / "hub.yaml").write_text(
        f"connector: folder\nprovider: hub\nfolder: {tmp_path}/in\nfiles: {{people: p.csv}}\n"
        "mappings: {people: mappings/charitylog_people.yaml}\n",
        encoding="utf-8",
    )
    assert "source hub is read from there" in refused(with_drops(folder, at(tmp_path / "in" / "out")))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("    worklist: {folder: a, sftp: {host: x}}\n", "worklist"),
        ("    worklist: {forms: [pdf]}\n", "worklist.forms"),
        ("    worklist: {everythin: true}\n", "Did you mean everything?"),
        ("    notices: {mail: [nobody]}\n", "write an e-mail address"),
        ("    notices: {link: http://x.example}\n", "write an https address"),
    ],
)
def test_what_is_not_known_is_refused(folder: Path, said: str, problem: str) -> None:
    """As everywhere in the site."""
    assert problem in refused(with_drops(folder, said))
