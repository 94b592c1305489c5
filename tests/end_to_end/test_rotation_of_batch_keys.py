"""A site whose keys have outlived the assessment's limit: changed as the page says, it runs and verifies."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from audit import standalone
from common import clock
from sealing.keys import load_verifier
from sealing.manifest import manifest_is_signed
from sharing import load_dpia
from sync.errors import KeyTooOld
from sync.rotation import require_fresh_keys
from tests.end_to_end.test_how_to_commands import told, typed
from tests.nights import NightSite
from tests.small_sample import a_day_later, small_sample

PAGE = "rotate_batch_keys.md"
LATER = timedelta(days=31)


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture
def outlived(night: NightSite) -> NightSite:
    """Return a site that has batches under way, sealed and signed by keys that serve 30 days."""
    night.edit_dpia("keyMaxAge: P1Y", "keyMaxAge: P30D")
    council_is(night, "elsewhere")
    night.drop(a_day_later())
    assert {flow.state for flow in night.night().flows} == {"delivered"}
    council_is(night, "embedded")
    night.drop(small_sample())
    return night


def council_is(night: NightSite, where: str) -> None:
    settings = night.folder / "site.yaml"
    text, other = settings.read_text(encoding="utf-8"), {"elsewhere": "embedded", "embedded": "elsewhere"}
    assert f"council_side: {other[where]}" in text
    settings.write_text(
        text.replace(f"council_side: {other[where]}", f"council_side: {where}"), encoding="utf-8"
    )


def verifies_alone(night: NightSite, keys: Path) -> tuple[int, str]:
    """Return how the verifier without Viaduct ends on the site's log, manifests and receipts."""
    site, script = night.site, Path(standalone.__file__)
    words = [str(site.var / "log"), "--keys", str(keys), "--landing", str(site.landing)]
    done = subprocess.run(
        [sys.executable, "-I", str(script), *words], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def manifests(night: NightSite, sequence: int) -> list[Path]:
    return sorted(Path(str(night.site.landing)).glob(f"*/{sequence:08d}-*/manifest.json"))


def test_a_site_whose_keys_grew_too_old_changes_them_sends_on_and_verifies(
    outlived: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was on its way is loaded, the same bytes; what follows is under the new keys. Log, manifests and
    receipts of both times verify, by us and by the verifier alone; without the old public part they do not.
    """
    site = outlived.site
    sent = [path.read_bytes() for path in manifests(outlived, 2)]
    *rotate, run, verify, _listed, revoke = told(PAGE)
    assert [words[:2] for words in rotate] == [["keys", "rotate"]] * 3
    with clock.frozen(clock.now() + LATER):
        with pytest.raises(KeyTooOld, match=r"council, made on .*; signing, made on"):
            require_fresh_keys(site, load_dpia(site.dpia))
        for words in rotate:
            assert typed(words, outlived) == 0
        assert capsys.readouterr().err.count("version 2 of its key is made") == 3
        require_fresh_keys(site, load_dpia(site.dpia))
        assert typed([*run, "--json"], outlived) in {0, 1}
        summary = json.loads(capsys.readouterr().out)
        assert {flow["state"] for flow in summary["earlier_batches"] + summary["flows"]} == {"remembered"}
        assert typed(verify, outlived) == 0
        assert typed(revoke, outlived) == 0
        assert typed(verify, outlived) == 0
    assert [path.read_bytes() for path in manifests(outlived, 2)] == sent
    last = manifests(outlived, 3)
    assert len(last) == len(sent) == 2
    council = (site.keys.public / "council.pub").read_text(encoding="ascii").splitlines()[1]
    for path in last:
        content, signature = path.read_bytes(), path.with_suffix(".json.sig").read_bytes()
        assert json.loads(content)["recipient"] == council
        assert manifest_is_signed(content, signature, load_verifier("signing", site.keys.public))
    assert council not in {json.loads(content)["recipient"] for content in sent}
    code, said = verifies_alone(outlived, site.keys.public)
    assert (code, "6 batches" in said) == (0, True), said
    shutil.copytree(site.keys.public, tmp_path / "keys")
    shutil.rmtree(tmp_path / "keys" / "retired")
    assert verifies_alone(outlived, tmp_path / "keys")[0] == 1
    capsys.readouterr()
    shutil.rmtree(site.keys.public / "retired")
    assert typed(verify, outlived) != 0
    assert "E601" in capsys.readouterr().err
