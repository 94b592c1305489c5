"""A condition in words that can be read aloud; the text itself stands beside them for who checks it."""

from sharing.conditions import Both, Compare, Either, Is, Name, Node, Not, Scalar, Within, parse

EVERYONE = "everyone"
COMPARED = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
STATES = {None: "empty", True: "yes", False: "no"}


def in_words(condition: str) -> str:
    """Return the condition in words: of person.share_council = 'given', share council of person is given."""
    return EVERYONE if condition == EVERYONE else _words(parse(condition))


def _words(node: Node) -> str:
    if isinstance(node, Not):
        return f"it is not so that {_within(node.inner)}"
    if isinstance(node, Both | Either):
        mark = ", and " if isinstance(node, Both) else ", or "
        return mark.join(map(_within, node.parts))
    return _test(node)


def _within(node: Node) -> str:
    """Return a part of a longer condition; what is joined itself stands in brackets."""
    return f"({_words(node)})" if isinstance(node, Both | Either) else _words(node)


def _test(node: Compare | Within | Is) -> str:
    name = _spoken(node.left)
    if isinstance(node, Compare):
        return f"{name} {COMPARED[node.op]} {_value(node.right)}"
    if isinstance(node, Is):
        return f"{name} {'is not' if node.negated else 'is'} {STATES[node.what]}"
    return f"{name} {'is none of' if node.negated else 'is one of'} {', '.join(map(_value, node.options))}"


def _value(value: Name | Scalar) -> str:
    if isinstance(value, Name):
        return _spoken(value)
    if isinstance(value, bool):
        return STATES[value]
    return str(value).replace("_", " ")


def _spoken(name: Name) -> str:
    return f"{name.field.replace('_', ' ')} of {name.entity.replace('_', ' ')}"
