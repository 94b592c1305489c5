"""What we agree a record is: the entities, their fields, and the code lists they use."""

from canonical.entities import ENTITIES, spec
from canonical.fields import EntitySpec, FieldSpec, Kind, Need, Sensitivity

__all__ = ["ENTITIES", "EntitySpec", "FieldSpec", "Kind", "Need", "Sensitivity", "spec"]
