"""Finding: candidates of both searches, their features, what reads and ranks their sentences."""
