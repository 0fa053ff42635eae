"""`amends reviews preview`: the next reviews before their day, with the figures up to now."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from api.cli.headings import how_many_listed
from api.cli.opening import open_service
from api.cli.output import json_option, say, show, show_list_json, show_table, time_of
from api.cli.values import language_option
from api.review_preview import preview_json, wanted_kinds
from domain.reviews.rhythm import kinds_of
from projections.review_preview import FigureSources, next_reviews

REVIEW_COLUMNS = ("Opens", "Due", "Kind", "Covers from", "To", "Owner", "Parties")
FIGURE_COLUMNS = ("Source", "Figure", "Count", "Out of", "Share")
AUDIT_COLUMNS = ("Figure", "Expected")


@click.command("preview")
@click.option("--kind", type=click.Choice(sorted(kinds_of())), help="Only this kind.")
@language_option
@json_option
def preview_reviews(kind: str | None, language: str, as_json: bool) -> None:
    """Show the next review of each kind as if its day were now; records nothing.

    Its day, owner and how many parties it needs, and what it looks at with the figures of what
    has passed of its period; of an audit also the figures that it will ask for.
    """
    now = datetime.now(UTC)
    with open_service(gives_up=True) as service, service.engine.connect() as connection:
        sources = FigureSources(
            connection=connection, reviews=service.reviews, alarms=service.alarms
        )
        found = next_reviews(sources, wanted_kinds(kind), now)
    previews = [preview_json(each, language, now) for each in found]
    if as_json:
        show_list_json("reviews", previews)
        return
    for number, preview in enumerate(previews):
        if number:
            show("")
        show_table(REVIEW_COLUMNS, [_review_line(preview)], language)
        show("")
        show_table(FIGURE_COLUMNS, list(_figure_lines(preview)), language)
        if preview["audit"]:
            asked = preview["audit"]["figures"]
            show("")
            show_table(AUDIT_COLUMNS, [(e["figure_label"], e["expected"]) for e in asked], language)
    say(how_many_listed(len(previews), "review", language))


def _review_line(preview: dict[str, Any]) -> tuple[Any, ...]:
    when = (time_of(preview["opens_at"]), time_of(preview["due_at"]))
    covers = (time_of(preview["period"]["from"]), time_of(preview["period"]["to"]))
    return (
        *when,
        preview["kind_label"],
        *covers,
        preview["owner_label"],
        preview["least_parties"],
    )


def _figure_lines(preview: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Each source with its figures; a line without any while they are being built."""
    for item in preview["agenda"]:
        for figure in item["figures"] or [None]:
            yield item["source_label"], *_cells(figure)


def _cells(figure: dict[str, Any] | None) -> tuple[Any, ...]:
    if figure is None:
        return None, None, None, None
    share = None if figure["share"] is None else f"{figure['share']:.1%}"
    return figure["figure_label"], figure["count"], figure["of"], share
