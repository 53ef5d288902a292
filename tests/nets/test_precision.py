"""Which device, and the same bits again on it."""

import pytest
import torch

from olhar.errors import OlharError
from olhar.nets.precision import DEVICE, default_device, exact, named_device


def test_the_environment_names_the_device(monkeypatch):
    monkeypatch.setenv(DEVICE, "cpu")
    assert default_device() == "cpu"


@pytest.mark.parametrize("name", ["gpu", "CUDA", "cpu:0"])
def test_a_device_that_is_not_here_is_a_sentence(monkeypatch, name):
    monkeypatch.setenv(DEVICE, name)
    told = rf"there is no device '{name}' \(OLHAR_DEVICE says so\); this machine's torch has cpu"
    with pytest.raises(OlharError, match=told):
        default_device()
    with pytest.raises(OlharError, match=f"there is no device '{name}'; this"):
        named_device(name)


def test_nothing_said_is_the_fastest(monkeypatch):
    monkeypatch.setenv(DEVICE, "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert default_device() == "cuda"


def test_a_gpu_adds_up_in_one_order_as_long_as_it_is_asked_to():
    """What that does to sums, only a GPU can show: the tests of exact resume, on one."""
    for device, asked in (("cpu", False), ("cuda", True)):
        with exact(device):
            assert torch.are_deterministic_algorithms_enabled() == asked
        assert not torch.are_deterministic_algorithms_enabled()
        assert torch.utils.deterministic.fill_uninitialized_memory
    with pytest.raises(ValueError, match="whatever"), exact("cuda"):
        raise ValueError("whatever")
    assert not torch.are_deterministic_algorithms_enabled()
