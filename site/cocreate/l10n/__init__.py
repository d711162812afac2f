"""The catalogues: extracted, compiled, checked and shown to translators."""
