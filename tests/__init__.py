"""Tests, evaluation (`python -m tests.eval`) and benchmarks (`python -m tests.bench`)."""
