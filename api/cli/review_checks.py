"""What `amends doctor` looks at in the review calendar: is it watched?"""

from sqlalchemy import Engine

from api.cli.findings import Finding, fault, fine
from api.review_health import look_at_reviews

ADVICE = (
    "See the worker's log for `review failed`, `records cannot be read` or `a round cannot be "
    "done`. Where a newer version wrote to this database, update this worker; else restart it."
)


def look_at_the_calendar(engine: Engine) -> Finding:
    """Whether a worker that is heard of watches all of it."""
    found = look_at_reviews(engine)
    if found.silent_seconds is None:
        return fine("reviews", "no worker is heard of, so nobody watches the calendar")
    says = f"all of the calendar was looked at {found.silent_seconds:.0f} s ago"
    if found.is_failing:
        return fault("reviews", f"{says}; something in it fails at each look", ADVICE)
    return fine("reviews", says)
