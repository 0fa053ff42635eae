"""The lessons-learned report as JSON, as CSV and as a page that can be forwarded."""
