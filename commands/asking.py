"""Ask each provider to mend: this week's list, the worklist in its drop, a notice by mail.

What one provider's drop or mail meets is not the others', and nothing of it fails a run.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from commands import say
from common import clock, log
from common.errors import ViaductError, met
from common.files import private_folder
from config.site import Site

if TYPE_CHECKING:
    from commands.asked_lists import Ask
    from reports.notice import Notice
    from scheduler.worklist_state import WorklistState

LOG = log.get("commands")


@dataclass
class AskRound:
    """What one round of asking came to: whose worklist was laid, who was written to, and the errors met."""

    laid: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    errors: list[ViaductError] = field(default_factory=list)
    busy: bool = False


def ask_providers(site: Site) -> AskRound:
    """Ask every provider, once a run has settled what is found; what cannot be done now is done next time."""
    return _round(site, _lists, _lay, _notify)


def notify_providers(site: Site) -> AskRound:
    """Write to those whom quiet hours or a mail server kept from their notice; lay nothing."""
    if site.findings.notices is None or not site.pulls:
        return AskRound()
    return _round(site, _notify)


Step = Callable[[Site, "Ask", "WorklistState", AskRound], None]


def _round(site: Site, *steps: Step) -> AskRound:
    """Take every provider through the steps; where another process is at it, leave it to that one."""
    done = AskRound()
    try:
        with FileLock(private_folder(site.var / "state") / "worklists.lock", timeout=0):
            _each(site, done, steps)
    except Timeout:
        done.busy = True
    except Exception as error:  # noqa: BLE001 - nothing that is asked after a run may fail it
        _note(done, error, "worklists")
    return done


def _each(site: Site, done: AskRound, steps: tuple[Step, ...]) -> None:
    from commands.asked_lists import asks
    from scheduler.worklist_state import read_state

    state = read_state(site)
    for ask in asks(site):
        for step in steps:
            try:
                step(site, ask, state, done)
            except Exception as error:  # noqa: BLE001 - as above
                _note(done, error, f"worklist of {ask.provider}")


def _note(done: AskRound, error: Exception, place: str) -> None:
    LOG.error("asking_failed", error=error)
    done.errors.append(met(error, place))


def _lists(_site: Site, ask: "Ask", _state: "WorklistState", _done: AskRound) -> None:
    ask.choose()


def _lay(site: Site, ask: "Ask", state: "WorklistState", done: AskRound) -> None:
    """Lay the worklist into the provider's drop, unless what it says lies there already."""
    from scheduler.worklist_state import DROP, Laid

    name = ask.provider
    if site.providers[name].worklist.drop is None:
        return
    digest, before = ask.digest(), state.laid.get(name)
    if before is not None and before.digest == digest:
        return
    try:
        files = ask.files()
        _into_drop(site, name, files, before.files if before else ())
    except Exception as error:
        state.failed(name, DROP, clock.now())
        _write_down(site, state)
        raise error from None
    state.laid[name] = Laid(digest, tuple(sorted(files)), clock.now())
    state.went_well(name, DROP)
    _write_down(site, state)
    done.laid.append(name)


def _into_drop(site: Site, name: str, files: Mapping[str, bytes], before: tuple[str, ...]) -> None:
    from connectors.provider_drop import ProviderFiles
    from connectors.registry import open_drop

    drop = open_drop(site.providers[name].worklist, name, site.name, site.folder)
    if drop is not None:
        with closing(drop):
            drop.lay(ProviderFiles(name, dict(files)), gone=before)


def _notify(site: Site, ask: "Ask", state: "WorklistState", done: AskRound) -> None:
    """Write to the provider's people, if something is new and they may be written to now."""
    from scheduler.worklist_state import DROP, MAIL

    settings, name, now = site.findings.notices, ask.provider, clock.now()
    provider = site.providers[name]
    if settings is None or provider.notices.off or DROP in state.failing.get(name, {}):
        return
    quiet = settings.quiet_hours is not None and settings.quiet_hours.cover(now, site.time_zone)
    last = state.noticed.get(name)
    if quiet or (last is not None and (now - last).days < settings.rest_days):
        return
    notice = ask.notice()
    if notice is None:
        return
    try:
        refused = _sent(site, ask.provider, notice, state)
    except Exception as error:
        state.failed(name, MAIL, now)
        _write_down(site, state)
        raise error from None
    ask.told(notice)
    state.noticed[name] = now
    if refused is None:
        state.went_well(name, MAIL)
        done.noticed.append(name)
    else:
        state.failed(name, MAIL, now)
        done.errors.append(refused)
    _write_down(site, state)


def _sent(site: Site, name: str, notice: "Notice", state: "WorklistState") -> ViaductError | None:
    """Send the notice to each address that has not got it; return the refusal of one, where others took it.

    Errors: NoticeNotSent, where it is to be tried again; those of secrets.
    """
    from connectors.notice_mail import AddressRefused, Letter, address_digest, send_notice

    settings, provider = site.findings.notices, site.providers[name]
    assert settings is not None  # noqa: S101 - whoever calls has looked
    server = settings.mail_server or (site.alerts.mail_server if site.alerts else None)
    assert server is not None  # noqa: S101 - the site would not have loaded
    known, had = state.sent.get(name, ("", ()))
    got, refused = list(had) if known == notice.name else [], None
    for address in provider.notices.to(provider.contact):
        if address_digest(address) in got:
            continue
        try:
            send_notice(server, address, Letter(notice.name, notice.heading, notice.text), settings.reply_to)
        except AddressRefused as error:
            refused = error
            continue
        got.append(address_digest(address))
        state.sent[name] = notice.name, tuple(got)
        _write_down(site, state)
    if refused is not None and not got:
        raise refused
    return refused


def _write_down(site: Site, state: "WorklistState") -> None:
    """Write down what was done; a disk that refuses costs a second laying or telling, and nobody a first."""
    from scheduler.worklist_state import write_state

    try:
        write_state(site, state)
    except OSError as error:
        LOG.warning("worklist_state_not_written", error=error)


def say_of(done: AskRound) -> None:
    """Say in words what went wrong."""
    for error in done.errors:
        say.words(str(error))
