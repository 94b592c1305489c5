"""docs/reference/dpia-file.md and law-packs.md: every key, every refusal, every statement of law."""

from pathlib import Path
from typing import Any

from config.documents import plain, read_tree
from sharing.dated import DATED, Dated, Stops
from sharing.enforcers import NETS
from sharing.lawpacks import LawPack, known_packs, law_pack
from sharing.lawpacks.pack import Basis, InForce, Provision, Statement
from sharing.reference import json_schema

WORDS = Path(__file__).with_name("dpia_file.md")
LAW_WORDS = Path(__file__).with_name("law_packs.md")
CASES = Path(__file__).parent.parent / "tests/spec/dpia"
FORMS = {
    "^[A-Za-z][A-Za-z0-9_.-]{0,63}$": "an id",
    "^[0-9a-f]{64}$": "SHA-256, 64 hexadecimal digits",
    "^[a-z]+:[A-Za-z0-9/+.-]+$": "a code of a vocabulary",
    "^P[0-9]+(?:Y(?:[0-9]+M)?(?:[0-9]+D)?|M(?:[0-9]+D)?|W|D)$": "a period, as P30D or P6Y",
    "^[a-z_]+\\.[a-z0-9_]+$": "entity.field",
    "^[0-9]+\\.[0-9]+\\.[0-9]+$": "a version, as 1.0.0",
}
PLAIN = {
    "dpiaSpec": "The version of this format. One that is not known does not load.",
    "kind": "What the file is.",
    "id": "The name of the assessment through all its versions.",
    "version": "The version: the first number rises with a new purpose, recipient or category.",
    "title": "What the assessment is about.",
    "status": "Where the document stands in its own life; only `approved` runs.",
    "lawPack": "The dated legal vocabulary that the file is checked against; one not known does not load.",
}
GOVERNED = {
    "agreements": "the flows that name it",
    "operators": "the flows of the parties on whose behalf it works",
    "legalBases": "the flows that name the basis",
    "lawPack": "the flows of the bases that cite it",
    "flows": "that flow",
}
Schema = dict[str, Any]


def dpia_file_page(made: str) -> str:
    """Return docs/reference/dpia-file.md. Given: the line that says where it comes from."""
    schema = json_schema()
    blocks = [_block(schema, name) for name in schema["properties"]]
    nets = "\n".join(f"| `{name}` | {net.words} | {net.held} | `{net.test}` |" for name, net in NETS.items())
    said = {
        "<<made>>": made,
        "<<blocks>>": "\n".join(blocks),
        "<<nets>>": nets,
        "<<days>>": "\n".join(_day(place, known) for place, known in DATED.items()),
        "<<refusals>>": _refusals(),
    }
    page = WORDS.read_text(encoding="utf-8")
    for mark, text in said.items():
        page = page.replace(mark, text)
    return page


def _day(place: str, known: Dated) -> str:
    """Return the row of one kind of day; a star of its place stands for an id."""
    words = known.says.replace("{1}.{2}", "a field").replace("{0}", "ID")
    governed = {Stops.FILE: "the file", Stops.NOTHING: "nothing: it is a finding"}.get(known.stops)
    block, waived = place.partition("/")[0], "yes" if known.waivable else "no"
    return f"| `{place}` | {words} | {governed or GOVERNED[block]} | {waived} |"


