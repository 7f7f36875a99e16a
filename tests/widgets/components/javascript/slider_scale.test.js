import assert from "node:assert/strict";
import { it } from "node:test";
import { digitsOf, legible, partOf, scaleOf } from "../../../../xai_widgets/widgets/components/slider_scale.js";

const LINEAR = /** @type {const} */ ({ min: 0, max: 1, step: 0.1, scale: "linear" });
const LOG = /** @type {const} */ ({ min: 0.001, max: 10, step: 10, scale: "log" });

it("steps are on the grid and stop at the ends", () => {
  const scale = scaleOf(LINEAR);
  assert.equal(scale.step(0.2, 1), 0.3);
  assert.equal(scale.step(0.26, 0), 0.3);
  assert.equal(scale.step(0.9, 10), 1);
  assert.equal(scale.step(0.1, -3), 0);
});

it("on a logarithmic scale a step multiplies", () => {
  const scale = scaleOf(LOG);
  assert.equal(scale.step(0.01, 2), 1);
  assert.equal(scale.step(0.001, -1), 0.001);
  assert.ok(Math.abs(partOf(scale, 0.1) - 0.5) < 1e-12);
});

it("without a step it is a hundredth of the track", () => {
  assert.equal(scaleOf({ ...LINEAR, step: null }).step(0.5, 3), 0.53);
});

it("as many digits as tell one step from the next, as written", () => {
  const traits = { ...LINEAR, unit: "", digits: null };
  assert.equal(digitsOf(traits), 1);
  assert.equal(digitsOf({ ...traits, unit: "%" }), 0);
  assert.equal(digitsOf({ ...traits, step: 0.25 }), 2);
  assert.equal(digitsOf({ ...traits, step: 1 / 255, unit: "/255" }), 0);
  assert.equal(digitsOf({ ...traits, digits: 4 }), 4);
  assert.equal(digitsOf({ ...LOG, unit: "", digits: null }), null);
});

it("of the words at a slider's ticks those stand that touch no other, and equal ones once", () => {
  const parts = [0, 0.1, 0.5, 1];
  assert.deepEqual(legible(parts, ["0", "100", "500", "1000"], 400, 7), [true, true, true, true]);
  assert.deepEqual(legible(parts, ["0", "100", "500", "1000"], 100, 7), [true, false, true, true]);
  assert.deepEqual(legible(parts, ["0", "100", "500", "1000"], 40, 7), [true, false, false, false]);
  assert.deepEqual(legible([0, 0.5, 1], ["0", "0", "1"], 400, 7), [true, false, true]);
});
