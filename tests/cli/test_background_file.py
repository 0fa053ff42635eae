"""The background file by the command line: the bytes that are handed over, by right only."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from domain.personal import PersonalText
from domain.values import Status
from service.assembly import Service
from tests.cli.conftest import Run, key_of
from tests.given import Story

SUMMARY = "The kettle burned my kitchen 水壶烧坏了厨房"


@pytest.fixture
def story(service: Service) -> Story:
    story = Story()
    story.take("report", summary=PersonalText(SUMMARY))
    story.to(Status.CONFIRMED)
    service.cases.record(story.events)
    return story


def test_the_same_version_gives_the_same_bytes_and_tells_their_digest(
    run: Run, service: Service, story: Story, tmp_path: Path
) -> None:
    digests = set()
    for number in range(2):
        file = tmp_path / f"file-{number}.json"
        options = ("--format", "json", "--version", "3")
        result = run(
            "background-file", str(story.case.reference), str(file), *options,
            given=key_of(service, "handler"),
        )  # fmt: skip
        assert result.exit_code == 0, result.stderr
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert f"Version 3 of {story.case.reference}, SHA-256 {digest}" in result.stderr
        digests.add(digest)

    told = json.loads(file.read_bytes())
    assert len(digests) == 1
    assert told["positions"]["customer"]["summary"] == SUMMARY
    assert '"what": "background-file"' in run("access-log", "--json").stdout


def test_the_page_is_in_the_language_that_is_asked_for(
    run: Run, service: Service, story: Story, tmp_path: Path
) -> None:
    file = tmp_path / "file.html"

    result = run(
        "background-file", str(story.case.id), str(file), "--language", "zh",
        given=key_of(service, "approver"),
    )  # fmt: skip

    assert result.exit_code == 0, result.stderr
    page = file.read_text(encoding="utf-8")
    assert '<html lang="zh' in page
    assert SUMMARY in page


def test_where_file_cannot_be_written_nobody_is_on_record_for_it(
    run: Run, service: Service, story: Story, tmp_path: Path
) -> None:
    file = str(tmp_path / "nodir" / "file.html")

    result = run("background-file", str(story.case.id), file, given=key_of(service, "handler"))

    assert result.exit_code == 1
    assert result.stderr.startswith("amends: FILE cannot be written: ")
    assert json.loads(run("access-log", "--json").stdout)["accesses"] == []


@pytest.mark.parametrize(
    ("role", "arguments", "exit_code"),
    [
        ("auditor", (), 5),
        ("handler", ("--version", "99"), 6),
        ("handler", ("--version", "0"), 2),
        ("handler", ("--format", "pdf"), 2),
    ],
)
def test_without_the_right_or_the_version_nothing_is_written(
    run: Run,
    service: Service,
    story: Story,
    tmp_path: Path,
    role: str,
    arguments: tuple[str, ...],
    exit_code: int,
) -> None:
    file = tmp_path / "file.html"

    result = run(
        "background-file", str(story.case.id), str(file), *arguments, given=key_of(service, role)
    )

    assert result.exit_code == exit_code
    assert list(tmp_path.iterdir()) == []
