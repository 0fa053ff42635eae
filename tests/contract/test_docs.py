"""The reference pages say what the code says, and links in the documentation lead somewhere."""

import re
from pathlib import Path

import pytest

from docs.generate import REFERENCE, pages

ROOT = Path(__file__).parents[2]
WRITTEN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("name", pages())
def test_a_reference_page_is_what_the_code_gives(name: str) -> None:
    generated = pages()[name]

    stored = (REFERENCE / name).read_text(encoding="utf-8")

    assert stored == generated, "run `make docs`"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    local = [link for link in links if "://" not in link]

    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_into_pages_lead_to_a_heading(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))

    local = [(page.parent / to if to else page, mark) for to, mark in links if "://" not in to]

    assert [(to.name, mark) for to, mark in local if mark not in headings(to)] == []


def headings(page: Path) -> set[str]:
    """The marks of a page's headings, as renderers of Markdown make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_decision_lies_in_a_range_of_the_table() -> None:
    decisions = ROOT / "docs" / "decisions"
    table = (decisions / "README.md").read_text(encoding="utf-8")
    numbers = [int(page.name[:4]) for page in decisions.glob("[0-9]*.md")]

    ranges = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d{4})–(\d{4}) \|", table, re.M)]

    assert [n for n in numbers if sum(a <= n <= b for a, b in ranges) != 1] == []
    assert len(numbers) == len(set(numbers))


def test_the_glossary_is_in_order_and_has_one_meaning_each() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

    words = [word.lower() for word in re.findall(r"^\| \*\*(.+?)\*\* \|", glossary, re.M)]

    assert words == sorted(set(words))


ROOMS = "domain|service|projections|api|tests|docs|benchmarks"
MADE_BY_RUNNING = {"benchmarks/results/"}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    paths = set(re.findall(rf"`((?:{ROOMS})/[^`\s]*)`", text)) - MADE_BY_RUNNING
    tests = set(re.findall(r"`(test_\w+\.py)`", text))

    assert [path for path in paths if not any(ROOT.glob(path))] == []
    assert [name for name in tests if not any(ROOT.glob(f"tests/**/{name}"))] == []


def test_pages_that_the_code_names_exist() -> None:
    code = [path for room in ROOMS.split("|") for path in (ROOT / room).rglob("*.py")]
    texts = (path.read_text(encoding="utf-8") for path in code)

    # A decision is named by its number alone.
    named = {name for text in texts for name in re.findall(r"docs/[a-z-]+/[\w.-]*\w", text)}

    assert named
    assert [name for name in named if not any(ROOT.glob(f"{name}*"))] == []
