"""Using the domain: the event store, keys, settings, the database and the importers."""
