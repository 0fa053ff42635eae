"""The master key that wraps every data key: where it comes from, and its making on first start."""

import base64
import binascii
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.setting_values import SettingsError
from service.settings import Settings

KEY_BYTES = 32
FILE_NAME = "master.key"


def load_master_key(settings: Settings) -> bytes:
    """The 32 bytes that the settings name; SettingsError when there are none or others."""
    if settings.master_key is not None:
        return _decoded(settings.master_key, "AMENDS_MASTER_KEY")
    if settings.master_key_file is None:
        raise SettingsError("set AMENDS_MASTER_KEY_FILE (32 random bytes in base64)")
    try:
        text = settings.master_key_file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "not a text file"
        raise SettingsError(f"AMENDS_MASTER_KEY_FILE cannot be read: {reason}") from None
    return _decoded(text.strip(), "AMENDS_MASTER_KEY_FILE")


def derived_key(master_key: bytes, purpose: bytes) -> bytes:
    """A key of its own for one purpose, by HKDF (RFC 5869); the master key only wraps keys."""
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master_key)


def ensure_key_file(data_dir: Path, *, has_data: bool) -> Path:
    """The key file in a data directory, made (mode 0600) when the directory is new.

    With data but no key, a new key would hide the loss until the first read: refuse.
    """
    path = data_dir / FILE_NAME
    if path.exists():
        return path
    if has_data:
        raise SettingsError(
            f"{path} is missing, and without it the stored personal data cannot be read: "
            "restore it from a backup"
        )
    try:
        write_once(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
    except OSError as problem:
        raise SettingsError(f"AMENDS_DATA_DIR cannot be used: {problem.strerror}") from None
    return path


def write_once(path: Path, content: bytes) -> None:
    """Write a private file in one step; of two processes at once, the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".master-") as draft:
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return


def _decoded(text: str, env: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{env} must hold 32 bytes in base64")
    return key
