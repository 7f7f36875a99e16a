import assert from "node:assert/strict";
import { it } from "node:test";
import { followDrag } from "../../../../xai_widgets/widgets/components/common.js";

/** What is told of some pointer events on an element, one after the other. */
function told(/** @type {string[]} */ ...events) {
  const node = /** @type {HTMLElement} */ (
    /** @type {unknown} */ (Object.assign(new EventTarget(), { setPointerCapture: () => undefined }))
  );
  /** @type {string[]} */
  const phases = [];
  followDrag(node, new AbortController().signal, (_event, phase) => phases.push(phase));
  for (const name of events) node.dispatchEvent(Object.assign(new Event(name), { button: 0, pointerId: 1 }));
  return phases;
}

it("a pointer is followed from press to release", () => {
  const events = ["pointermove", "pointerdown", "pointermove", "pointerup", "pointermove"];
  assert.deepEqual(told(...events), ["press", "drag", "release"]);
});

it("a finger with which the page scrolls releases nothing", () => {
  const events = ["pointerdown", "pointercancel", "pointermove", "pointerup"];
  assert.deepEqual(told(...events), ["press", "cancel"]);
});
