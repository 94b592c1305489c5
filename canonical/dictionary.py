"""The data dictionary: every entity, field and code list, as a page."""

from collections.abc import Iterator

from canonical.entities import ENTITIES, spec
from canonical.fields import EntitySpec, FieldSpec, Need, Sensitivity
from canonical.lists import code_lists, code_source, codes

MADE = "<!-- Made by `python -m canonical.generate`; change the code, not this page. -->"
NEEDS = {
    Need.MANDATORY: "always",
    Need.REQUIRED: "where known",
    Need.OPTIONAL: "optional",
    Need.DERIVED: "worked out",
}
SENSITIVITIES = {
    Sensitivity.NONE: "not personal",
    Sensitivity.IDENTIFIER: "identifies directly",
    Sensitivity.PERSONAL: "personal",
    Sensitivity.SPECIAL: "special category (UK GDPR Art. 9)",
    Sensitivity.OFFENCE: "criminal offence (UK GDPR Art. 10)",
    Sensitivity.SAFEGUARDING: "safeguarding: may endanger somebody",
}


def dictionary_page() -> str:
    """Return docs/reference/data-dictionary.md."""
    lines = [
        "# Data dictionary",
        "",
        MADE,
        "",
        "What Viaduct agrees a record is. A field leaves only if a flow of the assessment names it:",
        "this page says what there is, not what is sent. Keys are the source's own references until",
        "they are released, then UUIDs.",
        "",
        "`child_review`, `child_score`, `early_help_episode` and `directory_service` are agreed, so that",
        "they can be checked; no mapping of the example fills them and no flow names them, so nothing of",
        "them leaves. `aggregate_count` no export gives either: Viaduct counts it, for a flow of counts.",
        "Three things are no records and are not here: a submission (what was pulled, when,",
        "how many rows) stands in the run's summary, what the assessment decides stands in the assessment,",
        "and what is wrong with a record is a finding. Each has one home; a second one would come to differ.",
        "",
        "Needed: *always*; *where known* or where it applies; *optional*; *worked out* by Viaduct itself.",
        "",
        "| sensitivity | means |",
        "|---|---|",
        *(f"| {mark.value} | {meaning} |" for mark, meaning in SENSITIVITIES.items()),
        "",
    ]
    for entity in ENTITIES:
        lines += _entity(spec(entity))
    lines += ["## Code lists", "", *_lists()]
    return "\n".join(lines).rstrip() + "\n"


def _entity(entity: EntitySpec) -> list[str]:
    parents = ", ".join(f"{parent} (`{link}`)" for link, parent in entity.parents.items())
    return [
        f"## {entity.name}",
        "",
        entity.description,
        "",
        f"Key: `{', '.join(entity.key)}`." + (f" Goes only with its {parents}." if parents else ""),
        "",
        "| field | holds | needed | sensitivity | codes or link | what it is | standard |",
        "|---|---|---|---|---|---|---|",
        *(_field(field) for field in entity.fields.values()),
        "",
    ]


def _field(field: FieldSpec) -> str:
    link = f"[{field.codes}](#{field.codes})" if field.codes else ""
    link = f"→ {field.references}" if field.references else link
    cells = (field.name, field.kind.value, NEEDS[field.need], field.sensitivity.value, link)
    return "| " + " | ".join((*cells, field.description, field.standard)) + " |"


def _lists() -> Iterator[str]:
    used = {field.codes for entity in ENTITIES for field in spec(entity).fields.values()}
    for name in code_lists():
        if name not in used:
            continue
        yield from (f"### {name}", "", f"Source: {code_source(name)}", "", "| code | label |", "|---|---|")
        yield from (f"| {code} | {label} |" for code, label in codes(name).items())
        yield ""
