"""A classifier of the operator's own: refused at the start, and tried by the doctor."""

from __future__ import annotations

import json

import pytest

from domain.hearing import Heard
from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.processes import environment_of, free_port

pytestmark = pytest.mark.usefixtures("no_plug_in_is_loaded")


class Working:
    model = model_version = "working-1"

    def hear(self, text: str, language: str | None) -> Heard:
        return Heard(sentiment="neutral", confidence_percent=50)


class Failing(Working):
    def hear(self, text: str, language: str | None) -> Heard:
        raise RuntimeError(text)


@pytest.mark.parametrize("command", ["web", "serve"])
def test_nothing_is_served_with_a_plug_in_that_cannot_be_loaded(
    start: Start, settings: Settings, command: str
) -> None:
    env = {**environment_of(settings), "AMENDS_CLASSIFIER": "nowhere:C", "PORT": str(free_port())}

    process = start(command, env=env)

    out, err = process.communicate(timeout=60)
    assert process.returncode == {"web": 3, "serve": 8}[command]
    assert "AMENDS_CLASSIFIER: the plug-in cannot be loaded: ModuleNotFoundError" in out + err


@pytest.mark.parametrize(
    ("name", "level", "says"),
    [
        ("keywords", "ok", "keywords 1 answered in "),
        ("none", "ok", "none: nobody listens"),
        (f"{__name__}:Working", "ok", "working-1 working-1 answered in "),
        (f"{__name__}:Failing", "fault", "no answer to a sentence of ours: RuntimeError"),
        (f"{__name__}:Gone", "fault", "the plug-in cannot be loaded: AttributeError"),
    ],
)
def test_the_doctor_asks_the_classifier(run: Run, name: str, level: str, says: str) -> None:
    env = {"AMENDS_CLASSIFIER": name, "PORT": str(free_port())}
    env["AMENDS_CLASSIFIER_MILLISECONDS"] = "10000"

    answer = json.loads(run("doctor", "--json", env=env).stdout)

    (found,) = (each for each in answer["findings"] if each["check"] == "classifier")
    assert found["level"] == level
    assert says in found["says"]


def test_the_doctor_tells_what_the_web_server_noticed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"classifier": {"name": "classifier", "ok": False}}
    monkeypatch.setattr("api.cli.classifier_checks.ready_checks", lambda _: told)

    answer = json.loads(run("doctor", "--json", env={"PORT": str(free_port())}).stdout)

    (found,) = (each for each in answer["findings"] if each["check"] == "classifier")
    assert found["level"] == "fault"
    assert "failed in the web server" in found["says"]
