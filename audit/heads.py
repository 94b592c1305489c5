"""The head of a leaf: the few words that name and order it, read without making anything of the rest.

Most of a log is what its batches say of fields and counts. Whoever looks for somebody, or only goes on from
where the log stands, needs the heads of all leaves and the whole of few.
"""

from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core import core_schema as schema

from audit.kept import LEAVES, broken


def _of(fields: dict[str, schema.CoreSchema], *, needed: bool) -> schema.CoreSchema:
    said = {name: schema.typed_dict_field(kind, required=needed) for name, kind in fields.items()}
    return schema.typed_dict_schema(said, extra_behavior="ignore", total=needed)


TEXT, NUMBER = schema.str_schema(strict=True), schema.int_schema(strict=True)
ALWAYS = {"kind": TEXT, "identity": TEXT, "run": TEXT, "at": TEXT}
SOMETIMES = {
    "flow": TEXT,
    "seq": NUMBER,
    "number": NUMBER,
    "manifest_sha256": TEXT,
    "receipt_sha256": TEXT,
    "dpia": schema.nullable_schema(_of({"sha256": TEXT}, needed=True)),
    "files": schema.list_schema(_of({"operation": TEXT}, needed=True)),
    "people": _of({"leaves": NUMBER, "root": TEXT}, needed=True),
}
HEAD = SchemaValidator(
    schema.typed_dict_schema(
        {name: schema.typed_dict_field(kind) for name, kind in ALWAYS.items()}
        | {name: schema.typed_dict_field(kind, required=False) for name, kind in SOMETIMES.items()},
        extra_behavior="ignore",
    )
)


def head_of(line: str, number: int) -> dict[str, Any]:
    """Return the head of the leaf on the line. Errors: DisclosureLogBroken, where it is no leaf of ours.

    Returns: of the leaf's own keys those of ALWAYS, and those of SOMETIMES that it has.
    """
    try:
        head: dict[str, Any] = HEAD.validate_json(line)
    except ValueError:
        pass
    else:
        return head
    raise broken(f"{LEAVES}, line {number}: not a leaf of ours.")
