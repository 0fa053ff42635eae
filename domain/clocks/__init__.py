"""Service clocks: due times as a pure function of events, a frozen policy and its calendars."""
