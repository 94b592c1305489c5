"""Alerts over a real mail server under TLS and a real webhook: one per problem, one for its recovery."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import alerting
from commands.alerting import Round, tell_of_problems
from common import clock, log
from config.alerts import AlertSettings, MailServer, QuietHours, settled_alerts
from config.alerts import Told as ToldSettings
from config.site import Site
from connectors.alert_ways import AlertNotSent, post_card, send_mail
from scheduler.alert_state import alerts_path
from scheduler.claims import Claim, write_claims
from scheduler.due import claims_path
from scheduler.health import look_at_health
from tests.alert_servers import PASSWORD, Hook, MailBox, dripping, mail_server, webhook
from tests.reliability.certificates import Authority
from tests.unit.scheduler.nights_by_clock import LONDON, Keeper, ran, site_at

SLOT = datetime(2026, 3, 2, 2, 30, tzinfo=LONDON)
MORNING = timedelta(hours=6)
DAY = timedelta(days=1)
ERRORS = {
    "E301": (20, "hub"),
    "E331": (22, "hub"),
    "E705": (11, None),
}


@dataclass
class Told:
    """A site whose people are told by a mail server and a webhook."""

    site: Site
    box: MailBox
    hook: Hook

    def night(self, at: datetime, *codes: str) -> None:
        """Write a run of every source that met these errors."""
        met = [
            {"code": code, "exit_code": ERRORS[code][0], "title": f"Title of {code}.", "remedy": "Do it.",
             "source": ERRORS[code][1], "flow": None}
            for code in codes
        ]  # fmt: skip
        sources = [{"source": name, "exports": {"people": {"read": 9}}} for name in self.site.sources]
        ran(self.site, at, *self.site.sources, met=met, sources=sources, exit_code=20 if met else 0)

    def tell(self, at: datetime) -> Round:
        """Tell what is news at the instant."""
        with clock.frozen(at):
            return tell_of_problems(self.site)

    @property
    def mails(self) -> list[tuple[str, str]]:
        """Return of each mail for whom it was and its heading, without the site's name."""
        return [
            (str(mail["To"]), str(mail["Subject"]).removeprefix("Viaduct, Test, ")) for mail in self.box.mails
        ]

    @property
    def headings(self) -> list[str]:
        """Return the headings of the cards."""
        return [card["attachments"][0]["content"]["body"][0]["text"] for card in self.hook.cards]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the file of an authority, and a certificate that it signed for the mail server."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    return authority.file, authority.certificate("mail")


@pytest.fixture
def told(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Told]:
    """Return a site of which IT, governance and the hub's provider are told."""
    with mail_server(certificate[1]) as box, webhook() as hook:
        yield Told(_site(tmp_path, certificate[0], box.port, hook.address), box, hook)


def _site(folder: Path, ca_file: Path, port: int, hook: str) -> Site:
    for name, secret in (("mail", PASSWORD), ("hook", hook)):
        path = folder / name
        path.write_text(secret, encoding="utf-8")
        path.chmod(0o600)
    said: dict[str, Any] = {
        "it": {"mail": ["it@council.example"], "webhook": "file:hook"},
        "governance": {"mail": ["ig@council.example"]},
        "providers": {"hub": {"mail": ["office@hub.example"]}},
        "mail_server": {
            "host": "127.0.0.1", "port": port, "sender": "viaduct@council.example", "user": "viaduct",
            "user_secret": "file:mail", "ca_file": str(ca_file), "wait_seconds": 2,
        },
        "link": "https://intranet.council.example/runbook/{exit_code}.html",
    }  # fmt: skip
    made = site_at(folder)
    write_claims(_made(claims_path(made)), dict.fromkeys(made.sources, Claim(SLOT - 100 * DAY)))
    return replace(made, alerts=settled_alerts(folder, AlertSettings.model_validate(said)))


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _set(told: Told, **changed: Any) -> None:
    settings = told.site.alerts
    assert settings is not None
    told.site = replace(told.site, alerts=settings.model_copy(update=changed))


