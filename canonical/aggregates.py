"""What a flow of counts releases: figures that were made and protected before they left, about nobody."""

from datetime import date

from canonical.fields import Entity, field


class AggregateCount(Entity):
    """One named count of one financial quarter, protected before it left; no export gives it."""

    key = ("aggregate_count_id",)

    aggregate_count_id: str = field("key", "M", "N", "This count of this period, in its flow.")
    count_id: str = field("text", "M", "N", "Which count it is, by the name the assessment gives it.")
    label: str = field("text", "M", "N", "The count in words, as the assessment has it.")
    unit: str = field("code", "M", "N", "What was counted.", codes="count_unit")
    period: str = field("text", "M", "N", "The financial quarter, as 2022-23-Q1.")
    period_start: date = field("date", "M", "N", "First day of the period.")
    period_end: date = field("date", "M", "N", "Last day of the period.")
    value: int | None = field(
        "integer", "R", "N", "The number, rounded; blank where it is hidden.", standard="NHS HES; ONS SRS"
    )
    shown: str = field("code", "M", "N", "Whether the number is shown.", codes="count_shown")
    suppressed_below: int = field(
        "integer",
        "M",
        "N",
        "Numbers below this, none included, are hidden, and those of fewer people.",
    )
    rounded_to: int = field("integer", "M", "N", "A number that is shown is a multiple of this.")
