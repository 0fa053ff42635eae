"""What is true about a conflict case: its events, its rules, its lifecycle."""