def test_each_problem_is_told_once_to_whoever_can_act_and_once_that_it_is_over(told: Told) -> None:
    """The provider hears of its export, governance of a signature, IT of the source that is away; each hears
    of nobody else's, once, however often the round is made; and once that it is over.
    """
    told.night(SLOT, "E301", "E331", "E705")
    assert told.tell(SLOT + MORNING).sent == ["it/mail", "it/webhook", "governance/mail", "provider hub/mail"]
    assert told.mails == [
        ("it@council.example", "for it: 1 new (E301)"),
        ("ig@council.example", "for governance: 1 new (E705)"),
        ("office@hub.example", "for provider hub: 1 new (E331)"),
    ]
    assert told.headings == ["Viaduct, Test, for it: 1 new (E301)"]
    for minutes in (1, 30, 60):
        assert told.tell(SLOT + MORNING + timedelta(minutes=minutes)).sent == []
    told.night(SLOT + DAY, "E705")
    assert told.tell(SLOT + DAY + timedelta(minutes=5)).sent == ["it/mail", "it/webhook", "provider hub/mail"]
    assert told.mails[3:] == [
        ("it@council.example", "for it: 1 over (E301)"),
        ("office@hub.example", "for provider hub: 1 over (E331)"),
    ]
    assert told.tell(SLOT + DAY + MORNING + timedelta(minutes=1)).sent == ["governance/mail"]
    assert told.mails[5:] == [("ig@council.example", "for governance: 1 still so (E705)")]


def test_an_alert_holds_a_code_a_count_and_a_link_and_nothing_else_of_a_night(told: Told) -> None:
    """In the mail and in the card: no secret of the ways, no path of the machine, no name of a person."""
    told.night(SLOT, "E301")
    told.night(SLOT + DAY, "E301")
    told.tell(SLOT + DAY + MORNING)
    (mail,), (card,) = told.box.mails, told.hook.cards
    text = mail.get_content()
    assert "New: E301, source hub, since Mon 02 Mar 2026 02:30, 2. Title of E301. Do it." in text
    assert "E301: https://intranet.council.example/runbook/20.html" in text
    content = card["attachments"][0]["content"]
    assert (card["type"], content["type"], content["version"]) == ("message", "AdaptiveCard", "1.4")
    assert content["actions"][0]["url"] == "https://intranet.council.example/runbook/20.html"
    assert content["body"][1]["text"] in text
    everything = str(mail) + json.dumps(card) + alerts_path(told.site).read_text(encoding="utf-8")
    assert not {"secret-word", str(told.site.folder), PASSWORD} & {
        word for word in ("secret-word", str(told.site.folder), PASSWORD) if word in everything
    }


def test_in_quiet_hours_nobody_is_told_and_afterwards_nothing_is_missing(told: Told) -> None:
    """By London's clock, over midnight, in summer as in winter; what came and went meanwhile is not told."""
    _set(told, quiet_hours=QuietHours.model_validate({"from": "22:00", "until": "07:00"}))
    told.night(SLOT, "E301", "E705")
    assert told.tell(SLOT + timedelta(minutes=5)).quiet
    told.night(SLOT + timedelta(hours=1), "E301")
    for hour, minute, quiet in ((6, 59, True), (7, 0, False)):
        assert told.tell(SLOT.replace(hour=hour, minute=minute)).quiet is quiet
    assert told.mails == [("it@council.example", "for it: 1 new (E301)")]
    summer = datetime(2026, 7, 1, 6, 59, tzinfo=LONDON)
    assert told.tell(summer).quiet
    assert told.tell(datetime(2026, 7, 1, 22, 0, tzinfo=LONDON)).quiet


