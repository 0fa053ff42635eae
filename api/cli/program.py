"""The program itself: finds the command, runs it, and turns whatever happens into an exit code."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any, NoReturn

import click

from api.cli.exits import CommandError, Exit
from api.cli.lazily import LazyGroup
from api.version import installed_version

# Each command's module is loaded only when it is asked for: a token is made in half a second.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "api.cli.serve",
        "web": "api.cli.web",
        "worker": "api.cli.worker",
        "migrate": "api.cli.migrate",
        "token": "api.cli.token",
        "import": "api.cli.import_",
        "projections": "api.cli.projections",
        "replay": "api.cli.replay",
        "playbook": "api.cli.playbook",
        "background-file": "api.cli.background_file",
        "work": "api.cli.work",
        "promises": "api.cli.promises",
        "orders": "api.cli.orders",
        "scores": "api.cli.scores",
        "report": "api.cli.report",
        "export": "api.cli.export",
        "audit-pack": "api.cli.audit_pack",
        "access-log": "api.cli.access_log",
        "retention": "api.cli.retention",
        "ledger": "api.cli.ledger",
        "warnings": "api.cli.warnings",
        "risk": "api.cli.risk",
        "reviews": "api.cli.reviews",
        "store": "api.cli.store",
        "doctor": "api.cli.doctor",
        "settings": "api.cli.settings",
    }
)


class OutputClosed(Exception):
    """Whoever read our output went away. Not an OSError: click would end with 1 for it."""


class Program(LazyGroup):
    """The commands of the table, and an exit code for whatever happens in them."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line, which may print help. Raises OutputClosed."""
        with _watched_output():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and hand out everything it printed. Raises OutputClosed."""
        with _watched_output():
            answer = super().invoke(ctx)
            sys.stdout.flush()
        return answer

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run and exit; no error leaves this function as a traceback."""
        extra.update(prog_name="amends", standalone_mode=False)
        sys.exit(self._exit_code(args, extra))

    def _exit_code(self, args: Sequence[str] | None, extra: dict[str, Any]) -> int:
        try:
            answer = super().main(args, **extra)
        except (click.Abort, KeyboardInterrupt):
            return Exit.INTERRUPTED
        except OutputClosed:
            return Exit.PIPE_CLOSED
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except Exception as error:
            return _report(error)
        return answer if isinstance(answer, int) else Exit.OK


def _report(error: Exception) -> Exit:
    known = error if isinstance(error, CommandError) else _explained(error)
    click.echo(f"amends: {known.message}", err=True)
    if known.advice:
        click.echo(f"        {known.advice}", err=True)
    return known.exit_code


def _explained(error: Exception) -> CommandError:
    # Loaded only now: it knows the errors of every library underneath.
    from api.cli.errors import explained

    return explained(error)


@contextmanager
def _watched_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _forget_output()
        raise OutputClosed from None


def _forget_output() -> None:
    """Let the interpreter's last flush go nowhere instead of complaining."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP unwind the program, so that it ends what it began."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _unwind)


def _unwind(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


@click.group(cls=Program, parts=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(installed_version(), message="%(prog)s %(version)s")
def amends() -> None:
    """Amends keeps the life of every customer conflict, from the first report to the last lesson.

    Settings come from environment variables; `amends settings` shows them.
    """
