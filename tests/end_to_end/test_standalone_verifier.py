"""The verifier for auditors: one short file, alone, finds any flipped byte of what was logged and sent."""

import ast
import base64
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from audit import standalone
from sharing.loading import canonical_document
from tests.nights import NightSite

SCRIPT = Path(standalone.__file__)
SEED, FLIPS, DPIA_FLIPS = 20221201, 60, 30
PLACE = re.compile(r"^WRONG  (\S+\.(jsonl|json|txt|sig|age)\b|checkpoint: |\[Errno 2\] )")
"""A file, by its name, stands at the head of whatever is wrong."""


def verified(night: NightSite, *more: str) -> tuple[int, str]:
    """Return how the verifier ends on the site's log and landing zone, and what it says."""
    site = night.site
    command = [str(site.var / "log"), "--keys", str(site.keys.public), "--landing", str(site.landing), *more]
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *command], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_it_is_one_short_file_that_needs_cryptography_alone() -> None:
    """Under 200 lines; every import is of the standard library or of `cryptography`."""
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    outside = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert outside == {"cryptography"}


def test_a_log_and_landing_zone_as_we_wrote_them_verify(two_nights: NightSite) -> None:
    """Two nights of two flows, their people, manifests, bodies and receipts."""
    code, said = verified(two_nights)
    assert code == 0, said
    assert "4 batches" in said
    assert "8 batches and receipts are those that were logged" in said


@pytest.mark.parametrize("script", ["standalone.py", "standalone_proof.py", "standalone_signatures.py"])
def test_a_path_that_is_not_there_does_not_read_like_a_bad_log(
    two_nights: NightSite, tmp_path: Path, script: str
) -> None:
    """The log or proof, and the keys: which is not there is said, and that it says nothing of the log."""
    site, away = two_nights.site, tmp_path / "nowhere"
    for log, keys in ((away, site.keys.public), (site.var / "log", away)):
        words = [sys.executable, "-I", str(SCRIPT.with_name(script)), str(log), "--keys", str(keys)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith(f"NOT READ  {away}")
        assert "This says nothing of the" in done.stderr


def test_a_file_of_the_log_that_is_gone_is_named(two_nights: NightSite, tmp_path: Path) -> None:
    """Not the class of an error, but the file that could not be read."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    (night.site.var / "log" / "checkpoint").unlink()
    code, said = verified(night)
    assert (code, said.startswith("WRONG"), "log/checkpoint" in said) == (1, True, True)


def test_a_checkpoint_kept_elsewhere_is_held_to_the_log(two_nights: NightSite, tmp_path: Path) -> None:
    """An old one of this log fits; one of a log that went another way does not."""
    lines = (two_nights.site.var / "log" / "checkpoints.jsonl").read_text(encoding="utf-8").splitlines()
    kept = tmp_path / "kept"
    kept.write_text(json.loads(lines[3])["note"], encoding="utf-8")
    assert verified(two_nights, "--kept", str(kept))[0] == 0
    text = json.loads(lines[3])["note"].split("\n")
    text[2] = base64.b64encode(bytes(32)).decode()
    kept.write_text("\n".join(text), encoding="utf-8")
    assert verified(two_nights, "--kept", str(kept))[0] == 1


def test_the_assessment_that_ran_is_the_document_that_a_leaf_names(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """In canonical JSON, whatever its blanks; one byte of it changed, and no leaf names it."""
    document = canonical_document(two_nights.site.dpia)
    path = tmp_path / "assessment.json"
    path.write_bytes(document)
    assert verified(two_nights, "--document", str(path))[0] == 0
    path.write_text(json.dumps(json.loads(document), indent=2), encoding="utf-8")
    assert verified(two_nights, "--document", str(path))[0] == 0


def test_any_flipped_byte_of_the_assessment_is_found(
    two_nights: NightSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Thirty, one in each thirtieth of it: the file is named, and of what is no JSON the line and column."""
    document, site = canonical_document(two_nights.site.dpia), two_nights.site
    path, log = tmp_path / "assessment.json", site.var / "log"
    monkeypatch.setattr(
        sys, "argv", ["x", str(log), "--keys", str(site.keys.public), "--document", str(path)]
    )
    path.write_bytes(document)
    assert standalone.main() == 0
    draw, told = random.Random(SEED), Counter[str]()
    key = standalone.from_base64((site.keys.public / "log.pub").read_text(encoding="ascii").split("\n")[1])
    leaves, due = standalone.check_tree(log, key, [])
    for part in range(DPIA_FLIPS):
        first, end = (len(document) * at // DPIA_FLIPS for at in (part, part + 1))
        changed = bytearray(document)
        changed[draw.randrange(first, end)] ^= 1 << draw.randrange(8)
        path.write_bytes(bytes(changed))
        with pytest.raises(RuntimeError, match=r"^assessment\.json: ") as wrong:
            standalone.check_document(path, key, leaves, due)
        told["not JSON" if "not JSON" in str(wrong.value) else "of no leaf"] += 1
        assert ("not JSON" in str(wrong.value)) == ("line 1 column" in str(wrong.value))
    assert str(standalone.main()).startswith("WRONG  assessment.json: ")
    say(f"seed {SEED}: {told.total()} flipped bytes of the assessment, each found: {dict(told)}")


def test_any_flipped_byte_of_log_checkpoint_people_manifest_body_or_receipt_is_found(
    two_nights: NightSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[[str], None]
) -> None:
    """Bytes drawn over every file, each flipped alone; and every file cut short or taken away."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    site = night.site
    arguments = ["x", str(site.var / "log"), "--keys", str(site.keys.public), "--landing", str(site.landing)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert standalone.main() == 0
    draw, missed, nowhere, tried = random.Random(SEED), [], [], 0
    files = [path for room in (site.var / "log", Path(str(site.landing))) for path in room.rglob("*")]
    drawn = [path for path in files if path.is_file() and path.stat().st_size]
    for path in sorted(drawn):
        kept = path.read_bytes()
        flipped = [bytearray(kept) for _ in range(max(2, FLIPS // len(drawn)))]
        for changed in flipped:
            changed[draw.randrange(len(kept))] ^= 1 << draw.randrange(8)
        for content in [*map(bytes, flipped), kept[:-1], b""]:
            path.write_bytes(content)
            tried += 1
            said = standalone.main()
            if said == 0:
                missed.append((path.name, len(content)))
            elif not PLACE.search(str(said)):
                nowhere.append((path.name, said))
        path.write_bytes(kept)
    assert missed == []
    assert nowhere == []
    assert standalone.main() == 0
    say(f"seed {SEED}: {tried} changed bytes, cut and emptied files in {len(drawn)} files, each found")


def test_what_it_says_is_wrong_holds_no_line_of_the_log(
    two_nights: NightSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the file and the place."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    site = NightSite(tmp_path / "site").site
    path = site.var / "log" / "people" / "commissioning" / "00000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:]))
    monkeypatch.setattr(sys, "argv", ["x", str(site.var / "log"), "--keys", str(site.keys.public)])
    said = str(standalone.main())
    assert "people/commissioning/00000001.jsonl" in said
    assert lines[0].decode()[12:40] not in said


def test_its_canonical_json_is_that_of_rfc_8785() -> None:
    """For the kinds of documents it reads: texts of every kind, whole numbers, truths, lists, objects."""
    document: Any = {"b": [1, -7, True, None, {"z": 'é\u2028\x01"\\', "a": ""}], "a": 0, "A": "\U0001f600/"}
    assert standalone.canonical(document) == rfc8785.dumps(document)
