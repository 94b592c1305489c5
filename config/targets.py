"""What may be agreed with a provider: a figure of the feed, and from where on it is as agreed."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.ground import Settings

FigureId = Annotated[str, Field(pattern=r"^K[0-9]{2}[a-z]?(\.[a-z0-9_]+)?$")]


class Target(Settings):
    """One agreed target: at most or at least so much; the statistic is left out where there is one alone."""

    statistic: Literal["count", "percent", "ratio", "median", "p90", "mean"] | None = None
    at_most: float | None = Field(default=None, allow_inf_nan=False)
    at_least: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_one_bound(self) -> Self:
        """Errors: ValueError for none, or for both."""
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a target is at_most or at_least a number: one of the two")
        return self

    @property
    def bound(self) -> float:
        """Return the number itself."""
        return self.at_most if self.at_most is not None else self.at_least or 0.0

    @property
    def words(self) -> str:
        """Return the target in words."""
        return f"at {'most' if self.at_most is not None else 'least'} {self.bound:g}"

    def is_met_by(self, value: float) -> bool:
        """Return whether the number is as agreed."""
        return value <= self.bound if self.at_most is not None else value >= self.bound
