"""The DPIA format as JSON Schema, for editors and for whoever reads the file with another program."""

import json
from typing import Any

from sharing.document import DpiaFile

TITLE = "Viaduct DPIA file, version 1.0"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file. It says what is well-formed; the loader asks far more."""
    schema = DpiaFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": TITLE}


def json_schema_text() -> str:
    """Return the schema as it stands in docs/reference/dpia.schema.json."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
