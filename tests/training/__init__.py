"""How the reader's weights come about: ``python -m tests.training`` writes ``src/onrecord/reader.npz``."""
