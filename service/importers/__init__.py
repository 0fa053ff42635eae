"""History from elsewhere: cases handled in other systems, taken over as their records tell them."""
