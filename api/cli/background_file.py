"""`amends background-file`: the complete background of a case, to hand over to a mediator."""

import hashlib

import click

from api.background_file import MEDIA_TYPES, READERS, file_of
from api.cli.api_key import given_api_key
from api.cli.exits import CommandError, Exit
from api.cli.files import writing_to
from api.cli.finding import history_then
from api.cli.looking import looked_at, reason_option, require_role
from api.cli.opening import open_service
from api.cli.output import say
from api.cli.values import language_option
from api.rendering import Reader, WordedReader
from api.witness import Witness
from domain.conflict_case import ConflictCase
from service.instants import NOW
from service.mapper import LoggedEvent


@click.command("background-file")
@click.argument("case")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(MEDIA_TYPES)),
    default="html",
    show_default=True,
    help="A page to read and print, or JSON.",
)
@language_option
@click.option("--version", type=click.IntRange(1), help="The case after so many events.")
@reason_option
def command(
    case: str, file: str, form: str, language: str, version: int | None, reason: str | None
) -> None:
    """Write the background of a case to FILE, as it is handed over; `-` is standard output.

    CASE is its id or its reference. An API key of a handler or approver is read from standard
    input: the file shows what that key may see, and the access log says who looked. The same
    version, language and format give the bytes that HTTP gives; their digest, which a referral
    keeps, is told on standard error.
    """
    # FILE first: nobody is put on record for texts that could not be written down.
    with open_service(gives_up=True) as service, writing_to(file) as write:
        history = _up_to(history_then(service, case, NOW), version)
        token = given_api_key(service)
        require_role(token, READERS)
        found = ConflictCase.folded(history[0].event.case_id, (each.event for each in history))
        words = WordedReader(
            frozenset(token.roles), Witness(), edition=found.edition, language=language
        )

        def made(reader: Reader) -> bytes:
            return file_of(found, history, reader, words, form, language)

        body = looked_at(service, "background-file", found.id, token, reason, made)
        write(body)
    say(f"Version {found.version} of {found.reference}, SHA-256 {hashlib.sha256(body).hexdigest()}")


def _up_to(history: list[LoggedEvent], version: int | None) -> list[LoggedEvent]:
    if version is not None and version > len(history):
        raise CommandError(
            Exit.NOT_FOUND, "the case has no such version", f"It has {len(history)}."
        )
    return history[:version]
