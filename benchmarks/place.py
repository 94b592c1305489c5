"""Where the benchmarks work: exports of one size, and a site of its own whose only source is their folder."""

import hashlib
import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import exports as invented
from demo.words import EXPORTS

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config" / "example"
EXTRACTED_AT = datetime(2022, 12, 1, 6, tzinfo=UTC)
NULL_WORDS = ("[Not Specified]", "N/A", "-")
SOURCE = """connector: folder
provider: hub
folder: {folder}
settle_seconds: 0
files:
{files}
mappings:
{mappings}
null_words: ["[Not Specified]", "N/A", "-"]
"""


def made(folder: Path, rows: int) -> None:
    """Make the exports once, and the site anew: its rules are those of today."""
    made_site(folder / "site", made_exports(folder / "exports", rows))


def made_exports(folder: Path, rows: int) -> Path:
    """Return the folder of the exports of so many referrals, made once; their time is the sample's."""
    shape = hashlib.sha256(Path(invented.__file__).read_bytes()).hexdigest()
    stamp = folder / "made_by"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != shape:
        invented.write_exports(folder, rows)
        stamp.write_text(shape, encoding="ascii")
        for path in folder.glob("*.csv"):
            os.utime(path, (EXTRACTED_AT.timestamp(), EXTRACTED_AT.timestamp()))
    return folder


def made_site(folder: Path, exports: Path) -> Path:
    """Return the folder of a new site that takes its exports from `exports`, with its keys and no state.

    The numbers of the invented people are in the test range 999; here it counts as issued, else every
    number would be a finding.
    """
    from commands.sample_signing import sign_sample
    from commands.sample_site import make_keys, write_sample_site
    from config.site import load_site
    from sharing import load_dpia

    shutil.rmtree(folder, ignore_errors=True)
    write_sample_site(folder, {})
    for path in (folder / "sources").glob("*.yaml"):
        path.unlink()
    files = "\n".join(f"  {name}: {name}.csv" for name in EXPORTS)
    mappings = "\n".join(f"  {name}: mappings/charitylog_{name}.yaml" for name in EXPORTS)
    told = SOURCE.format(folder=os.path.relpath(exports, folder), files=files, mappings=mappings)
    (folder / "sources" / "hub.yaml").write_text(told, encoding="utf-8")
    settings = folder / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('nhs_test_ranges: ["999"]', "nhs_test_ranges: []"), encoding="utf-8")
    for path in (folder / "dpia").glob("*.yaml"):
        path.write_text(_of_hub_alone(path.read_text(encoding="utf-8")), encoding="utf-8")
    site = load_site(folder)
    dpia = load_dpia(site.dpia)
    make_keys(site, list(dpia.active_flows))
    sign_sample(site)
    said = {flow: fields_of(dpia, flow) for flow in dpia.active_flows}
    (folder / "flows.json").write_text(json.dumps(said, indent=1), encoding="utf-8")
    return folder


def fields_of(dpia: Any, flow: str) -> dict[str, list[dict[str, Any]]]:
    """Return what the flow releases of each entity: the field, whose key it is, and the rules that hide it.

    It is what a script's author would copy out of the assessment; the script reads it and no more of it.
    """
    from canonical import spec
    from sharing.vocabulary import Action

    block = dpia.flow(flow)
    rules = [rule for rule in dpia.safety if rule.flows is None or flow in rule.flows]
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in block.fields:
        own = spec(entity)
        for origin, decision in block.decisions(entity).items():
            if decision.action is not Action.DROP:
                name = str(decision.to) if decision.action is Action.GENERALISE else origin
                keyed = decision.action is Action.PSEUDONYMISE
                of = (entity if name in own.key else own.fields[name].references) if keyed else None
                hidden = [rule.id for rule in rules if name in rule.effect.redact.get(entity, ())]
                found.setdefault(entity, []).append({"field": name, "key_of": of, "hidden_by": hidden})
    return found


COUNTS = "\n  # No row of domestic abuse support is in the flow above."
CHOICES = "\n# ---- People's choices and legal stops"


def _of_hub_alone(dpia: str) -> str:
    """Return the assessment with the hub as its only source; flows of rows, fields and safety rules stay.

    Its examples are of people of all three providers, and go; so do its flows of counts, its last.
    """
    dpia, mark, _ = dpia.partition("\nexamples:\n")
    dpia += "\nexamples: []\n" if mark else ""
    flow, _, rest = dpia.partition(COUNTS)
    dpia = flow + CHOICES + rest.partition(CHOICES)[2]
    dpia = re.sub(r"^  - \{what: (lot_8|hub)_counts@.*\n|, (lot_8|hub)_counts", "", dpia, flags=re.MULTILINE)
    dpia = re.sub(r"^    sources: \[(?!hub\b).*\n", "", dpia, flags=re.MULTILINE)
    dpia = re.sub(r"^    (from|sources): \[hub, .*\]$", r"    \1: [hub]", dpia, flags=re.MULTILINE)
    dpia = re.sub(r"^(    basis: \[council-[a-z-]+, hub-[a-z-]+).*\]$", r"\1]", dpia, flags=re.MULTILINE)
    others = re.compile(r"^  - source: (?!hub$).*\n(?:    .*\n)*", re.MULTILINE)
    return others.sub("", dpia)


def without_state(site: Path) -> None:
    """Remove what a run left behind; the keys stay."""
    for path in (site / "var").iterdir() if (site / "var").exists() else ():
        if path.name != "keys":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
