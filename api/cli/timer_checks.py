"""What `amends doctor` looks at in the timers: is what is due done?"""

from sqlalchemy import Engine

from api.cli.findings import Finding, fault, fine
from api.timer_health import look_at_timers

ADVICE = (
    "Restart `amends worker`: its timers stand still while the rest of it may work. See its log."
)


def look_at_the_timers(engine: Engine, *, worker_is_heard: bool) -> Finding:
    """Whether timers are at work; without any worker only what is due is a fault of theirs."""
    found = look_at_timers(engine)
    silent = found.silent_seconds
    heard = "never" if silent is None else f"{silent:.0f} s ago"
    if found.are_overdue:
        says = (
            f"{found.due_runs} warnings or breaches wait, the oldest for {found.due_seconds:.0f} s"
        )
        advice = ADVICE if worker_is_heard else "Start `amends worker` (or `amends serve`)."
        return fault("timers", f"{says}; timers were heard of {heard}", advice)
    return fine("timers", f"heard of {heard}; {found.due_runs} due")
