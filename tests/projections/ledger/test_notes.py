"""Notes, checkpoints and keys have the forms of C2SP, and other people's code accepts them."""

from __future__ import annotations

import base64

import metamorphic_log
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from projections.ledger.merkle import leaf_hash
from projections.ledger.notes import (
    COSIGNATURE,
    Checkpoint,
    MalformedNote,
    Note,
    NoteRefused,
    Signature,
    VerifierKey,
    opened,
    parse_keys,
)

ORIGIN = "example.com/amends"
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey.of(ORIGIN, SIGNING)
CHECKPOINT = Checkpoint(ORIGIN, 3, leaf_hash(b"one"))

# The example of the package where this form comes from: golang.org/x/mod/sumdb/note.
EXAMPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_implementation_is_accepted() -> None:
    key = VerifierKey.parse(EXAMPLE_KEY)

    signers = Note.parse(EXAMPLE_NOTE).signers([key])

    assert signers == [key]
    assert str(key) == EXAMPLE_KEY
    assert str(Note.parse(EXAMPLE_NOTE)) == EXAMPLE_NOTE


def test_our_checkpoint_is_accepted_by_another_implementation() -> None:
    note = str(CHECKPOINT.signed(SIGNING))

    head = metamorphic_log.checkpoint_verify(note, [str(KEY)])

    assert (head.origin, head.size, head.root) == (ORIGIN, 3, CHECKPOINT.root)
    assert opened(note, [KEY]) == CHECKPOINT


def test_keys_are_read_one_a_line() -> None:
    text = f"{KEY}\n\n{EXAMPLE_KEY}\n"

    keys = parse_keys(text.splitlines())

    assert keys == [KEY, VerifierKey.parse(EXAMPLE_KEY)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        ORIGIN,
        f"{ORIGIN}+00000000+{base64.b64encode(bytes(33)).decode()}",
        str(KEY).replace("+", " "),
        str(KEY)[:-4],
        str(KEY).replace(ORIGIN, "other"),
        str(KEY) + "\n\x00",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\n3\n", "\n03\n"),
        lambda note: note.replace("\n3\n", "\n-3\n"),
        lambda note: note.replace("\n3\n", "\nthree\n"),
        lambda note: note.replace("=", "", 1),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note[:-1],
        lambda note: note.replace("\N{EM DASH}", "-"),
        lambda note: note.replace("\n3", "\n3\t"),
        lambda note: f"\n{note}",
        lambda note: "",
    ],
)
def test_what_is_no_checkpoint_is_refused(change: object) -> None:
    assert callable(change)
    note = change(str(CHECKPOINT.signed(SIGNING)))

    with pytest.raises(MalformedNote):
        opened(note, [KEY])


def test_a_note_that_nobody_signed_whom_we_trust_is_refused() -> None:
    note = str(CHECKPOINT.signed(Ed25519PrivateKey.generate()))

    with pytest.raises(NoteRefused, match="not signed by a key"):
        opened(note, [KEY])


def test_a_wrong_signature_of_a_trusted_key_is_refused() -> None:
    other = Checkpoint(ORIGIN, 4, CHECKPOINT.root).signed(SIGNING)
    note = Note(str(CHECKPOINT), other.signatures)

    with pytest.raises(NoteRefused, match="wrong"):
        opened(str(note), [KEY])


def test_a_key_signs_for_its_own_ledger_only() -> None:
    foreign = Checkpoint("example.com/other", 3, CHECKPOINT.root)
    signature = Signature(ORIGIN, KEY.key_id, SIGNING.sign(str(foreign).encode()))

    with pytest.raises(NoteRefused, match="the log itself"):
        opened(str(Note(str(foreign), (signature,))), [KEY])


def test_unknown_signatures_are_passed_over_and_cosignatures_verified() -> None:
    """https://c2sp.org/tlog-cosignature: a witness signs the time and the checkpoint."""
    witness = VerifierKey("witness.example/w1", KEY.public_key, COSIGNATURE)
    message = b"cosignature/v1\ntime 1679315147\n" + str(CHECKPOINT).encode()
    cosigned = (1_679_315_147).to_bytes(8) + SIGNING.sign(message)
    strange = Signature("strange.example", b"1234", b"anything")
    ours = CHECKPOINT.signed(SIGNING).signatures
    cosignature = Signature(witness.name, witness.key_id, cosigned)
    note = Note(str(CHECKPOINT), (*ours, strange, cosignature))

    signers = Note.parse(str(note)).signers([KEY, witness])

    assert signers == [KEY, witness]
    assert VerifierKey.parse(str(witness)) == witness
