"""RELIABILITY row 10: a model that is not the one expected is refused, and nothing of it is executed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from onrecord.errors import ModelError
from onrecord.models.embedder import TorchEmbedder
from onrecord.models.weights import DEFAULT_MODEL, PINNED, file_sha256, find_weights, model_name
from tests.shared import ROOT


@pytest.fixture(scope="session")
def official() -> Path:
    return find_weights().path


@pytest.fixture
def copy(official, tmp_path) -> Path:
    """A copy of the model whose files may be damaged one by one: links, which damage must replace."""

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)

    shutil.copytree(official, tmp_path / "model", copy_function=link)
    return tmp_path / "model"


def rewrite(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


class Canary:
    """Unpickling it, or running the code beside it, writes a file."""

    def __init__(self, cage: Path) -> None:
        self.cage = cage

    def __reduce__(self):
        return os.mkdir, (str(self.cage),)


def test_the_installed_model_is_the_official_one():
    weights = find_weights()
    assert (weights.name, dict(weights.files)) == (DEFAULT_MODEL, dict(PINNED))
    assert {str(file.relative_to(weights.path)) for file in weights.path.rglob("*.safetensors")} == {
        "model.safetensors"
    }


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGE = {
    "truncated": lambda content: content[: len(content) // 2],
    "flipped": flipped,
    "emptied": lambda _: b"",
}


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_named_with_both_hashes(copy, name, kind):
    rewrite(copy / name, DAMAGE[kind]((copy / name).read_bytes()))
    with pytest.raises(ModelError) as caught:
        find_weights(path=copy)
    assert str(copy / name) in caught.value.message
    assert f"expected sha256 {PINNED[name]}" in caught.value.message
    assert f"found {file_sha256(copy / name)}" in caught.value.message
    assert "pip install" in caught.value.remedy


@pytest.mark.parametrize("name", PINNED)
def test_a_missing_file_is_named_with_the_hash_expected(copy, name):
    (copy / name).unlink()
    with pytest.raises(ModelError, match=f"expected sha256 {PINNED[name]}, found no such file"):
        find_weights(path=copy)


def test_files_that_nobody_asked_for_are_no_part_of_the_model(copy, tmp_path):
    (copy / "pytorch_model.bin").write_bytes(pickle.dumps(Canary(tmp_path / "fired")))
    (copy / "modeling_onrecord.py").write_text(f"import os; os.mkdir({str(tmp_path / 'fired')!r})")
    weights = find_weights(path=copy)
    assert dict(weights.files) == dict(PINNED)
    TorchEmbedder.load(weights, threads=1)
    assert not (tmp_path / "fired").exists()


def test_pickled_weights_alone_are_refused_unread(copy, tmp_path):
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(pickle.dumps(Canary(tmp_path / "fired")))
    for model, path in ((DEFAULT_MODEL, copy), (str(copy), None)):
        with pytest.raises(ModelError, match=r"model\.safetensors|pytorch_model\.bin"):
            find_weights(model, path=path)
    assert not (tmp_path / "fired").exists()


FOREIGN = [("config.json", {}), ("tokenizer_config.json", {}), ("1_Pooling/config.json", {})]
FOREIGN += [("modules.json", {"type": "canary.Model"}), ("modules.json", {"path": "../elsewhere"})]


@pytest.mark.parametrize(("file", "foreign"), FOREIGN)
def test_a_model_that_wants_to_run_its_own_code_is_refused(copy, tmp_path, file, foreign):
    (copy / "canary.py").write_text(f"import os; os.mkdir({str(tmp_path / 'fired')!r})\nclass Model: pass\n")
    content = json.loads((copy / file).read_bytes())
    if file != "modules.json":
        content["auto_map"] = {"AutoModel": "canary.Model"}
    else:
        content[0] |= foreign
    rewrite(copy / file, json.dumps(content).encode())
    with pytest.raises(ModelError, match="wants to run its own code"):
        find_weights(str(copy))
    assert not (tmp_path / "fired").exists()


@pytest.mark.parametrize("content", [None, b"", b"{", b"null", b'[{"type": 3}]', b'{"no": "list"}', b"\xff"])
@pytest.mark.parametrize("file", ["1_Pooling/config.json", "modules.json"])
def test_a_folder_that_is_no_model_is_refused(copy, file, content):
    if content == b'{"no": "list"}' and file != "modules.json":
        content = b'["no", "object"]'
    if content is None:
        (copy / "config.json").unlink()
    else:
        rewrite(copy / file, content)
    with pytest.raises(ModelError, match="is not a sentence-transformers model"):
        find_weights(str(copy))


def test_pickled_weights_of_one_module_are_refused_unread(copy, tmp_path):
    (copy / "2_Dense").mkdir()
    (copy / "2_Dense" / "pytorch_model.bin").write_bytes(pickle.dumps(Canary(tmp_path / "fired")))
    with pytest.raises(ModelError, match=r"2_Dense/pytorch_model\.bin"):
        find_weights(str(copy))
    assert not (tmp_path / "fired").exists()


def test_a_folder_has_one_name_and_its_hashes_are_its_identity(copy, monkeypatch):
    weights = find_weights(str(copy))
    assert weights.files["model.safetensors"] == PINNED["model.safetensors"]
    monkeypatch.chdir(copy.parent)
    assert find_weights("model") == weights
    assert model_name("model") == weights.name == str(copy.resolve())
    rewrite(copy / "vocab.txt", b"changed")
    assert find_weights(str(copy)).fingerprint != weights.fingerprint


def test_a_name_that_is_nowhere_is_an_error_that_says_what_to_do(outbound_log):
    code = (
        "from onrecord.errors import ModelError\nfrom onrecord.models.weights import find_weights\n"
        "try:\n    find_weights('no-such/model-of-onrecord')\n"
        "except ModelError as error:\n    print(error)\n"
    )
    # A process of its own, told to stay offline before the hub's library is loaded.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert "'no-such/model-of-onrecord' is neither a folder nor to be had from the hub" in done.stdout
    assert "ONRECORD_EMBEDDING" in done.stdout
    assert outbound_log.read_text() == ""
