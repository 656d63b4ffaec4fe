"""Programs for who works on onrecord: evaluation, benchmarks, training, pages of the docs."""
