"""The settings, by what they are about: each with its variables, its default and its meaning."""
