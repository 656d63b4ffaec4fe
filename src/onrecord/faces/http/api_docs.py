"""The page that describes the HTTP interface: made of its schema, without a script, loading nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem; }
code { font-size: .95em; } h2 { margin-top: 2.5rem; font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; }
td { padding: .25rem 1rem .25rem 0; vertical-align: top; } td:last-child { width: 60%; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"

Json = Mapping[str, Any]


def page(schema: Json) -> str:
    """Write the page.

    Args:
        schema: Of OpenAPI 3.1.

    Returns:
        HTML.
    """
    title = escape(schema["info"]["title"])
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width"><style>',
        _STYLE,
        f"</style><h1>{title} {escape(schema['info']['version'])}</h1>",
        f"<p>{escape(schema['info'].get('summary', ''))}</p>",
        '<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>',
        *_operations(schema),
        "<h1>Objects</h1>",
        *_objects(schema),
    ]
    return "".join(parts)


def _operations(schema: Json) -> Iterator[str]:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            yield _table(_rows(operation))


def _rows(operation: Json) -> Iterator[tuple[str, str]]:
    for each in operation.get("parameters", ()):
        yield each["name"], each.get("description", "") or each["in"]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "body", f"{kind}: {_type(content['schema'])}"
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        kinds = " or ".join(f"{kind}: {_type(each.get('schema', {}))}" for kind, each in content.items())
        yield status, f"{response['description']} {kinds}"


def _objects(schema: Json) -> Iterator[str]:
    for name, each in schema["components"]["schemas"].items():
        yield f"<h2><code>{escape(name)}</code></h2><p>{escape(each.get('description', ''))}</p>"
        fields = each.get("properties", {})
        yield _table(
            (key, f"{_type(field)}. {field.get('description', '')}") for key, field in fields.items()
        )


def _table(rows: Iterator[tuple[str, str]]) -> str:
    cells = (f"<tr><td><code>{escape(key)}</code><td>{escape(told)}" for key, told in rows)
    return f"<table>{''.join(cells)}</table>"


def _type(field: Json) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(_type(each) for each in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))
