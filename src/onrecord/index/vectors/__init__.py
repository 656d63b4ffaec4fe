"""Vectors of passages and sentences: kept as arrays, searched exactly or by a vector store."""
