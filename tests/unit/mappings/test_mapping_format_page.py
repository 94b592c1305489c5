"""The page on the format of a mapping says what the format is."""

import re
from pathlib import Path

from mappings import load_mapping
from mappings.dates import TOKENS
from mappings.fields import FITS, OPTIONS, OWN_FIELDS
from mappings.model import EntityMapping, FieldMapping, MappingFile, Reference, RowKinds, When

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "mapping-format.md").read_text(encoding="utf-8")


def test_the_example_on_the_page_is_a_mapping(tmp_path: Path) -> None:
    """The YAML that is printed loads."""
    printed = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert printed is not None
    path = tmp_path / "printed.yaml"
    path.write_text(printed[1], encoding="utf-8")
    assert load_mapping(path).name == "sample_referrals"


def test_every_converter_stands_on_the_page_with_its_kinds() -> None:
    """No converter is missing, and each says for which kinds of field it is."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| ([a-z, ]+) \|", PAGE)
    assert dict(rows) == {name: ", ".join(sorted(kinds)) for name, kinds in FITS.items()}


def test_every_key_stands_on_the_page() -> None:
    """Each key of the file, of an entity and of a field is named."""
    models = (MappingFile, Reference, RowKinds, EntityMapping, When, FieldMapping)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    keys |= {name for own in OWN_FIELDS.values() for name in own} | set(TOKENS)
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()
    assert set().union(*OPTIONS.values()) <= keys
