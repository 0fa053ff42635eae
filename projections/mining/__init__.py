"""The events of the cases for process mining: XES and OCEL 2.0, without a word of a person."""
