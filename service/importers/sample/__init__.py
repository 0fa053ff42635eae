"""A few hundred real complaints to try Amends on; README.md beside them tells their origin."""

from pathlib import Path

SAMPLE = Path(__file__).with_name("cfpb_sample.csv.gz")
