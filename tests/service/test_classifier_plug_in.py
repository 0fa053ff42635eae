"""A classifier of the operator's own: found, loaded, asked within a time, and never in the way."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain import events
from domain.hearing import Heard
from service.assembly import Service, build
from service.classifier_plug_in import GROUP, PlugIn, TooManyWait, TooSlow, load_classifier
from service.hearing import Hearing
from service.hearing_tally import HearingTally, Outcome
from service.setting_values import SettingsError
from service.settings import Settings
from tests.service.test_hearing import ANGRY, report, told

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "plug-in-a-classifier.md"
HEARS = 'def hear(self, text, language): raise RuntimeError("secret " + text)'

Install = Callable[..., None]
pytestmark = pytest.mark.usefixtures("no_plug_in_is_loaded")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a module where it is found, and a distribution that gives it names."""

    def put(module: str, code: str, **names: str) -> None:
        (tmp_path / f"{module}.py").write_text(code, "utf-8")
        about = tmp_path / f"{module}-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        rows = [f"{name} = {module}:{attribute}" for name, attribute in names.items()]
        (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *rows]))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return put


@pytest.fixture
def build_with(settings: Settings) -> Iterator[Callable[[str], Service]]:
    made: list[Service] = []

    patient = replace(settings, classifier_milliseconds=10_000)

    def build_it(name: str) -> Service:
        made.append(build(replace(patient, classifier=name)))
        return made[-1]

    yield build_it
    for service in made:
        service.engine.dispose()


@pytest.mark.parametrize("name", ["tone:Tone", "tone"])
def test_the_example_of_the_page_judges_and_history_names_it(
    install: Install, build_with: Callable[[str], Service], name: str
) -> None:
    (code,) = examples("python")
    assert GROUP in examples("toml")[0]
    assert 'tone = "tone:Tone"' in examples("toml")[0]
    install("tone", code, tone="Tone")
    service = build_with(name)

    taken = report(service, "我怒了")
    unheard = report(service, "I am furious")

    heard = told(service, taken)[1]
    assert isinstance(heard, events.EmotionRecognised)
    assert (heard.model, heard.model_version, heard.confidence_percent) == ("tone", "2.1", 70)
    assert unheard.case.version == 1, "the built-in words would have heard it"
    assert len(code.splitlines()) <= 15


