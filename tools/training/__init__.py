"""The ranker's weights: ``python -m tools.training`` writes ``src/onrecord/retrieval/data/ranker.npz``."""
