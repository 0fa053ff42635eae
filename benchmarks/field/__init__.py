"""Other event stores, and how they are fetched and run: never a part of Amends."""
