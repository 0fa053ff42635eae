"""The review calendar: regular reviews, audits, and corrective actions (S64)."""
