"""Audit packs: the evidence about cases in one file, made here and verified anywhere."""
