"""The files of an audit pack as people read them: pages, readable events, the note on verifying."""
