"""The small networks that run here: the embedder, the question encoder, the cross-encoder, their weights.

`embedder` loads torch and only builds; everything else runs on onnxruntime, loaded when it is first used.
"""