def test_a_mail_server_that_fails_is_told_by_the_other_way_and_made_good(
    told: Told, certificate: tuple[Path, Path]
) -> None:
    """It fails no run; health names it (H107), the webhook says so, and when the server is back the same news
    leaves, once.
    """
    port = told.box.port
    settings = told.site.alerts
    assert settings is not None
    dead = replace(told.site, alerts=_at_port(settings, 1))
    told.night(SLOT, "E301")
    with clock.frozen(SLOT + MORNING):
        first = tell_of_problems(dead)
    assert (first.sent, [error.code for error in first.errors]) == (["it/webhook"], ["E931"])
    with clock.frozen(SLOT + MORNING + timedelta(minutes=15)):
        (named,) = (one for one in look_at_health(dead).problems if one.code == "H107")
        assert (named.about, named.count, named.exit_code) == ("it/mail", 1, 50)
        assert tell_of_problems(dead).sent == ["it/webhook"]
        assert [error.code for error in tell_of_problems(dead).errors] == ["E931"]
    assert told.headings[1:] == ["Viaduct, Test, for it: 1 new (H107)"]
    assert told.box.port == port
    assert told.tell(SLOT + MORNING + timedelta(minutes=30)).sent == ["it/mail"]
    assert told.mails == [("it@council.example", "for it: 1 new (E301)")]
    assert told.tell(SLOT + MORNING + timedelta(minutes=45)).sent == ["it/webhook"]
    assert told.headings[2:] == ["Viaduct, Test, for it: 1 over (H107)"]


def _at_port(settings: AlertSettings, port: int) -> AlertSettings:
    assert settings.mail_server is not None
    return settings.model_copy(update={"mail_server": settings.mail_server.model_copy(update={"port": port})})


