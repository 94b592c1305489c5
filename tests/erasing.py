"""The verb that forgets somebody, as the data officer uses it, and a kill in the middle of it."""

import io
from contextlib import redirect_stdout

import pytest

import commands
from sharing import Dpia
from tests.nights import NightSite


class Killed(BaseException):
    """What no handler of ours stops."""


def killed(*_: object, **__: object) -> None:
    """Stand for a kill."""
    raise Killed


def forget(night: NightSite, person: str, *words: str) -> str:
    """Return what the verb printed; the reference is piped, and stands on no command line."""
    asked = ["audit", "forget", "-", "--source", "hub", "--reason", "objected", "--approved-by", "dpo"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out:
        patch.setattr("sys.stdin", io.StringIO(f"{person}\n"))
        assert commands._named([*asked, *words, "--site", str(night.folder)]) == 0
    return out.getvalue()


def without_erasure(dpia: Dpia, *bases: str) -> Dpia:
    """Return the assessment with other bases under which nothing is erased."""
    erasure = dpia.rights.erasure.model_copy(update={"except_where": list(bases)})
    return dpia.model_copy(update={"rights": dpia.rights.model_copy(update={"erasure": erasure})})
