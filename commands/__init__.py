"""The verbs: one file each. They say what happened; what to do is known by the rooms below."""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code of the verb that the arguments name (those of the process by default)."""
    from commands.last_resort import carry_out, prepare_process

    prepare_process()
    return carry_out(lambda: _named(sys.argv[1:] if arguments is None else arguments))


def _named(arguments: list[str]) -> int:
    from commands.app import app_of

    return int(app_of(arguments)(args=arguments, prog_name="viaduct", standalone_mode=False) or 0)