def test_a_recipient_who_is_refused_is_named_by_number_and_what_the_server_says_is_not_repeated(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody but the settings holds an address; the words of a server stand in no error."""
    told.box.refuse.add("it@council.example")
    told.night(SLOT, "E301")
    (error,) = told.tell(SLOT + MORNING).errors
    assert isinstance(error, AlertNotSent)
    assert "talks too much" not in str(error) + capsys.readouterr().err
    assert "it@council.example" not in str(error)


@pytest.mark.parametrize("kind", ["no STARTTLS", "a stranger's certificate"])
def test_nothing_is_handed_to_a_mail_server_that_does_not_prove_itself(
    tmp_path: Path, certificate: tuple[Path, Path], kind: str
) -> None:
    """Neither the password nor the alert: it is refused before the sign-in."""
    stranger = Authority(tmp_path, "stranger").certificate("other")
    with mail_server(None if kind == "no STARTTLS" else stranger) as box, webhook() as hook:
        told = Told(_site(tmp_path, certificate[0], box.port, hook.address), box, hook)
        told.night(SLOT, "E705")
        (error,) = told.tell(SLOT + MORNING).errors
        assert ("STARTTLS" if kind == "no STARTTLS" else "does not prove who it is") in error.where
    assert box.mails == []


def test_a_webhook_that_says_no_is_tried_again_and_its_address_is_told_nobody(told: Told) -> None:
    """The address is a secret: the error and the state know the way by its name alone."""
    told.hook.status = 400
    told.night(SLOT, "E301")
    found = told.tell(SLOT + MORNING)
    (error,) = found.errors
    assert (found.sent, "it answered 400" in error.where) == (["it/mail"], True)
    assert "secret-word" not in str(error) + alerts_path(told.site).read_text(encoding="utf-8")
    told.hook.status = 200
    assert told.tell(SLOT + MORNING + timedelta(minutes=1)).sent == ["it/mail", "it/webhook"]
    assert told.headings == ["Viaduct, Test, for it: 1 new (E301)"]
    assert told.mails[1:] == [("it@council.example", "for it: 1 new (H107)")]


@pytest.mark.parametrize("over", [False, True])
def test_killed_after_the_mail_left_it_leaves_again_under_the_same_name(
    told: Told, monkeypatch: pytest.MonkeyPatch, *, over: bool
) -> None:
    """Between the server's yes and our note of it lies a moment: killed there, the next round sends the same
    Message-ID, which mail systems show once. No recovery is lost, and nothing is told a third time.
    """
    _set(told, it=ToldSettings(mail=["it@council.example"]))
    told.night(SLOT, "E301")
    if over:
        told.tell(SLOT + MORNING)
        told.night(SLOT + DAY)
    at = SLOT + (DAY if over else 0 * DAY) + MORNING
    before = len(told.box.mails)
    _kill_before_the_note(told, at, monkeypatch)
    assert told.tell(at + timedelta(minutes=1)).sent == ["it/mail"]
    assert told.tell(at + timedelta(minutes=2)).sent == []
    first, second = told.box.mails[before:]
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()


def _kill_before_the_note(told: Told, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("scheduler.alert_state.write_alerts", killed)
        with pytest.raises(KeyboardInterrupt):
            told.tell(at)


def test_what_is_tried_again_by_itself_is_told_once_nobody_tries_any_more(told: Told) -> None:
    """A source that is away for ten minutes wakes nobody; by the morning somebody is told."""
    Keeper(told.site, fails=[{"hub"}]).look(SLOT)
    path = max((told.site.var / "runs").glob("*.json"))
    summary = json.loads(path.read_bytes())
    met = {"code": "E301", "exit_code": 20, "title": "T.", "remedy": "R.", "source": "hub", "flow": None}
    path.write_text(json.dumps(summary | {"met": [met]}), encoding="utf-8")
    with clock.frozen(SLOT + timedelta(minutes=10)):
        (one,) = look_at_health(told.site).problems
    assert (one.code, one.passing) == ("E301", True)
    assert told.tell(SLOT + timedelta(minutes=10)).sent == []
    told.tell(SLOT + MORNING)
    assert "E301" in told.mails[0][1]


def test_a_problem_that_goes_and_comes_again_between_two_rounds_is_told_anew(told: Told) -> None:
    """Nobody looked on the good night between: the second is another problem, not the first that lasts."""
    told.night(SLOT, "E301")
    told.tell(SLOT + MORNING)
    told.night(SLOT + DAY)
    told.night(SLOT + DAY + timedelta(hours=1), "E301")
    told.tell(SLOT + DAY + timedelta(hours=2))
    assert told.mails == [("it@council.example", "for it: 1 new (E301)")] * 2


def test_far_fewer_records_night_after_night_are_one_problem_and_one_recovery(told: Told) -> None:
    """It lasts since the first of those nights, each beside its own weekday; that it is over is told once."""
    _set(told, again_after_hours=24 * 7)
    for day in range(33):
        few = 28 <= day < 32
        counts = {name: 100 if few and name == "hub" else 1000 for name in told.site.sources}
        sources = [{"source": name, "exports": {"people": {"read": read}}} for name, read in counts.items()]
        ran(told.site, SLOT + day * DAY, *told.site.sources, sources=sources)
        if day >= 28:
            told.tell(SLOT + day * DAY + MORNING)
    wanted = [("office@hub.example", f"for provider hub: 1 {word} (H104)") for word in ("new", "over")]
    assert told.mails == wanted


def test_a_note_that_cannot_be_read_tells_again_rather_than_never(told: Told) -> None:
    """A damaged file of what was told begins anew."""
    told.night(SLOT, "E301")
    told.tell(SLOT + MORNING)
    alerts_path(told.site).write_text('{"told": {"it/mail": 7}}', encoding="utf-8")
    assert told.tell(SLOT + MORNING).sent == ["it/mail", "it/webhook"]


def test_two_rounds_at_once_tell_once(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one process is at it, another leaves it alone."""
    told.night(SLOT, "E301")
    inner: list[Round] = []
    send: Callable[..., None] = alerting._send

    def twice(*given: Any) -> None:
        inner.append(told.tell(SLOT + MORNING))
        send(*given)

    monkeypatch.setattr(alerting, "_send", twice)
    told.tell(SLOT + MORNING)
    assert [one.busy for one in inner] == [True, True]
    assert len(told.mails) == 1


def test_a_disk_that_refuses_the_note_keeps_no_way_from_its_news(told: Told) -> None:
    """Where what was told cannot be written down, everybody is told all the same, and told again."""
    alerts_path(told.site).mkdir(parents=True)
    told.night(SLOT, "E301", "E331", "E705")
    everybody = ["it/mail", "it/webhook", "governance/mail", "provider hub/mail"]
    assert told.tell(SLOT + MORNING).sent == everybody
    assert told.tell(SLOT + MORNING + timedelta(minutes=15)).sent == everybody


def test_what_nobody_foresaw_of_one_way_is_a_problem_of_that_way_alone(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other ways are told, and health names the one that failed."""
    send: Callable[..., None] = alerting._send

    def broken(settings: AlertSettings, route: str, *more: Any) -> None:
        if route == "it/mail":
            raise TypeError("a fault of ours")
        send(settings, route, *more)

    monkeypatch.setattr(alerting, "_send", broken)
    told.night(SLOT, "E301", "E705")
    assert told.tell(SLOT + MORNING).sent == ["it/webhook", "governance/mail"]
    with clock.frozen(SLOT + MORNING):
        assert [one.about for one in look_at_health(told.site).problems if one.code == "H107"] == ["it/mail"]


def test_what_nobody_foresaw_of_a_look_fails_no_run(told: Told, tmp_path: Path) -> None:
    """The log has its class and nothing of what it says."""
    ran(told.site, SLOT, *told.site.sources, met=[{"secret-word": 1}])
    log.configure(tmp_path / "viaduct.jsonl")
    try:
        assert told.tell(SLOT + MORNING).sent == []
    finally:
        log.shut()
    (line,) = (tmp_path / "viaduct.jsonl").read_text(encoding="utf-8").splitlines()
    assert (json.loads(line)["event"], json.loads(line)["error_class"]) == ("alerts_failed", "KeyError")
    assert "secret-word" not in line


SILENCE = 0.3
DRIPS = {
    "mail": (b"220-hi\r\n", b"220-x\r\n"),
    "encryption": (b"220 hi\r\n250-hi\r\n250 STARTTLS\r\n220 go\r\n", b"\x16\x03\x03\x00\x01\x00"),
    "webhook": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9999\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize("way", DRIPS)
def test_a_server_that_drips_holds_nobody_up_beyond_three_of_its_silences(way: str) -> None:
    """It is never silent, so no time-out of a socket ends it; the alert is given up all the same, and its
    line is cut: no thread and no open file of it stays behind.
    """
    with dripping(*DRIPS[way]) as port:
        began, before = time.monotonic(), _at_work()
        with pytest.raises(AlertNotSent, match="it took too long"):
            _send_to(port, way)
        assert SILENCE < time.monotonic() - began < 3
        while _at_work() != before - 1 and time.monotonic() - began < 5:
            time.sleep(0.02)
        assert _at_work() == before - 1, "but for the server, which has hung up"


def _at_work() -> int:
    """Return how many threads and open files this process has."""
    return threading.active_count() + len(list(Path("/proc/self/fd").iterdir()))


def _send_to(port: int, way: str) -> None:
    if way in ("webhook", "redirect"):
        post_card(f"http://127.0.0.1:{port}/hook", {}, SILENCE)
        return
    server = MailServer(host="127.0.0.1", port=port, sender="a@b.example", wait_seconds=5)
    send_mail(server.model_copy(update={"wait_seconds": SILENCE}), ["c@d.example"], "name", "heading", "text")
