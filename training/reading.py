"""Reading a YAML file into frozen dataclasses, strictly, and writing them back.

An unknown key, a value of the wrong type or one that the dataclass itself refuses is an error that
names the key and what would fit. What a run consists of is said in `training.config`.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml

DERIVED = 0  # what stands in a config where the task fills a number in from the label space


def read_values(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """A YAML file of key: value lines, with `key.inner=value` overrides put in.

    A file with `base: other.yaml`, a file beside it, says only what differs from that one: maps
    are merged key by key, lists and values replaced.

    Raises:
        FileNotFoundError: no such file. ValueError: no YAML, a base that has a base, or an override
            that fits nowhere.
    """
    values = _load(path)
    if "base" in values:
        base = path.parent / str(values.pop("base"))
        below = _load(base)
        if "base" in below:
            raise ValueError(f"{base} is the base of {path} and has a base itself; name that one.")
        values = _merged(below, values)
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise ValueError(f"The override {override!r} is not of the form key=value.")
        _assign(values, key.split("."), _parse(text, f"The override {override!r}"))
    return values


def _load(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f"No config at {path}; the shipped ones are in training/configs.")
    values = _parse(path.read_text(encoding="utf-8"), str(path)) or {}
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds {values!r}; expected key: value lines.")
    return values


def _merged(base: Any, values: Any) -> Any:
    """`values` over `base`; a map over a map key by key."""
    if not (isinstance(base, dict) and isinstance(values, dict)):
        return values
    inner = {key: _merged(base.get(key), value) for key, value in values.items()}
    return {**base, **inner}


def to_yaml(settings: Any) -> str:
    """A dataclass with all its fields as YAML, which reads back as the same."""
    return yaml.safe_dump(_plain(dataclasses.asdict(settings)), sort_keys=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{where} is not YAML: {' '.join(str(error).split())}.") from None


def _assign(values: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """values[a][b] = value; a number among the keys is an index into a list."""
    *outer, last = keys
    for depth, key in enumerate(outer):
        if isinstance(values, list):
            inner = values[_position(values, keys[: depth + 1])]
        else:
            inner = values.setdefault(key, {})
        if not isinstance(inner, dict | list):
            raise ValueError(f"{'.'.join(outer[: depth + 1])} is a value, it has no {last!r}.")
        values = inner
    values[_position(values, keys) if isinstance(values, list) else last] = value


def _position(values: list, keys: Sequence[str]) -> int:
    """The last of `keys` as an index into `values`."""
    key = keys[-1]
    if not key.isdecimal() or int(key) >= len(values):
        raise ValueError(
            f"{'.'.join(keys)} names no entry: {'.'.join(keys[:-1])} has 0 to {len(values) - 1}."
        )
    return int(key)


def convert(kind: Any, value: Any, where: str) -> Any:
    """`value` from YAML as an instance of the annotated type `kind`.

    Raises:
        ValueError: it does not fit; the sentence names its place, which starts with `where`.
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return convert(next(a for a in arguments if a is not type(None)), value, where)
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(kind, value, where)
    if origin is Literal:
        if value in arguments:
            return value
        raise ValueError(
            f"{where} is {value!r}; expected one of: {', '.join(map(str, arguments))}."
        )
    if origin is tuple and isinstance(value, list | tuple):
        inner = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        if len(inner) == len(value):
            pairs = enumerate(zip(inner, value, strict=True))
            return tuple(convert(t, item, f"{where}[{i}]") for i, (t, item) in pairs)
    if origin is dict and isinstance(value, Mapping):
        return {str(k): convert(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    # YAML 1.1 reads 1e-4 as text, and 1 as an integer where a float is meant.
    if kind is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass
    if (
        isinstance(kind, type)
        and isinstance(value, kind)
        and not (kind is int and isinstance(value, bool))
    ):
        return value
    raise ValueError(f"{where} is {value!r}; expected {getattr(kind, '__name__', kind)}.")


def _convert_dataclass(kind: Any, value: Any, where: str, base: Any = None) -> Any:
    """Keys that `value` leaves out keep what `base`, the default of the level above, has there."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is {value!r}; expected the keys of {kind.__name__}.")
    hints = typing.get_type_hints(kind)
    known = {entry.name: entry for entry in dataclasses.fields(kind)}
    unknown = [key for key in value if key not in known]
    if unknown:
        raise ValueError(f"{where} has no key {unknown[0]!r}; known: {', '.join(known)}.")
    filled = {}
    for name, entry in known.items():
        default = _default(entry) if base is None else getattr(base, name)
        if name in value and _is_derived(entry) and value[name] != DERIVED:
            raise ValueError(
                f"{where}.{name} is {value[name]!r}, but it follows from the classes of the "
                "dataset; leave it out."
            )
        if name not in value:
            filled[name] = default
        elif dataclasses.is_dataclass(default) and value[name] is not None:
            filled[name] = _convert_dataclass(
                type(default), value[name], f"{where}.{name}", default
            )
        else:
            filled[name] = convert(hints[name], value[name], f"{where}.{name}")
    try:
        return kind(**filled)
    except ValueError as error:  # a number out of its range: the dataclass does not know its place
        raise ValueError(f"{where}: {error}") from None


def _is_derived(entry: dataclasses.Field) -> bool:
    """Whether a task fills the field in: a network's `inputs` or `classes`, without a default."""
    missing = dataclasses.MISSING
    return entry.default is missing and entry.default_factory is missing


def _default(entry: dataclasses.Field) -> Any:
    if entry.default is not dataclasses.MISSING:
        return entry.default
    if entry.default_factory is not dataclasses.MISSING:
        return entry.default_factory()
    return DERIVED
