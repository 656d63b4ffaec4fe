"""The reader: ``python -m tools.training.reader`` writes ``src/onrecord/models/data/reader.onnx``."""
