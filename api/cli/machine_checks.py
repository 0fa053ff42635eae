"""What `amends doctor` looks at on the machine: settings, directory, key file, port."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from api.cli.classifier_checks import look_at_classifier
from api.cli.exits import CommandError
from api.cli.findings import Finding, fault, fine, warning
from api.cli.listening import base_url, claim_port
from api.cli.opening import has_database
from api.cli.web_answers import running_at
from service.master_key import FILE_NAME, load_master_key
from service.setting_values import SettingsError
from service.settings import Settings, unknown_variables

FREE_BYTES_MIN = 1 << 30
OTHERS = stat.S_IRWXG | stat.S_IRWXO


_KEY_ADVICE = (
    "A new installation: make one, as docs/how-to/operate.md shows. One with data: restore its "
    "key from the backup."
)


def look_at_machine(settings: Settings) -> Iterator[Finding]:
    """Everything that needs no database."""
    yield _variables()
    yield _port(settings)
    if settings.embedded:
        yield _data_directory(settings.data_dir)
    yield _master_key(settings)
    yield look_at_classifier(settings)


def _variables() -> Finding:
    unknown = unknown_variables()
    if not unknown:
        return fine("settings", "usable")
    return warning(
        "settings",
        f"no such setting: {', '.join(unknown)}",
        "`amends settings` shows those there are.",
    )


def _port(settings: Settings) -> Finding:
    where = base_url(settings)
    if address := running_at(settings):
        return fine("port", f"Amends answers at {address}")
    try:
        with claim_port(settings):
            return warning(
                "port",
                f"nothing answers at {where}",
                "Start `amends serve` or `amends web`, unless the web server runs elsewhere.",
            )
    except CommandError as problem:
        return fault("port", problem.message, problem.advice)


def _data_directory(directory: Path) -> Finding:
    if not directory.is_dir():
        return fault("data directory", f"{directory} is not there", "`amends serve` makes it.")
    free = shutil.disk_usage(directory).free
    if free < FREE_BYTES_MIN:
        return warning(
            "data directory",
            f"only {free >> 20} MiB are free in {directory}",
            "Make room: a full disk stops the database.",
        )
    return fine("data directory", f"{directory}, {free >> 30} GiB free")


def _master_key(settings: Settings) -> Finding:
    """The key can be read, by its owner only. Whether it is the right one, the database tells."""
    path = settings.master_key_file
    if settings.embedded and settings.master_key is None and path is None:
        path = settings.data_dir / FILE_NAME
        if not path.exists() and not has_database(settings):
            return warning("master key", "there is none yet", "`amends serve` makes it.")
    try:
        load_master_key(settings if path is None else _with_file(settings, path))
    except SettingsError as problem:
        return fault("master key", str(problem), _KEY_ADVICE)
    if path is not None and path.stat().st_mode & OTHERS and not _is_mounted_secret(path):
        return fault("master key", f"others may read {path}", f"Run: chmod 600 {path}")
    return fine("master key", "can be read")


def _with_file(settings: Settings, path: Path) -> Settings:
    return replace(settings, master_key=None, master_key_file=path)


def _is_mounted_secret(path: Path) -> bool:
    """Docker mounts a secret with the rights of its source, into a container of its own."""
    return path.is_relative_to("/run/secrets")
