"""What may be set about one list of a REST API: which fields are asked for, how records are counted."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
ListPath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}(/[A-Za-z0-9_]{1,64})?$")]
DictionaryPath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}(/[A-Za-z0-9_]{1,64}){0,2}$")]


class RestRequest(BaseModel):
    """One list: what of it is asked for. Nothing else of a record is ever sent to us."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    path: ListPath = Field(description="Below the address: clients, extension_database/wellbeing.")
    fields: list[FieldName] = Field(min_length=1, max_length=300, description="The columns of the export.")
    id: FieldName = Field(default="id", description="The field that tells records apart.")
    dictionaries: dict[FieldName, DictionaryPath] = Field(
        default_factory=dict, description="Field to the dictionary of its ids."
    )
    objects: list[FieldName] = Field(
        default_factory=list, description="Fields whose value may be an object; its keys are ids."
    )
    count_by: FieldName | None = Field(
        default=None, description="A dimension that every record has; its counts are held against what came."
    )
    date_filter: FieldName | None = Field(
        default=None, description="The filter by which the list is read in windows of days."
    )
    window_days: int = Field(default=92, ge=1, le=3660)
    owner_filter: FieldName | None = Field(
        default=None, description="The filter that takes ids of clients, for nights that read a part."
    )

    active_fields: list[FieldName] = Field(
        default_factory=list, description="Days; a late one has the client read on a night that reads a part."
    )

    @model_validator(mode="after")
    def _named_fields_are_asked_for(self) -> Self:
        named = {"id": [self.id], "dictionaries": list(self.dictionaries), "objects": self.objects}
        for key, names in named.items():
            for name in names:
                if name not in self.fields:
                    raise ValueError(f"{key}: {name} is not among the fields")
        if len(set(self.fields)) < len(self.fields):
            raise ValueError("fields: a field stands there twice")
        return self