@pytest.mark.parametrize(
    ("module", "code", "name", "says"),
    [
        ("p1", "", "nowhere", r"no plug-in of that name is installed \(installed: good\)"),
        ("p2", "", "no_such_module:C", r"cannot be loaded: ModuleNotFoundError"),
        ("p3", "", "p3:C", r"cannot be loaded: AttributeError"),
        ("p4", "raise ValueError('secret')", "p4:C", r"loaded: ValueError at .*/p4.py:1$"),
        ("p5", "raise SystemExit('secret')", "p5:C", r"loaded: SystemExit at .*/p5.py:1$"),
        ("p6", "def C(x): pass", "p6:C", r"cannot be loaded: TypeError"),
        ("p7", "class C: pass", "p7:C", r"is no classifier: AttributeError"),
        ("p8", "class C: model, model_version, hear = 'a', 'b', 1", "p8:C", r"`hear` cannot be"),
        ("p9", "class C: model, model_version, hear = 'a b', 'b', print", "p9:C", r"at most 80"),
        ("p10", "class C: model, model_version, hear = 'a', 2, print", "p10:C", r"at most 80"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_a_reason(
    install: Install, module: str, code: str, name: str, says: str
) -> None:
    install(module, code, good="C")

    with pytest.raises(SettingsError, match=rf"^AMENDS_CLASSIFIER: .*{says}") as refused:
        load_classifier(name)

    assert "secret" not in str(refused.value)


def test_a_name_that_two_packages_give_is_refused(install: Install) -> None:
    install("q1", "class C: pass", twice="C")
    install("q2", "class C: pass", twice="C")

    with pytest.raises(SettingsError, match="several installed packages"):
        load_classifier("twice")


def test_where_it_fails_the_built_in_words_are_asked_and_no_word_is_logged(
    install: Install, build_with: Callable[[str], Service]
) -> None:
    install("angry", f"class C:\n  model = model_version = 'angry'\n  {HEARS}")
    service = build_with("angry:C")

    with capture_logs() as logged:
        taken = report(service, ANGRY)

    heard = told(service, taken)[1]
    assert isinstance(heard, events.EmotionRecognised)
    assert heard.model == "keywords"
    assert service.hearing.tally.figures().outcomes[Outcome.RAISED] == 1
    assert "RuntimeError" in str(logged)
    assert "furious" not in str(logged)
    assert "secret" not in str(logged)


def test_a_plug_in_that_cannot_be_loaded_any_more_fails_no_report(
    build_with: Callable[[str], Service],
) -> None:
    service = build_with("gone:C")

    taken = report(service, ANGRY)

    assert taken.case.version == 2
    assert service.hearing.tally.figures().outcomes[Outcome.RAISED] == 1


class Stuck:
    """A classifier that answers when it is let go."""

    model = model_version = "stuck"

    def __init__(self) -> None:
        self.go_on = Event()

    def hear(self, text: str, language: str | None) -> Heard:
        self.go_on.wait()
        raise SystemExit(text)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    classifier = Stuck()
    monkeypatch.setattr("service.classifier_plug_in.load_classifier", lambda _: classifier)
    yield classifier
    classifier.go_on.set()


def test_no_report_waits_longer_than_the_limit_and_no_more_threads_hang_than_allowed(
    stuck: Stuck,
) -> None:
    plug_in = PlugIn("stuck", limit_seconds=0.01, threads=2)

    for expected in (TooSlow, TooSlow, TooManyWait):
        with pytest.raises(expected):
            plug_in.hear("", None)


def test_what_hung_may_be_asked_again_once_it_ended(stuck: Stuck) -> None:
    plug_in = PlugIn("stuck", limit_seconds=10, threads=1)
    stuck.go_on.set()

    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"^SystemExit$"):
            plug_in.hear("furious", None)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Heard(sentiment="negative", emotion="angry", confidence_percent=90), Outcome.ANSWERED),
        (Heard(sentiment="happy", confidence_percent=90), Outcome.UNUSABLE),
        (Heard(sentiment="neutral", confidence_percent=101), Outcome.UNUSABLE),
        (Heard(sentiment="positive", emotion="angry", confidence_percent=9), Outcome.UNUSABLE),
        ({"sentiment": "neutral"}, Outcome.UNUSABLE),
        (None, Outcome.UNUSABLE),
    ],
    ids=str,
)
def test_what_no_book_knows_counts_as_a_failure_also_where_it_means_no_anger(
    settings: Settings, answer: Any, outcome: Outcome
) -> None:
    class Says:
        model = model_version = "says"

        def hear(self, text: str, language: str | None) -> Any:
            return answer

    service = build(settings)
    hearing = Hearing(Says())
    service.cases._hearing = hearing

    taken = report(service, "The parcel came late")

    assert taken.case.version == (2 if outcome is Outcome.ANSWERED else 1)
    found = hearing.tally.figures()
    assert found.outcomes == {each: int(each is outcome) for each in Outcome}
    assert sum(found.times) == 1
    assert found.total_seconds > 0
    service.engine.dispose()


def test_processes_count_together_and_a_failure_is_over_when_an_answer_follows() -> None:
    tally = HearingTally(processes=2)
    tally.count(Outcome.TIMED_OUT, 0.2)
    failing = tally.figures()
    child = os.fork()
    if not child:
        tally.use_slot(1)
        tally.count(Outcome.ANSWERED, 0.001)
        os._exit(0)
    os.waitpid(child, 0)

    found = tally.figures()

    assert failing.is_failing(failing.failed_at + 1000), "nothing was heard since"
    assert (found.outcomes[Outcome.TIMED_OUT], found.outcomes[Outcome.ANSWERED]) == (1, 1)
    assert found.is_failing(found.failed_at + 59)
    assert not found.is_failing(found.failed_at + 60)
    assert not HearingTally().figures().is_failing(0)
