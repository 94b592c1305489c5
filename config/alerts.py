"""Who is told of problems, by which way, and when not: the `alerts` of site.yaml."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.paths import misplaced
from config.problems import Place, Problem
from config.secrets import Secret, SecretReference

MOMENT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
LINK = re.compile(r"https://[^\s/@]+(/[^\s@]*)?")


def _moment(said: object) -> time:
    if isinstance(said, str) and MOMENT.fullmatch(said):
        return time.fromisoformat(said)
    raise ValueError('write a time of day as "HH:MM", in quotation marks')


def _address(said: str) -> str:
    if not ADDRESS.fullmatch(said):
        raise ValueError("write an e-mail address, name@place.example")
    return said


def _link(said: str) -> str:
    if not LINK.fullmatch(said):
        raise ValueError("write an https address; {code} and {exit_code} in it are filled in")
    return said


def _page(said: str) -> str:
    if not LINK.fullmatch(said):
        raise ValueError("write an https address")
    return said


Moment = Annotated[time, BeforeValidator(_moment)]
Address = Annotated[str, AfterValidator(_address)]
HttpsLink = Annotated[str, AfterValidator(_page)]


S = TypeVar("S", "MailServer", "Told")


class _Settings(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class QuietHours(_Settings):
    """From when until when nobody is told; over midnight where `until` is the earlier."""

    begin: Moment = Field(alias="from")
    until: Moment

    def cover(self, at: datetime, zone: str) -> bool:
        """Return whether the instant falls into them, by the site's clock on the wall."""
        local = at.astimezone(ZoneInfo(zone)).time()
        if self.begin <= self.until:
            return self.begin <= local < self.until
        return local >= self.begin or local < self.until


class MailServer(_Settings):
    """The mail server; it must offer STARTTLS and prove its name, else nothing is sent to it."""

    host: str = Field(pattern=r"^[A-Za-z0-9.:-]{1,255}$", description="Its name, as its certificate has it.")
    port: int = Field(default=587, ge=1, le=65_535)
    sender: Address
    user: str | None = Field(default=None, min_length=1, max_length=200)
    user_secret: Secret | None = None
    ca_file: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="The certificates that the server's own must come from (PEM).",
    )
    wait_seconds: int = Field(default=20, ge=1, le=120, description="The longest silence of the server.")

    @model_validator(mode="after")
    def _whole_account(self) -> Self:
        if (self.user is None) != (self.user_secret is None):
            raise ValueError("write user and user_secret, or neither")
        return self


class Told(_Settings):
    """By which ways somebody is told: mail, a Teams-style webhook, or both."""

    mail: list[Address] = Field(default_factory=list, max_length=20)
    webhook: Secret | None = Field(default=None, description="Its address, which is a secret.")


class AlertSettings(_Settings):
    """Alerts: one per problem and one for its recovery, to whom can act."""

    it: Told
    governance: Told = Field(default=Told(), description="Without a way of its own IT is told.")
    providers: dict[str, Told] = Field(
        default_factory=dict, description="By provider; of one that is not named IT is told."
    )
    mail_server: MailServer | None = None
    quiet_hours: QuietHours | None = None
    again_after_hours: int = Field(
        default=24, ge=1, le=24 * 31, description="A problem that lasts is told again after so long."
    )
    link: Annotated[str, AfterValidator(_link)] | None = Field(
        default=None, description="Where the runbook is read; {code} and {exit_code} are filled in."
    )

    @property
    def again_after(self) -> timedelta:
        """Return after how long a problem that lasts is told again."""
        return timedelta(hours=self.again_after_hours)

    @model_validator(mode="after")
    def _reaches_somebody(self) -> Self:
        everybody = (self.it, self.governance, *self.providers.values())
        if not self.it.mail and self.it.webhook is None:
            raise ValueError("it: write mail or webhook, so that somebody is told")
        if self.mail_server is None and any(told.mail for told in everybody):
            raise ValueError("mail_server: it is needed where anybody is told by mail")
        return self


def settled_alerts(folder: Path, said: AlertSettings | None) -> AlertSettings | None:
    """Return the settings with every path whole."""
    if said is None:
        return None
    server = said.mail_server and settled_server(folder, said.mail_server)
    told = {"it": _within(folder, said.it), "governance": _within(folder, said.governance)}
    providers = {name: _within(folder, one) for name, one in said.providers.items()}
    return said.model_copy(update={**told, "providers": providers, "mail_server": server})


def settled_server(folder: Path, said: MailServer) -> MailServer:
    """Return the mail server's settings with every path whole."""
    file = (folder / said.ca_file).as_posix() if said.ca_file is not None else None
    return _within(folder, said).model_copy(update={"ca_file": file})


def alert_problems(
    folder: Path, said: AlertSettings | None, place: Place, known: set[str] | None
) -> Iterator[Problem]:
    """Yield what no setting by itself shows: a provider that is not there, a file that is not there."""
    named = set(said.providers) if said is not None and known is not None else set()
    for name in sorted(named - (known or set())):
        yield place.problem(f"alerts.providers: {name} is not in providers.yaml.", "alerts", "providers")
    ca_file = said.mail_server.ca_file if said is not None and said.mail_server is not None else None
    if ca_file is not None and (why := misplaced(folder, ca_file)):
        yield place.problem(f"alerts.mail_server.ca_file: {why}", "alerts", "mail_server", "ca_file")


def each_secret(said: AlertSettings | None) -> Iterator[tuple[str, SecretReference]]:
    """Yield each secret that the settings refer to, by where it stands in them."""
    if said is None:
        return
    if said.mail_server is not None and said.mail_server.user_secret is not None:
        yield "mail_server.user_secret", said.mail_server.user_secret
    everybody = {"it": said.it, "governance": said.governance}
    everybody |= {f"providers.{name}": told for name, told in said.providers.items()}
    for name, told in everybody.items():
        if told.webhook is not None:
            yield f"{name}.webhook", told.webhook


def _within(folder: Path, said: S) -> S:
    secrets = {name: value.within(folder) for name, value in said if isinstance(value, SecretReference)}
    return said.model_copy(update=secrets)
