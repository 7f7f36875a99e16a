"""Playwright leaves its event loop running in the thread of the tests for the whole session: it must not count here."""

import asyncio

import pytest


@pytest.fixture(autouse=True)
def no_loop_of_others():
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
