"""Their columns and words into our fields and codes: declared in YAML, compiled to Polars, pure."""

from mappings.compile import Compiled, Mapped, compile_mapping
from mappings.disbelief import disbelieve
from mappings.errors import LookupRefused, MappingRefused
from mappings.load import Mapping, load_mapping
from mappings.lookups import Directory, Postcodes, bank_holidays, load_postcodes

__all__ = [
    "Compiled",
    "Directory",
    "LookupRefused",
    "Mapped",
    "Mapping",
    "MappingRefused",
    "Postcodes",
    "bank_holidays",
    "compile_mapping",
    "disbelieve",
    "load_mapping",
    "load_postcodes",
]
