"""A customer's risk as JSON: the score, what each indicator adds to it, what codes are called."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from api.json_body import rfc3339, rfc3339_or_null
from api.json_schema import DECIMAL, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.state_labels import FACTOR_STATES
from domain.book import Edition
from domain.customer_risk.book import BANDS, INDICATORS, SCORE, SCORES, risk_book
from domain.customer_risk.scoring import Factor, FactorState, NoScore, RiskScore
from domain.records import IndicatorSupplied
from domain.reference_books import CURRENT_EDITION, edition
from projections.stand_ins import ERASED
from service.erasure_records import Erasure
from service.record_book import LoggedRecord
from service.risk_indicators import CustomerRisk
from service.risk_values import KnownValue

WHY_NONE: Final = {
    NoScore.TOO_FEW_INDICATORS: (
        "No score: too few indicators are known and fresh.",
        "无评分：已知且未过期的指标太少。",
    ),
    NoScore.TOO_LITTLE_WEIGHT: (
        "No score: the indicators that are known and fresh have too little weight.",
        "无评分：已知且未过期的指标权重不足。",
    ),
}


def risk_json(subject_ref: str, risk: CustomerRisk, language: str) -> dict[str, Any]:
    """The score with everything it rests on; what adds most comes first."""
    books = edition(risk.score.edition)
    factors = sorted(risk.score.factors, key=_rank)
    return {
        "customer_ref": subject_ref,
        "at": rfc3339(risk.score.at),
        **score_parts(risk.score, language),
        "least_indicators": risk_book(risk.score.edition).least_indicators,
        "least_weight_percent": risk_book(risk.score.edition).least_weight,
        "edition": risk.score.edition,
        "indicators": [_factor(each, risk, books, language) for each in factors],
        "erased_at": rfc3339_or_null(risk.erased_at),
        "links": {"indicators": f"/v1/customers/{quote(subject_ref)}/indicators"},
    }


def score_parts(score: RiskScore, language: str) -> dict[str, Any]:
    """The score in short: its value and band, or why there is none, and how much it rests on."""
    books, why = edition(score.edition), score.why_none
    found = {"score": books.label(SCORES, SCORE, language)}
    if score.band:
        found["band"] = books.label(BANDS, score.band, language)
    if why:
        found["why_none"] = WHY_NONE[why][language == "zh"]
    return {
        "score": _figure(score.score),
        "band": score.band,
        "why_none": why.value if why else None,
        "rests_on": len(score.counted),
        "of": len(score.factors),
        "weight_percent": score.weight,
        "labels": found,
    }


def _rank(factor: Factor) -> tuple[bool, bool, Decimal]:
    """What counts first, by how much; then what is too old, then what is missing."""
    adds = factor.contribution
    return adds is None, factor.state is FactorState.MISSING, -(adds or Decimal())


def _factor(factor: Factor, risk: CustomerRisk, books: Edition, language: str) -> dict[str, Any]:
    about = factor.indicator
    known = risk.values[about.code] if factor.supplied else None
    return {
        "indicator": about.code,
        "label": books.label(INDICATORS, about.code, language),
        "state": factor.state.value,
        "state_label": FACTOR_STATES[factor.state].in_language(language),
        "points": _figure(factor.points),
        "weight": about.weight,
        "contribution": _figure(factor.contribution),
        "calm": _figure(about.calm),
        "alarming": _figure(about.alarming),
        "unit": about.unit,
        "unit_label": books.label("risk_units", about.unit, language),
        **_told(known),
        "fresh_until": rfc3339(known.supplied.observed_at + about.max_age) if known else None,
    }


def _told(known: KnownValue | None) -> dict[str, Any]:
    """What was supplied, when, and by whom."""
    if known is None:
        return dict.fromkeys(("value", "observed_at", "recorded_at", "supplied_by"))
    return {
        "value": _figure(known.supplied.value),
        "observed_at": rfc3339(known.supplied.observed_at),
        "recorded_at": rfc3339(known.recorded_at),
        "supplied_by": {"id": known.actor_id, "kind": known.actor_kind},
    }


def supplied_json(logged: LoggedRecord, language: str, erasure: Erasure | None) -> dict[str, Any]:
    """One supplied value as it is on record; what an erasure of the person covers is not told."""
    record: IndicatorSupplied = logged.record
    books = edition(CURRENT_EDITION)
    is_erased = erasure is not None and erasure.covers(logged)
    return {
        "indicator": record.indicator,
        "label": books.label(INDICATORS, record.indicator, language),
        "value": ERASED if is_erased else _figure(record.value),
        "observed_at": rfc3339(record.occurred_at),
        "recorded_at": rfc3339(logged.recorded_at),
        "supplied_by": {"id": record.actor.id, "kind": record.actor.kind.value},
        "number": record.originator_version,
    }


def _figure(value: Decimal | None) -> float | None:
    # Adding 0 takes the sign of a -0 that an earlier release let in.
    return None if value is None else float(value) + 0.0


def risk_schemas() -> dict[str, Json]:
    """The schemas of a score, of one in short, and of what was supplied."""
    supplied = an_object(
        indicator=TEXT,
        label=TEXT,
        value={"oneOf": [DECIMAL, ref("Erased")]},
        observed_at=TIME,
        recorded_at=TIME,
        supplied_by=ref("Actor"),
        number=NUMBER,
    )
    return {
        "SuppliedIndicatorShown": supplied,
        "SuppliedIndicators": an_object(
            customer_ref=TEXT, indicators=list_of(ref("SuppliedIndicatorShown"))
        ),
        "SuppliedIndicatorPage": an_object(items=list_of(ref("SuppliedIndicatorShown"))),
        "RiskInShort": an_object(**_short()),
        "CustomerRisk": an_object(
            customer_ref=TEXT,
            at=TIME,
            **_short(),
            least_indicators=NUMBER,
            least_weight_percent=NUMBER,
            edition=NUMBER,
            indicators=list_of(_factor_schema()),
            erased_at=or_null(TIME),
            links=an_object(indicators=TEXT),
        ),
    }


def _short() -> dict[str, Json]:
    labels: Json = an_object(score=TEXT)
    labels["properties"] |= {"band": TEXT, "why_none": TEXT}
    bands = [code for code, _ in risk_book().bands]
    return {
        "score": or_null(DECIMAL),
        "band": or_null({"enum": bands}),
        "why_none": or_null({"enum": [each.value for each in NoScore]}),
        "rests_on": NUMBER,
        "of": NUMBER,
        "weight_percent": NUMBER,
        "labels": labels,
    }


def _factor_schema() -> Json:
    return an_object(
        indicator=TEXT,
        label=TEXT,
        state={"enum": [state.value for state in FactorState]},
        state_label=TEXT,
        points=or_null(DECIMAL),
        weight=NUMBER,
        contribution=or_null(DECIMAL),
        calm=DECIMAL,
        alarming=DECIMAL,
        unit=TEXT,
        unit_label=TEXT,
        value=or_null(DECIMAL),
        observed_at=or_null(TIME),
        recorded_at=or_null(TIME),
        supplied_by=or_null(ref("Actor")),
        fresh_until=or_null(TIME),
    )
