"""How the reader comes about: ``python -m tests.training.reader`` writes ``src/onrecord/reader.onnx``."""
