"""The schemas of the ledger, and of the packs that it proves."""

from __future__ import annotations

from api.json_schema import NUMBER, TEXT, TIME, Json, an_object, list_of
from api.routes import ZIP
from projections.packs import layout


def ledger_schemas() -> dict[str, Json]:
    tree = an_object(size=NUMBER, root=TEXT)
    key = an_object(
        name=TEXT,
        key_id=TEXT,
        algorithm={"const": "Ed25519"},
        verifier_key=TEXT,
        public_key_pem=TEXT,
        first_used_at=TIME,
    )
    return {
        "SignedNote": TEXT,
        "AuditPack": _audit_pack(),
        "Consistency": an_object(**{"from": tree, "to": tree}, proof=list_of(TEXT)),
        "LedgerKeys": an_object(items=list_of(key)),
    }


def _audit_pack() -> Json:
    """What a ZIP holds cannot be told by a schema, so it is said, with the files of one."""
    case_id = "0190f3c2-7b1e-7c4d-9a51-2f6b8e0d4c11"
    files = (
        *(layout.README, layout.CHECKPOINT, layout.SIGNER, layout.KEYS),
        *(layout.case_file(case_id, name) for name in layout.CASE_FILES),
        layout.receipt_file(case_id, 1),
        *(layout.ABOUT, layout.SUMS),
    )
    return {
        "type": "string",
        "contentMediaType": ZIP,
        "description": "A ZIP; `amends ledger verify-pack` and README.txt in it verify it. That of "
        "a period has folders for reviews and corrective actions too, if any moved in it.",
        "examples": ["\n".join(files)],
    }
