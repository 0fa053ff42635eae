"""Every fact a case can record, in the order of its life. These names are the storage format."""

from domain.events.envelope import ENVELOPE as ENVELOPE
from domain.events.envelope import CaseEvent as CaseEvent
from domain.events.intake import *
from domain.events.solving import *
from domain.events.outcome import *
from domain.events.follow_up import *
from domain.events.handling import *
from domain.events.commitments import *
from domain.events.exceptional import *
from domain.events.raising import *

ALL: tuple[type[CaseEvent], ...] = tuple(CaseEvent.__subclasses__())
BY_NAME: dict[str, type[CaseEvent]] = {event.NAME: event for event in ALL}
