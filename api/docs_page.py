"""The description for people: one page without scripts, and nothing fetched from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from markupsafe import escape

from api.errors import PROBLEM_KINDS
from api.html_pages import PAGES_FOLDER, PageStyle, coded, templates
from api.json_schema import Json

STYLE: Final = PageStyle(PAGES_FOLDER / "docs.css")
_ADDRESS: Final = "{address}"
_FIRST_CASE: Final = f"""\
AMENDS={_ADDRESS}
TOKEN=amends_...
curl -i "$AMENDS/v1/cases" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Idempotency-Key: my-first-$$" \\
  -H "Content-Type: application/json" \\
  -d '{{"channel": "phone", "customer": {{"ref": "CUST-1"}}, "summary": "Arrived damaged"}}'"""
_MAX_CODES: Final = 12


_PAGES: Final = templates(PAGES_FOLDER, trim=False)
_PAGES.filters["words"] = coded


def page(document: Json) -> bytes:
    """The page for an OpenAPI document, as it is before `at` says where the service is."""
    operations = list(_operations(document))
    tags = dict.fromkeys(operation["tag"] for operation in operations)
    return (
        _PAGES.get_template("docs.html")
        .render(
            title=document["info"]["title"],
            about=document["info"]["description"],
            style=STYLE.markup,
            first_case=_FIRST_CASE,
            tags=[(tag, [each for each in operations if each["tag"] == tag]) for tag in tags],
            problems=_problems(),
        )
        .encode()
    )


def at(address: str, page: bytes) -> bytes:
    """The page with the address that its reader has asked, such as http://127.0.0.1:8080."""
    return page.replace(_ADDRESS.encode(), str(escape(address)).encode())


def _problems() -> list[dict[str, Any]]:
    return [
        {"code": code, "status": kind.status, "en": kind.title.en, "zh": kind.title.zh}
        for code, kind in sorted(PROBLEM_KINDS.items(), key=lambda row: (row[1].status, row[0]))
    ]


def _operations(document: Json) -> Iterator[Json]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "name": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "tag": operation["tags"][0],
                "summary": operation["summary"],
                "roles": _roles(operation),
                "params": [_param(param) for param in operation["parameters"]],
                **_body(document, operation),
            }


def _roles(operation: Json) -> str:
    if operation.get("security") == []:
        return "Open to everybody."
    return str(operation.get("description", "Any role."))


def _param(param: Json) -> Json:
    return {
        "name": param["name"],
        "place": param["in"],
        "required": param.get("required", False),
        "about": param.get("description", ""),
    }


def _body(document: Json, operation: Json) -> Json:
    if "requestBody" not in operation:
        return {"fields": [], "examples": []}
    content = operation["requestBody"]["content"]["application/json"]
    shown = [
        {
            "summary": example["summary"],
            "text": json.dumps(example["value"], ensure_ascii=False, indent=2),
        }
        for example in content["examples"].values()
    ]
    return {"fields": list(_fields(document, content["schema"], "")), "examples": shown}


def _fields(document: Json, schema: Json, path: str) -> Iterator[Json]:
    """Every field of a body, nested ones under their path."""
    resolved = _resolved(document, schema)
    if resolved.get("type") == "array":
        yield from _fields(document, resolved["items"], f"{path}[]")
        return
    for name, inner in resolved.get("properties", {}).items():
        where = f"{path}.{name}" if path else name
        found = _resolved(document, inner)
        required = name in resolved.get("required", ())
        yield {"name": where, "kind": _kind(found), "required": required} | _about(found)
        yield from _fields(document, found, where)


def _resolved(document: Json, schema: Json) -> Json:
    if "oneOf" in schema:
        schema = next(each for each in schema["oneOf"] if each != {"type": "null"})
    if "$ref" in schema:
        found: Json = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(schema: Json) -> str:
    kind = schema.get("type", "")
    plain = kind if isinstance(kind, str) else kind[0]
    return str(schema.get("format") or {"array": "list"}.get(plain, plain))


def _about(schema: Json) -> Json:
    """A sentence about a value, and its codes: a few beside it, many behind a line to open."""
    codes = schema.get("enum", [])
    few = codes if len(codes) <= _MAX_CODES else []
    about = f"{_sentence(schema)} {', '.join(few)}".strip()
    return {"about": about, "codes": [] if few else codes}


def _sentence(schema: Json) -> str:
    if schema.get("description"):
        return str(schema["description"])
    if "maxLength" in schema:
        return f"{schema['minLength']} to {schema['maxLength']} characters."
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}."
    if "maxItems" in schema:
        return f"{schema['minItems']} to {schema['maxItems']} items."
    return ""
