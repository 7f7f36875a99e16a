import assert from "node:assert/strict";
import { it } from "node:test";
import * as keys from "../../../../xai_widgets/widgets/components/keys.js";
import { press } from "./helpers.js";

const MODIFIERS = [{ ctrlKey: true }, { metaKey: true }, { altKey: true }];

it("arrows and pages are steps, more to the right and up", () => {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1 };
  for (const [key, one] of Object.entries(steps)) {
    const upright = key === "ArrowUp" || key === "ArrowDown";
    assert.deepEqual(keys.moveOf(press(key)), { steps: one, upright });
    assert.deepEqual(keys.moveOf(press(key, { shiftKey: true })), { steps: 10 * one, upright });
  }
  assert.deepEqual(keys.moveOf(press("PageUp")), { steps: 10, upright: true });
  assert.deepEqual(keys.moveOf(press("PageDown", { shiftKey: true })), { steps: -10, upright: true });
});

it("Home and End are the ends", () => {
  assert.deepEqual(keys.moveOf(press("Home")), { end: "first" });
  assert.deepEqual(keys.moveOf(press("End")), { end: "last" });
  assert.equal(keys.endOf(press("End")), "last");
  assert.equal(keys.endOf(press("ArrowLeft")), null);
});

it("a shortcut of the browser or the notebook means nothing here", () => {
  for (const modifier of MODIFIERS) {
    for (const key of ["ArrowLeft", "Home", "PageUp", "Enter", " ", "+"]) {
      const shortcut = press(key, modifier);
      assert.equal(keys.moveOf(shortcut), null);
      assert.equal(keys.directionOf(shortcut), null);
      assert.equal(keys.endOf(shortcut), null);
      assert.equal(keys.pageOf(shortcut), null);
      assert.equal(keys.zoomOf(shortcut), null);
      assert.equal(keys.walk(shortcut, 0, 3), null);
      assert.equal(keys.isChoice(shortcut), false);
      assert.equal(keys.isKept(shortcut), false);
    }
  }
});

it("letters, arrows and Enter are kept from the notebook; Tab, Esc and Shift+Enter are not", () => {
  for (const key of ["a", "d", "ArrowDown", "Enter", " "]) assert.equal(keys.isKept(press(key)), true);
  assert.equal(keys.isKept(press("ArrowDown", { shiftKey: true })), true);
  for (const key of ["Tab", "Escape"]) assert.equal(keys.isKept(press(key)), false);
  assert.equal(keys.isKept(press("Enter", { shiftKey: true })), false);
});

it("Enter and Space choose, but not with Shift: Shift+Enter runs the notebook's cell", () => {
  for (const key of ["Enter", " "]) {
    assert.equal(keys.isChoice(press(key)), true);
    assert.equal(keys.isChoice(press(key, { shiftKey: true })), false);
  }
  assert.equal(keys.isConfirmation(press("Enter")), true);
  assert.equal(keys.isConfirmation(press("Enter", { shiftKey: true })), false);
  assert.equal(keys.isConfirmation(press(" ")), false);
});

it("a direction is on the page: down is down", () => {
  assert.deepEqual(keys.directionOf(press("ArrowUp")), { right: 0, down: -1 });
  assert.deepEqual(keys.directionOf(press("ArrowRight", { shiftKey: true })), { right: 1, down: 0 });
  assert.equal(keys.directionOf(press("Home")), null);
});

it("zoom keys, as they lie on several keyboards", () => {
  const zooms = [press("+"), press("+", { shiftKey: true }), press("="), press("-"), press("0"), press("1")];
  assert.deepEqual(zooms.map(keys.zoomOf), ["in", "in", "in", "out", "whole", null]);
});

it("paste is Ctrl or Cmd with v", () => {
  assert.equal(keys.isPaste(press("v")), false);
  assert.equal(keys.isPaste(press("V", { ctrlKey: true, shiftKey: true })), true);
  assert.equal(keys.isPaste(press("v", { metaKey: true })), true);
});

it("in a list, arrows walk up and down and stop at the ends", () => {
  assert.equal(keys.walk(press("ArrowDown"), 1, 3), 2);
  assert.equal(keys.walk(press("ArrowDown"), 2, 3), 2);
  assert.equal(keys.walk(press("ArrowUp"), 0, 3), 0);
  assert.equal(keys.walk(press("End"), 0, 3), 2);
  assert.equal(keys.walk(press("ArrowRight"), 0, 3), null);
  assert.equal(keys.walk(press("ArrowDown", { shiftKey: true }), 0, 3), null);
  assert.equal(keys.walk(press("End"), 0, 0), null);
});

it("in a grid, arrows walk in four ways", () => {
  assert.equal(keys.walk(press("ArrowRight"), 1, 7, 3), 2);
  assert.equal(keys.walk(press("ArrowDown"), 1, 7, 3), 4);
  assert.equal(keys.walk(press("ArrowUp"), 4, 7, 3), 1);
  assert.equal(keys.walk(press("ArrowDown"), 5, 7, 3), 6);
  assert.equal(keys.walk(press("ArrowLeft"), 1, 7, 1), 0);
});
