"""What the tests of labs share."""

import pytest

from xai_widgets import load_model


@pytest.fixture
def inline(monkeypatch):
    """Labs compute in the call that asks for it, not beside it."""
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")


@pytest.fixture(scope="session")
def digits():
    return load_model("digits")
