"""A command from a settings class: its fields become arguments, options and help."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, get_origin

import typer
from pydantic.fields import FieldInfo

from flows.settings.reading import Settings, option_name
from flows.settings.values import Positional

SettingsT = TypeVar("SettingsT", bound=Settings)


def add_command(
    app: typer.Typer,
    name: str,
    settings: type[SettingsT],
    run: Callable[[SettingsT], None],
    *,
    example: str,
) -> None:
    """Register a command that reads ``settings`` from its options and calls ``run`` with them.

    Parameters
    ----------
    app
        The command line.
    name
        Name of the command.
    settings
        Its docstring is the help text, its field descriptions are those of the options.
    run
        The work; heavy imports belong inside it.
    example
        A full call, shown under the help.
    """

    def command(**given: Any) -> None:  # noqa: ANN401 - one value for each field, checked by pydantic
        run(settings.read(given))

    parameters = [
        inspect.Parameter(
            field,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(info),
            annotation=_annotation(field, info),
        )
        for field, info in settings.model_fields.items()
    ]
    # Typer reads both: the signature for defaults, the annotations for types.
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command(name, help=inspect.getdoc(settings), epilog=f"Example: {example}")(command)


def _is_argument(info: FieldInfo) -> bool:
    return any(isinstance(mark, Positional) for mark in info.metadata)


def _is_many(info: FieldInfo) -> bool:
    return get_origin(info.annotation) is tuple


def _is_flag(info: FieldInfo) -> bool:
    return info.annotation is bool


def _default(info: FieldInfo) -> Any:  # noqa: ANN401 - ellipsis, None or False, as typer wants it
    if _is_argument(info) and info.is_required():
        return ...
    return None


def _annotation(field: str, info: FieldInfo) -> Any:  # noqa: ANN401 - a type form
    """Return what typer needs; values stay text, as pydantic checks them all in one way."""
    if _is_argument(info):
        kind = list[str] if _is_many(info) else str
        return Annotated[kind, typer.Argument(metavar=field.upper(), help=info.description)]
    flag = option_name(field)
    shown = info.description or ""
    if info.is_required():
        shown += " (needed)"
    elif info.default is not None and info.default is not False:  # 0 is a default to show
        shown += f" (default: {_plain(info.default)})"
    if _is_flag(info):
        if info.default is True:
            flag += f"/{option_name('no_' + field)}"
        return Annotated[bool | None, typer.Option(flag, help=shown, show_default=False)]
    metavar = (
        (info.json_schema_extra or {}).get("metavar")
        if isinstance(info.json_schema_extra, dict)
        else None
    )
    return Annotated[
        str | None,
        typer.Option(flag, help=shown, show_default=False, metavar=str(metavar or "VALUE")),
    ]


def _plain(value: object) -> str:
    if value is True:
        return "on"
    return ",".join(f"{part:g}" for part in value) if isinstance(value, tuple) else str(value)
