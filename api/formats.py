"""Which of several forms of an answer the caller likes best."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Request

from api.errors import Problem


def accepted_form(request: Request, media_types: Mapping[str, str]) -> str:
    """The form that Accept likes best, the first one without it. Raises Problem (406)."""
    if not request.accept_mimetypes:
        return next(iter(media_types))
    best = request.accept_mimetypes.best_match(list(media_types.values()))
    if best is None:
        raise Problem("not_acceptable")
    return next(form for form, media_type in media_types.items() if media_type == best)
