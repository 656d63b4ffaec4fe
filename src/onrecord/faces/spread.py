"""Options that several functions take, declared once: each names a class, and is called with its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any, TypeVar, cast, get_type_hints

R = TypeVar("R")


def spread(*names: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Give a function, in place of each of these parameters, the fields of its class as parameters.

    Typer and MCP read options off a function's signature, one a parameter. So the fields of a dataclass
    or a pydantic model stand there with their annotations and defaults, in the place of the parameter;
    the function itself gets the class made of what is given for them.

    Args:
        *names: Of the function's parameters.

    Returns:
        A decorator.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        hints = get_type_hints(function, include_extras=True)
        fields = {name: _fields(hints[name]) for name in names}

        def gathered(given: Mapping[str, Any]) -> dict[str, Any]:
            rest = dict(given)
            for name, of in fields.items():
                rest[name] = hints[name](**{one.name: rest.pop(one.name) for one in of if one.name in rest})
            return rest

        @wraps(function)
        def call(*arguments: Any, **given: Any) -> Any:
            return function(*arguments, **gathered(given))

        @wraps(function)
        async def acall(*arguments: Any, **given: Any) -> Any:
            return await cast("Any", function(*arguments, **gathered(given)))

        shown = acall if iscoroutinefunction(function) else call  # MCP awaits what says that it is awaited
        _sign(shown, function, fields)
        return cast("Callable[..., R]", shown)

    return decorate


def _fields(group: Any) -> list[Parameter]:
    """Make parameters of a class's fields."""
    hints = get_type_hints(group, include_extras=True)
    return [
        one.replace(annotation=hints[one.name], kind=Parameter.KEYWORD_ONLY)
        for one in signature(group).parameters.values()
    ]


def _sign(shown: Any, function: Callable[..., Any], fields: Mapping[str, list[Parameter]]) -> None:
    """Put the fields where their parameters stood, in all that may be read of a function."""
    own = signature(function)
    hints = get_type_hints(function, include_extras=True)
    parameters = [
        each.replace(annotation=hints.get(each.name, each.annotation)) if each is one else each
        for one in own.parameters.values()
        for each in fields.get(one.name, [one])
    ]
    returned = hints.get("return", Any)
    shown.__signature__ = own.replace(parameters=parameters, return_annotation=returned)
    annotated = {one.name: one.annotation for one in parameters if one.annotation is not one.empty}
    shown.__annotations__ = annotated | {"return": returned}
