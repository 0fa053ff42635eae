"""A classifier of the operator's own: found by its name, loaded once, asked within a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from traceback import extract_tb
from typing import Any, Final, cast

from domain.hearing import Classifier, Heard
from domain.kinds import Shape, kind_of
from domain.value_kinds import VersionName
from service.setting_values import SettingsError

GROUP: Final = "amends.emotion_classifier"
_SETTING: Final = "AMENDS_CLASSIFIER"
_NAME: Final = re.compile(kind_of(VersionName).mark(Shape).pattern)


Answer = SimpleQueue[Heard | Exception]


class TooSlow(Exception):
    """The classifier did not answer in time."""


class TooManyWait(Exception):
    """So many earlier questions still have no answer that no other one is asked."""


@cache
def load_classifier(name: str) -> Classifier:
    """The plug-in of that name, made by a call without arguments; once in each process.

    `name` is that of an entry point of the group, or `module:attribute`. Raises SettingsError,
    which says what is wrong and where, and repeats no message of the plug-in's.
    """
    found = _entry_point(name)
    try:
        made = found.load()()
    except (Exception, SystemExit) as error:
        raise SettingsError(f"{_SETTING}: the plug-in cannot be loaded: {_told(error)}") from error
    return _checked(made)


def _entry_point(name: str) -> EntryPoint:
    if ":" in name:
        return EntryPoint(name="", value=name, group=GROUP)
    installed = entry_points(group=GROUP)
    found = {each.value: each for each in installed if each.name == name}
    if len(found) == 1:
        return found.popitem()[1]
    if found:
        raise SettingsError(f"{_SETTING}: several installed packages offer a plug-in of that name")
    names = ", ".join(sorted({each.name for each in installed})) or "none"
    raise SettingsError(f"{_SETTING}: no plug-in of that name is installed (installed: {names})")


def _checked(made: Any) -> Classifier:
    """Raises SettingsError where what was made cannot be asked."""
    try:
        names = (made.model, made.model_version)
        is_asked = callable(made.hear)
    except Exception as error:
        raise SettingsError(f"{_SETTING}: the plug-in is no classifier: {_told(error)}") from error
    if not is_asked:
        raise SettingsError(f"{_SETTING}: the plug-in is no classifier: `hear` cannot be called")
    if not all(isinstance(each, str) and _NAME.fullmatch(each) for each in names):
        raise SettingsError(
            f"{_SETTING}: the plug-in's model and model_version must have at most 80 letters, "
            "digits and . _ : / + -"
        )
    return cast(Classifier, made)


def _told(error: BaseException) -> str:
    """Which kind of error, and where; its message might hold anything."""
    frames = extract_tb(error.__traceback__)
    place = f" at {'/'.join(Path(frames[-1].filename).parts[-2:])}:{frames[-1].lineno}"
    return f"{type(error).__name__}{place if frames else ''}"


class PlugIn:
    """A plug-in behind a limit of time: a report waits for it so long and no longer.

    A thread that hangs cannot be ended, so at most `threads` of them are let hang at once. They
    are daemons: they do not keep the process from ending.
    """

    def __init__(self, name: str, limit_seconds: float, threads: int) -> None:
        self._name = name
        self._limit_seconds = limit_seconds
        self._free = BoundedSemaphore(threads)

    @property
    def model(self) -> str:
        return load_classifier(self._name).model

    @property
    def model_version(self) -> str:
        return load_classifier(self._name).model_version

    def hear(self, text: str, language: str | None) -> Heard:
        """What the plug-in hears. Raises TooSlow, TooManyWait, and whatever it raises itself."""
        classifier = load_classifier(self._name)
        answer: Answer = SimpleQueue()
        self._begin(partial(classifier.hear, text, language), answer)
        try:
            heard = answer.get(timeout=self._limit_seconds)
        except Empty:
            raise TooSlow from None
        if isinstance(heard, Exception):
            raise heard
        return heard

    def _begin(self, hear: Callable[[], Heard], answer: Answer) -> None:
        """Ask in a thread of its own. Raises TooManyWait."""
        if not self._free.acquire(blocking=False):
            raise TooManyWait
        try:
            Thread(target=self._ask, args=(hear, answer), name="classifier", daemon=True).start()
        except RuntimeError as error:
            self._free.release()
            raise TooManyWait from error

    def _ask(self, hear: Callable[[], Heard], answer: Answer) -> None:
        heard: Heard | Exception
        try:
            heard = hear()
        except Exception as error:
            heard = error
        except BaseException as error:  # what would end a thread: the report waits for an answer
            heard = RuntimeError(type(error).__name__)
        self._free.release()
        answer.put(heard)
