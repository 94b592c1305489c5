"""Refusals about people's choices: registers that contradict each other, or that a flow asks for in vain."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.choices import Choice
from sharing.refusals.look import Look

RESERVED = Choice.FORGOTTEN.value


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with personStops, and with the flows' answers about the national data opt-out."""
    yield from _twice(look)
    for at, stop in enumerate(look.file.person_stops):
        if stop.excepted and not Choice(stop.type).may_be_set_aside:
            text = f"{stop.type}: no decision sets this aside; an objection alone may be (Art. 21(1))."
            yield look.problem(text, "personStops", at, "except")
        if stop.on_stale == "HOLD" and not (stop.why or "").strip():
            text = (
                f"{stop.type}: onStale HOLD leaves with recipients whom this register cannot be asked about: "
                "say under why that is right, or leave it at WITHHOLD."
            )
            yield look.problem(text, "personStops", at, "onStale")
        for flow in stop.flows or []:
            yield from look.unknown(
                "flow", flow, [one.id for one in look.file.flows], "personStops", at, "flows"
            )
    yield from _opt_outs(look)


def _twice(look: Look) -> Iterator[Problem]:
    """Yield each type and each register that stands twice; one name is kept for whom Viaduct forgets."""
    types: set[str] = set()
    names = {RESERVED}
    for at, stop in enumerate(look.file.person_stops):
        if stop.type in types:
            yield look.problem(f"{stop.type}: this type has a register already.", "personStops", at, "type")
        if stop.register_file in names:
            text = f"{stop.register_file}: this register serves another purpose already."
            yield look.problem(text, "personStops", at, "register")
        types.add(stop.type)
        names.add(stop.register_file)


def _opt_outs(look: Look) -> Iterator[Problem]:
    """Yield the flows to which the opt-out applies and that no register of opt-outs governs."""
    stops = [stop for stop in look.file.person_stops if Choice(stop.type) is Choice.OPT_OUT]
    for at, flow in enumerate(look.file.flows):
        answer = flow.options.national_data_opt_out
        served = any(stop.flows is None or flow.id in stop.flows for stop in stops)
        if answer is not None and answer.applies and not served:
            text = "nationalDataOptOut applies, but no register under personStops governs this flow."
            yield look.problem(text, "flows", at, "options", "nationalDataOptOut")
