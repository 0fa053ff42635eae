"""What a field of the settings knows: its variables, and how to read them."""

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from service.setting_values import SettingsError


def setting(
    env: str,
    default: object,
    meaning: str,
    parse: Callable[[str], object] = str,
    *,
    also: tuple[str, ...] = (),
    secret: bool = False,
    in_file: bool = False,
) -> Any:
    """A dataclass field that knows its environment variables, its parser and its meaning.

    With `in_file` the variable may also end in `_FILE` and name a file that holds the value.
    """
    file_env = f"{env}_FILE" if in_file else None
    about = {"env": env, "also": also, "file_env": file_env, "meaning": meaning, "parse": parse}
    return field(default=default, repr=not secret, metadata=about)


def variables(about: Mapping[str, Any]) -> list[str]:
    """The variables that may hold a setting, the first one winning."""
    return [each for each in (about["env"], *about["also"], about["file_env"]) if each]


def given(about: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The first variable that holds something, with what it holds, or what its file holds."""
    for env in variables(about):
        text = environ.get(env, "").strip()
        if text:
            return env, _file_content(env, text) if env == about["file_env"] else text
    return None


def _file_content(env: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "not a text file"
        raise SettingsError(f"{env} names a file that cannot be read: {reason}") from None


def parsed(env: str, text: str, parse: Callable[[str], object]) -> object:
    """What a variable says; SettingsError names the variable where it cannot be used."""
    try:
        return parse(text)
    except SettingsError as problem:
        raise SettingsError(f"{env} {problem}") from None
