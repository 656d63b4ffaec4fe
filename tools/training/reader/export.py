"""The trained network as an 8-bit ONNX graph."""

from __future__ import annotations

import hashlib
import tempfile
import warnings
from pathlib import Path

import torch

from tools.training.reader.network import Network

__all__ = ["export"]


def export(network: Network, target: Path) -> str:
    """Write the graph, its weights in 8 bits.

    Args:
        network: Trained.
        target: The file to write.

    Returns:
        The sha256 of what was written.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    probe = torch.ones((1, 8), dtype=torch.long)
    names = ("input_ids", "token_type_ids", "attention_mask")
    axes = {name: {0: "passages", 1: "tokens"} for name in (*names, "logits")}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracing exporter announces its successor
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            network.cpu().eval(),
            (probe, probe, probe),
            str(whole),
            input_names=list(names),
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(str(whole), str(target), weight_type=QuantType.QInt8)
    return hashlib.sha256(target.read_bytes()).hexdigest()
