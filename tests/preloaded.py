"""What the processes of `tests.forked` find loaded: all that a build, an answer or a kept turn loads."""

import chromadb  # noqa: F401
import onnxruntime  # noqa: F401
import sentence_transformers  # noqa: F401
import tantivy  # noqa: F401
import torch  # noqa: F401

import tests.assistant.writing
import tests.reliability.small
import tests.reliability.whole  # noqa: F401
