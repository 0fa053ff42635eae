"""A few hundred real complaints that come with Amends, to try it on; README.md tells their origin."""

from pathlib import Path

SAMPLE = Path(__file__).with_name("cfpb_sample.csv.gz")
