"""XES (IEEE 1849-2016): a trace for each case, an event for each event, written as it is read.

https://www.xes-standard.org. Standard attributes by the extensions concept, time, organizational
and lifecycle; the others are codes of ours, named as over HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import quoteattr

from projections.mining.activities import activity
from projections.mining.cases import MinedCase, MinedEvent, assigned_in, solution_of
from projections.mining.pseudonyms import Pseudonyms
from projections.mining.selection import origin_of

HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
<string key="lifecycle:transition" value="complete"/>
</global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Step" keys="step"/>
<string key="lifecycle:model" value="standard"/>
"""
TAIL: Final = "</log>\n"
# What XML 1.0 has no way to write, section 2.2; names of stored events could hold it.
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | int | datetime


def xes(cases: Iterable[MinedCase], names: Pseudonyms, language: str) -> Iterator[bytes]:
    """The log in parts, one for each case."""
    yield (HEAD + _attribute("language", language)).encode()
    for case in cases:
        yield _trace(case, names, language).encode()
    yield TAIL.encode()


def _trace(case: MinedCase, names: Pseudonyms, language: str) -> str:
    about = {
        "concept:name": case.name,
        "case_id": str(case.case.id),
        "origin": origin_of(case.case),
        "customer": names.customer(case.customer_ref) if case.customer_ref else None,
        "org:group": case.unit,
        **case.facts,
    }
    told = "".join(_event(each, names, language) for each in case.events)
    return f"<trace>\n{_attributes(about)}{told}</trace>\n"


def _event(mined: MinedEvent, names: Pseudonyms, language: str) -> str:
    event = mined.event
    _, unit = assigned_in(event)
    told: dict[str, Value | None] = {
        "concept:name": activity(mined.step, language),
        "time:timestamp": mined.occurred_at,
        "lifecycle:transition": "complete",
        "org:resource": names.actor(event.actor) if event else None,
        "org:group": unit,
        "step": mined.step,
        "event": mined.name,
        "version": mined.version,
        "position": mined.position,
        "recorded_at": mined.recorded_at,
        "via": event.via.value if event else None,
        "status": mined.status,
        "solution": solution_of(event),
    }
    return f"<event>\n{_attributes(told)}</event>\n"


def _attributes(values: Mapping[str, Value | None]) -> str:
    return "".join(_attribute(key, value) for key, value in values.items() if value is not None)


def _attribute(key: str, value: Value) -> str:
    kind, text = _written(value)
    return f"<{kind} key={quoteattr(key)} value={quoteattr(_UNWRITABLE.sub('�', text))}/>\n"


def _written(value: Value) -> tuple[str, str]:
    """The element for a value, and how it is written there."""
    match value:
        case int():
            return "int", str(value)
        case datetime():
            return "date", value.astimezone(UTC).isoformat(timespec="microseconds")
        case _:
            return "string", value
