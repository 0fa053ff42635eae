"""What proves a pack: the ledger, its checkpoint, and keys that change."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from projections.ledger.notes import VerifierKey
from projections.ledger.places import PlaceUnusable
from projections.packs import layout
from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.packs.steps import between, of_case, pack_of, run, unpack
from tests.api.test_errors import assert_problem
from tests.packs import files_of, packed_again, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser


def test_a_ledger_that_lacks_rows_gives_no_pack(
    callers: Callers, case: Json, ledger: ALedger, postgres_url: str
) -> None:
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("CREATE TABLE put_aside AS TABLE ledger.leaves")
        cursor.execute("DELETE FROM ledger.leaves WHERE first_index = 0")
        answer = callers.auditor.get(of_case(case))
        cursor.execute("TRUNCATE ledger.leaves")
        cursor.execute("INSERT INTO ledger.leaves SELECT * FROM put_aside")

    assert answer.status_code == 503


def test_an_edited_store_gives_a_pack_that_is_refused(
    callers: Callers, ledger: ALedger, postgres_url: str
) -> None:
    case = callers.reporter.report({**REPORT, "customer": {"ref": "CUST-EDITED"}})
    ledger.keep()
    edit = """
        UPDATE events SET state = convert_to(
            replace(convert_from(state, 'UTF8'), '"phone"', '"email"'), 'UTF8'
        ) WHERE originator_id = %s
    """
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(edit, (case["id"],))

    found = verified(pack_of(callers.auditor, of_case(case)))

    assert found.wrong[0].file == layout.receipt_file(case["id"], 1)
    assert "not proven" in found.wrong[0].says


def test_a_pack_of_before_a_rotation_of_the_key_verifies_after_it(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    before = pack_of(callers.auditor, of_case(case))
    old_key, ledger.key = ledger.key, Ed25519PrivateKey.generate()
    callers.reporter.report()
    ledger.keep()

    after = pack_of(callers.auditor, of_case(case))

    published = ledger.directory.keys()
    old, new = VerifierKey.of(ORIGIN, old_key), VerifierKey.of(ORIGIN, ledger.key)
    assert published == [old, new]
    assert files_of(after)["keys"].decode().split() == [str(old), str(new)]
    for pack, key in ((before, old), (after, new)):
        assert verified(pack, keys=published).wrong == []
        assert verified(pack, keys=published).signed_by == [key]
    assert verified(after, keys=[old]).wrong[0].file == "checkpoint"
    found = [
        shown(callers.admin.get("/v1/ledger/keys"))["items"][n]["verifier_key"] for n in (0, 1)
    ]
    assert found == [str(old), str(new)]


@pytest.fixture
def in_changeover(
    callers: Callers, case: Json, ledger: ALedger, monkeypatch: pytest.MonkeyPatch
) -> tuple[bytes, VerifierKey, VerifierKey]:
    """A pack whose checkpoint two keys signed, the old one, the new one."""
    monkeypatch.setattr(ledger, "old_keys", [ledger.key])
    ledger.key = Ed25519PrivateKey.generate()
    callers.reporter.report()
    ledger.keep()
    pack = pack_of(callers.auditor, of_case(case))
    return pack, VerifierKey.of(ORIGIN, ledger.old_keys[0]), VerifierKey.of(ORIGIN, ledger.key)


def test_a_pack_of_while_the_key_changes_verifies_with_either_key(
    in_changeover: tuple[bytes, VerifierKey, VerifierKey], ledger: ALedger, tmp_path: Path
) -> None:
    pack, old, new = in_changeover
    files = files_of(pack)
    unpack(files, tmp_path)
    lines = between(files["README.txt"].decode(), "sed '/^$/", "-sigfile signature")
    published = (ledger.directory.path / "checkpoint").read_text()

    found = {
        keys: verified(pack, keys=keys, published=lambda size: published)
        for keys in ((old,), (new,), (old, new), (new, old))
    }
    by_openssl = run(["sh", "-euc", lines], tmp_path)

    assert [each.wrong for each in found.values()] == [[]] * 4
    assert {keys: set(keys) for keys in found} == {
        keys: set(each.signed_by) for keys, each in found.items()
    }
    assert "Verified Successfully" in by_openssl.stdout


def test_a_pack_of_while_the_key_changes_is_refused_by_and_with_a_foreign_key(
    in_changeover: tuple[bytes, VerifierKey, VerifierKey],
) -> None:
    pack, old, new = in_changeover
    foreign = VerifierKey.of(ORIGIN, Ed25519PrivateKey.generate())
    files = files_of(pack)
    signed_by_old, signed_by_foreign = (
        packed_again({**files, layout.SIGNER: key.pem.encode()}) for key in (old, foreign)
    )

    distrusted = verified(pack, keys=[foreign])
    beside_it = {key: verified(signed_by_foreign, keys=[key]) for key in (old, new)}

    assert [flaw.file for flaw in distrusted.wrong] == [layout.CHECKPOINT]
    for each in beside_it.values():
        assert [flaw.file for flaw in each.wrong] == [layout.SIGNER]
    assert verified(signed_by_old, keys=[new]).wrong == []


def test_its_checkpoint_is_one_that_was_published_while_publishing_works(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    late = callers.reporter.report()
    ledger.feeder.catch_up()
    ledger.signer().sign()  # and not published

    pack = pack_of(callers.auditor, of_case(case))
    early = callers.auditor.get(of_case(late))
    ledger.publisher.failed(PlaceUnusable("cannot be written"))
    unpublished = pack_of(callers.auditor, of_case(late))
    ledger.publisher.publish()

    published = {path.read_text() for path in ledger.directory.files()}
    assert files_of(pack)["checkpoint"].decode() in published
    assert_problem(early, 503, "not_signed_yet")
    assert verified(unpublished).wrong == []