def _block(schema: Schema, name: str) -> str:
    said = schema["properties"][name]
    known = _resolved(schema, said)
    needed = "" if name in schema["required"] else " It may be left out."
    told = PLAIN[name] + f" Holds {_form(schema, said)}." if name in PLAIN else str(known["description"])
    lines = [f"### `{name}`", "", f"{told}{needed}", ""]
    rows = list(_rows(schema, known, ""))
    if rows:
        lines += ["| key | holds | needed |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _resolved(schema: Schema, said: Schema) -> Schema:
    """Return the block itself: behind a reference, an item of a list, a value under any key, or null."""
    for key in ("items", "additionalProperties"):
        if isinstance(said.get(key), dict):
            return _resolved(schema, said[key])
    for values in said.get("patternProperties", {}).values():
        return _resolved(schema, values)
    for option in said.get("anyOf", []):
        if option.get("type") != "null":
            return _resolved(schema, option)
    if "$ref" in said:
        found: Schema = schema["$defs"][said["$ref"].rpartition("/")[2]]
        return found
    return said


def _rows(schema: Schema, block: Schema, before: str) -> list[str]:
    rows: list[str] = []
    for name, said in block.get("properties", {}).items():
        inner = _resolved(schema, said)
        needed = "yes" if name in block.get("required", []) else "no"
        if "properties" not in inner:
            rows.append(f"| `{before}{name}` | {_form(schema, said)} | {needed} |")
            continue
        rows.append(f"| `{before}{name}` | {_said_of(inner)} | {needed} |")
        rows += _rows(schema, inner, f"{before}{name}.")
    return rows


def _said_of(block: Schema) -> str:
    return str(block["description"]).split("\n")[0]


def _form(schema: Schema, said: Schema) -> str:
    """Return in words what a value may be."""
    if "anyOf" in said:
        return " or ".join(_form(schema, each) for each in said["anyOf"] if each.get("type") != "null")
    if "$ref" in said:
        return _form(schema, _resolved(schema, said))
    if "const" in said or "enum" in said:
        return ", ".join(
            f"`{str(each).lower() if each is True else each}`"
            for each in said.get("enum", [said.get("const")])
        )
    if said.get("type") == "array":
        items = said.get("prefixItems") or [said["items"]]
        return f"list of {', '.join(_form(schema, each) for each in items)}"
    if said.get("type") == "object":
        values = next(iter(said.get("patternProperties", {}).values()), said.get("additionalProperties"))
        return f"by name: {_form(schema, values)}" if isinstance(values, dict) else "keys with their values"
    return _plain_form(said)


def _plain_form(said: Schema) -> str:
    if "pattern" in said:
        return FORMS.get(
            said["pattern"], f"a text of the form `{said['pattern'].replace('|', chr(92) + '|')}`"
        )
    if said.get("format") == "date":
        return "a day"
    return {"boolean": "true or false", "integer": "a whole number"}.get(said.get("type", ""), "words")


def _refusals() -> str:
    lines: list[str] = []
    law = plain(read_tree(CASES / "refusals_of_law.yaml"))
    sharing = plain(read_tree(CASES / "refusals.yaml"))
    for heading, cases in [*law.items(), ("the file, the data, the flows", sharing["anywhere"])]:
        lines += [
            f"### {heading.capitalize()}",
            "",
            "| what is wrong | what its author is told |",
            "|---|---|",
        ]
        for case in cases:
            told = case["told"][0] if "told" in case else case["said"]
            lines.append(f"| {case['mistake']} | … {_cell(told)} … |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def law_packs_page(made: str) -> str:
    """Return docs/reference/law-packs.md. Given: the line that says where it comes from."""
    packs = "\n".join(_pack(law_pack(name)) for name in known_packs())
    return LAW_WORDS.read_text(encoding="utf-8").replace("<<made>>", made).replace("<<packs>>", packs)


def _pack(pack: LawPack) -> str:
    lines = [f"## {pack.law_pack}: {pack.title}", ""]
    for heading, table in (
        ("Lawful bases (Article 6)", pack.article6),
        ("Conditions for special category data (Article 9)", pack.article9),
        ("Paragraphs of Schedule 1", pack.schedule1),
        ("Authorities for data about offences (Article 10)", pack.article10),
        ("Provisions", pack.provisions),
        ("Compatible further use (Annex 2)", pack.annex2),
        ("What people and courts may stop", pack.stops),
    ):
        lines += [f"### {heading}", "", "| code | is | asks | source | lawyer |", "|---|---|---|---|---|"]
        lines += [_statement(code, said) for code, said in table.items()]
        lines.append("")
    lines += [
        "### Reasons why the national data opt-out does not apply",
        "",
        "| reason | says |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {_cell(reason.says)} |" for name, reason in pack.opt_out.reasons.items()]
    return "\n".join([*lines, ""])


def _statement(code: str, said: Statement) -> str:
    name = getattr(said, "name", "")
    asks = "; ".join(_asks(said)) or "nothing more"
    mark = "**confirm**" if said.confirm_with_lawyer else "read"
    return f"| `{code}` | {_cell(name)} | {asks} | {_read(said)} | {mark} |"


def _read(said: Statement) -> str:
    """Return where the statement was read, and where it was read from which day it is law."""
    if not isinstance(said, InForce):
        return _cell(said.source)
    return f"{_cell(said.source)}. Commencement: {_cell(said.commencement.source)}"


def _from(said: InForce) -> str:
    """Return from which day it is law, or that nobody has read of one."""
    if said.in_force_from is not None:
        return f"from {said.in_force_from}" + (" (**day inferred**)" if said.day_inferred else "")
    expected = said.commencement.expected_from
    return "**not in force: no commencement read**" + (f" (expected {expected})" if expected else "")


def _asks(said: Statement) -> list[str]:
    paragraphs = getattr(said, "schedule1", [])
    asked = [each.replace("_", " ") for each in getattr(said, "needs", [])]
    asked += ["an appropriate policy document"] if getattr(said, "policy_document", False) else []
    asked += [f"an answer to {each}" for each in getattr(said, "tests", [])]
    asked += [f"one of {', '.join(paragraphs)}"] if paragraphs else []
    asked += [_from(said)] if isinstance(said, InForce) else []
    if isinstance(said, Basis):
        rights = [name for name, held in said.rights if held]
        asked += [f"rights to {', '.join(rights) or 'none of these'}"]
        asked += [] if said.standing else ["never a feed"]
    if isinstance(said, Provision):
        asked += [f"lies on {', '.join(said.conferred_on)}".replace("_", " ")]
        asked += [f"a party that is {', '.join(said.children_act2004)}"] if said.children_act2004 else []
    return asked
