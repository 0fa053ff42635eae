"""What the commands say is in an audit pack."""


def counted(cases: int, events: int, reviews: int, actions: int, records: int) -> str:
    """Events of cases, and records of reviews and corrective actions where it holds any."""
    told = f"{events:,} events of {cases:,} cases"
    if not records:
        return told
    return f"{told}, {records:,} records of {reviews:,} reviews and {actions:,} corrective actions"
