"""Write the reference pages and schemas that are made from the entities: `python -m canonical.generate`.

A test asks that the files in docs/reference/ are what this makes today.
"""

import json
from pathlib import Path

from canonical.dictionary import dictionary_page
from canonical.entities import ENTITIES
from canonical.json_schema import json_schema
from canonical.sql import duckdb_sql, postgres_sql

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
SQL_HEAD = "-- Made by `python -m canonical.generate`; change the code, not this file.\n"


def generated() -> dict[str, str]:
    """Return every generated file as path under docs/reference and text."""
    files = {"data-dictionary.md": dictionary_page()}
    for entity in ENTITIES:
        text = json.dumps(json_schema(entity), ensure_ascii=False, indent=2)
        files[f"schema/{entity}.json"] = f"{text}\n"
    files["sql/duckdb.sql"] = "\n".join([SQL_HEAD, *(duckdb_sql(entity) for entity in ENTITIES)])
    files["sql/postgresql.sql"] = "\n".join([SQL_HEAD, *(postgres_sql(entity) for entity in ENTITIES)])
    return files


def write(folder: Path = FOLDER) -> None:
    """Write every generated file under the folder."""
    for name, text in generated().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
