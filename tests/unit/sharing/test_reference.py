"""What is written about the format is what the loader does."""

import json
import re
from pathlib import Path

from canonical import spec
from sharing.deciding import REASONS
from sharing.document import DpiaFile
from sharing.reference import json_schema_text
from sharing.vocabulary import Action
from sharing.words import lines
from tests.unit.sharing.records import flow

PAGE = "\n".join(
    Path(f"docs/reference/{name}.md").read_text(encoding="utf-8") for name in ("dpia-format", "dpia-file")
)


def test_every_block_action_and_reason_is_on_the_page() -> None:
    """The page names each top-level key of the file, each action, and each reason a record may be given."""
    keys = json.loads(json_schema_text())["properties"]
    told = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    assert set(keys) <= told
    assert {action.value for action in Action} <= told
    reasons = {reason.split(":")[0] for reason in REASONS.to_list() if reason}
    assert reasons <= {word.split(":")[0] for word in told}


def test_the_page_shows_the_grammar_that_the_parser_states() -> None:
    """The grammar stands once in the parser's docstring; the page repeats it line by line."""
    stated = Path("sharing/conditions.py").read_text(encoding="utf-8").split('"""')[1]
    for line in (line.strip() for line in stated.splitlines() if " = " in line):
        assert line in PAGE


def test_a_flow_can_be_read_as_plain_lines() -> None:
    """Each field of the flow has a line with its treatment and its why; nothing else is needed to read it."""
    read = "\n".join(lines(flow("commissioning").describe()))
    assert "birth_date only as birth_year_month" in read
    assert "Not for: decisions about one person" in read
    for entity, columns in flow("commissioning").released_columns.items():
        assert f"Of each {entity.replace('_', ' ')}:" in read
        assert all(re.search(rf"\b{column}\b", read) for column in columns)
        assert spec(entity).key[0] in read


def test_the_models_refuse_what_they_do_not_know() -> None:
    """No block of the file lets an unknown key pass."""

    def closed(schema: dict[str, object]) -> bool:
        return schema.get("additionalProperties") is False

    schema = DpiaFile.model_json_schema(by_alias=True)
    assert closed(schema)
    assert all(closed(each) for each in schema["$defs"].values() if each.get("type") == "object")
