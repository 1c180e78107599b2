"""How a parameter is defined: in one place its reader, its schema, and what callers are told.

A definition is the type that an operation gives its parameter, or a body its field::

    Month = Annotated[
        date | None,
        *define(month_of, MONTH, type="string", pattern=..., examples=["2026-10"]),
        Query(description="A month that has data; the newest where none is named."),
    ]

The reader raises ValueError for what it does not take; the caller is then told by the `Usage` that
stands beside it. An operation that takes something else under the same name has its own definition.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from api.parameters.parsers import degrees, whole_number


@dataclass(frozen=True)
class Usage:
    """What a parameter takes, said to whoever sent something else.

    Parameters
    ----------
    zh, en : str
        Completes "cannot be used: …"; with an example.
    code : str
        Of the error, for machines.
    """

    zh: str
    en: str
    code: str = "parameter.invalid"


Definition = tuple[BeforeValidator, WithJsonSchema, Usage]

BODY = Usage(
    "请求体应为 /openapi.json 所写的 JSON（Content-Type: application/json），没有其他字段",
    "it takes the JSON that /openapi.json describes, as application/json, and no other fields",
    "body.invalid",
)


def define(parse: Callable[[Any], Any], usage: Usage, **schema: Any) -> Definition:
    """Define a parameter by its reader, what callers are told, and its JSON schema."""
    return BeforeValidator(parse), WithJsonSchema(schema), usage


def choice(usage: Usage, *allowed: str, **schema: Any) -> Definition:
    """Define a parameter that takes one of some words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return define(parse, usage, type="string", enum=list(allowed), **schema)


def whole(least: int, most: int, usage: Usage, **schema: Any) -> Definition:
    """Define a whole number between two bounds, both allowed."""
    return define(
        lambda text: whole_number(text, least=least, most=most),
        usage,
        type="integer",
        minimum=least,
        maximum=most,
        **schema,
    )


def angle(most: float, usage: Usage, **schema: Any) -> Definition:
    """Define degrees from `-most` to `most`."""
    return define(
        lambda text: degrees(text, most=most),
        usage,
        type="number",
        minimum=-most,
        maximum=most,
        **schema,
    )


def one_of(what: Sequence[str]) -> Usage:
    """Say that one of some words is taken."""
    return Usage(f"应取其一：{'、'.join(what)}", f"it takes one of: {', '.join(what)}")


def reader(annotation: Any) -> Callable[[str], Any]:
    """Give the reader of a parameter."""
    return next(each.func for each in get_args(annotation) if isinstance(each, BeforeValidator))  # type: ignore[return-value]


def readers(owner: type) -> dict[str, Callable[[str], Any]]:
    """Give the readers of the parameters that a dataclass is made of, by name."""
    known = get_type_hints(owner, include_extras=True)
    return {name: reader(each) for name, each in known.items() if _has_reader(each)}


def _has_reader(annotation: Any) -> bool:
    return any(isinstance(each, BeforeValidator) for each in get_args(annotation))


def usages(route: APIRoute) -> dict[str, Usage]:
    """Give what is said of each parameter of an operation, by the name that callers use."""
    return {
        field.alias: usage
        for field in _parameters(route.dependant)
        for usage in _usages(field.field_info.metadata, field.field_info.annotation)
    }


def field_usage(route: APIRoute, path: Sequence[object]) -> tuple[str, Usage]:
    """Give the innermost field on a path into a body that says what it takes; else the body itself.

    Parameters
    ----------
    route : APIRoute
    path : sequence of str or int
        As pydantic gives it: names of fields, indices of lists, members of a choice.

    Returns
    -------
    tuple of str and Usage
        Name of the field, and what it takes.
    """
    found = "body", BODY
    inside: Any = None if route.body_field is None else route.body_field.field_info.annotation
    for part in path:
        # A choice names the member that it tried; what stands there is no field of the caller's.
        field = next(
            (m.model_fields[part] for m in _models(inside) if part in m.model_fields), None
        )
        if field is None:
            continue
        inside = field.annotation
        for usage in _usages(field.metadata, inside):
            found = str(part), usage
    return found


def _parameters(dependant: Dependant) -> Iterator[Any]:
    yield from dependant.path_params
    yield from dependant.query_params
    yield from dependant.header_params
    for below in dependant.dependencies:
        yield from _parameters(below)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Find the models that a value may be of, in choices and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _usages(*parts: Any) -> Iterator[Usage]:
    for part in parts:
        if isinstance(part, Usage):
            yield part
        else:
            yield from _usages(*(part if isinstance(part, list) else get_args(part)))
