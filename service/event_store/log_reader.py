"""Reading the log: the events of cases by version, and pages in order below the horizon."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Subscription
from sqlalchemy import Engine

from service.event_store import statements
from service.event_store.connections import connections_of
from service.event_store.encoding import as_uuid, shared_uuid, uuid_array, version_range
from service.event_store.errors import PositionNotInLog
from service.event_store.records import HIGHEST_POSITION, Page, RecordedEvent
from service.event_store.subscription import PollingSubscription


class LogReader(ApplicationRecorder):
    """Everything of a recorder that only reads. Raises StoreUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._connections = connections_of(engine)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[RecordedEvent]:
        """Events of one originator by version, also those still beyond the horizon."""
        found = as_uuid(originator_id)
        values = version_range(found, gt, lte, limit)
        if desc:
            rows = self._connections.read(statements.EVENTS_OF_NEWEST_FIRST, values)
        else:
            rows = self._connections.read(
                statements.EVENTS_OF, values, preparation=statements.PREPARE_EVENTS_OF
            )
        return [
            RecordedEvent.placed(found, version, topic, bytes(state), position, recorded_at)
            for version, topic, state, position, recorded_at in rows
        ]

    def select_events_of(self, originator_ids: Collection[UUID]) -> list[RecordedEvent]:
        """All events of several originators, each one's by version, in one round trip."""
        return self._events_of(statements.EVENTS_OF_MANY, (uuid_array(originator_ids),))

    def select_boundaries(self, every: int) -> list[UUID]:
        """Originators, in order, that cut the store into ranges of about so many events."""
        rows = self._connections.read(statements.BOUNDARIES, (every,))
        return [UUID(originator_id) for (originator_id,) in rows]

    def select_events_between(self, after: UUID, up_to: UUID, position: int) -> list[RecordedEvent]:
        """Events of all originators in a range of ids, each one's by version, up to a position."""
        return self._events_of(statements.EVENTS_BETWEEN, (after.hex, up_to.hex, position))

    def select_events_by_case(
        self, after: tuple[UUID, int], position: int, limit: int
    ) -> list[RecordedEvent]:
        """Up to `limit` events behind a case and version, case by case, up to a position."""
        case_id, version = after
        return self._events_of(statements.EVENTS_BY_CASE, (case_id.hex, version, position, limit))

    def _events_of(self, statement: str, values: tuple[object, ...]) -> list[RecordedEvent]:
        return [
            RecordedEvent.placed(
                shared_uuid(originator_id), version, topic, bytes(state), position, recorded_at
            )
            for originator_id, version, topic, state, position, recorded_at in (
                self._connections.read(statement, values)
            )
        ]

    def read_page(
        self,
        after: int,
        limit: int,
        *,
        up_to: int | None = None,
        topics: Sequence[str] = (),
    ) -> Page:
        """Up to `limit` events in order, after a position and below the horizon."""
        named = list(topics) or None
        highest = HIGHEST_POSITION if up_to is None else up_to
        values = (highest, after, highest, named, named, limit)
        rows = self._connections.read(statements.PAGE, values)
        events = [
            RecordedEvent.placed(
                shared_uuid(originator_id), version, topic, bytes(state), position, recorded_at
            )
            for _, _, position, originator_id, version, topic, state, recorded_at in rows
            if position is not None
        ]
        horizon, newest = rows[0][:2]
        read_to = events[-1].id if len(events) == limit else max(after, newest or after)
        return Page(events, horizon, read_to)

    def horizon(self) -> int:
        """The position below which no event can appear any more."""
        ((horizon,),) = self._connections.read(statements.HORIZON)
        return int(horizon)

    def require_given_out(self, position: int) -> None:
        """Raises PositionNotInLog for a position at or above what the next append gets."""
        ((next_position, _),) = self._connections.read(statements.NEXT_POSITION)
        if position >= next_position:
            raise PositionNotInLog(position)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[RecordedEvent]:
        """The library's door to `read_page`."""
        after = -1 if start is None else start - 1 if inclusive_of_start else start
        return self.read_page(after, limit, up_to=stop, topics=topics).events

    def max_notification_id(self) -> int | None:
        """The newest position that readers may see: none can appear below it any more."""
        for (position,) in self._connections.read(statements.NEWEST_READABLE):
            return int(position)
        return None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Events after a position, for ever: waits for new ones by asking ever less often.

        Raises PositionNotInLog for a position that no append can have got yet.
        """
        if gt is not None:
            self.require_given_out(gt)
        return PollingSubscription(self, gt, topics)
