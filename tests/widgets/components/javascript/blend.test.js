import assert from "node:assert/strict";
import { it } from "node:test";
import {
  entry,
  paint,
  prepare,
  stretchByNearest,
  stretchSmoothly,
} from "../../../../xai_widgets/widgets/components/blend.js";

const PICTURE = new Uint8Array([100, 150, 200, 0, 255, 10]);
const BLEND = /** @type {const} */ ({ epsilon: 0, mode: "sum", opacity: 1, threshold: 0, background: "colour" });

/** @param {number[]} values @param {boolean} signed */
function heatmap(values, signed = true) {
  const table = new Uint8Array(768).map((_, at) => Math.floor(at / 3));
  const data = new Uint8Array(new Float32Array(values).buffer);
  const size = { width: values.length, height: 1 };
  const look = { signed, smooth: false, low: signed ? -2 : 0, high: 2 };
  return prepare({ kind: "heatmap", name: "h", unit: "", values: data, table, ...size, ...look }, 2, 1);
}

/** @param {number[]} values */
function perturbation(values) {
  const data = new Uint8Array(new Float32Array(values).buffer);
  const state = { name: "p", width: 2, height: 1, values: data, magnitude: 2 };
  return prepare({ kind: "perturbation", type: "float32", ...state }, 2, 1);
}

/** @param {import("../../../../xai_widgets/widgets/components/blend.js").Layer[]} layers @param {Partial<import("../../../../xai_widgets/widgets/components/blend.js").Blend>} blend */
function painted(layers, blend = {}) {
  const out = new Uint8ClampedArray(8);
  paint(out, PICTURE, layers, { ...BLEND, ...blend });
  return [...out];
}

it("the entry of a value in its table", () => {
  assert.deepEqual(
    [-9, -2, 0, 1, 2, 9].map((value) => entry(value, -2, 2, true)),
    [1, 1, 128, 192, 255, 255],
  );
  assert.deepEqual(
    [-1, 0, 1, 2, 3].map((value) => entry(value, 0, 2, false)),
    [0, 0, 128, 255, 255],
  );
});

it("a picture alone is itself, opaque", () => {
  assert.deepEqual(painted([]), [100, 150, 200, 255, 0, 255, 10, 255]);
});

it("a perturbation is added, rounded and clipped; its direction alone is around grey", () => {
  const layers = [perturbation([1, -1, 2, -1, 1, 0])];
  assert.deepEqual(painted(layers, { epsilon: 10 / 255 }), [110, 140, 220, 255, 0, 255, 10, 255]);
  assert.deepEqual(painted(layers, { mode: "direction" }), [191, 64, 255, 255, 64, 191, 128, 255]);
});

it("a heatmap covers by its opacity, from its threshold on; NaN shows the picture", () => {
  assert.deepEqual(painted([heatmap([2, 0])]), [255, 255, 255, 255, 128, 128, 128, 255]);
  assert.deepEqual(painted([heatmap([2, 0])], { opacity: 0.5 }).slice(0, 3), [178, 202, 228]);
  assert.deepEqual(painted([heatmap([2, 0.5])], { threshold: 0.5 }).slice(4), [0, 255, 10, 255]);
  assert.deepEqual(painted([heatmap([2, Number.NaN])]).slice(4), [0, 255, 10, 255]);
});

it("under a heatmap the picture is grey where asked for", () => {
  const grey = Math.round(0.299 * 100 + 0.587 * 150 + 0.114 * 200);
  assert.deepEqual(painted([heatmap([0, 0])], { opacity: 0, background: "grey" }).slice(0, 3), [grey, grey, grey]);
});

it("a coarse map is stretched in cells, or linearly between their centres", () => {
  assert.deepEqual([...stretchByNearest([1, 3], 2, 1, 4, 2)], [1, 1, 3, 3, 1, 1, 3, 3]);
  assert.deepEqual([...stretchSmoothly([1, 3], 2, 1, 4, 1)], [1, 1.5, 2.5, 3]);
  assert.deepEqual([...stretchSmoothly([1, 3], 1, 2, 1, 4)], [1, 1.5, 2.5, 3]);
  assert.deepEqual([...heatmap([1]).values], [1, 1]);
});
