import assert from "node:assert/strict";
import { it } from "node:test";
import { borders, covered, patchMover, segmentsOf } from "../../../../xai_widgets/widgets/components/cover.js";
import { fakeModel, press } from "./helpers.js";

/** @typedef {import("../../../../xai_widgets/widgets/components/cover.js").CoverTraits} CoverTraits */

/** @type {CoverTraits} */
const TRAITS = {
  width: 10,
  height: 7,
  interactive: true,
  pointer: {},
  cover: new Uint8Array(),
  patch: [0, 0, 3, 4],
  stride: [2, 3],
  trail: [],
  segments: new Uint8Array(),
  hidden: [],
  hiding: new Uint8Array(),
  hidden_share: 0,
  outline: [],
};

/**
 * @param {Partial<CoverTraits>} given
 * @returns {CoverTraits}
 */
const traits = (given) => ({ ...TRAITS, ...given });

it("a patch moves by its stride, and its last place is flush with the border", () => {
  const { model, state } = fakeModel(TRAITS);
  const patch = patchMover(model);
  const visited = [];
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "Home"]) {
    assert.equal(patch.key(press(key)), true);
    visited.push(state.patch.slice(0, 2));
  }
  assert.deepEqual(visited, [
    [0, 3],
    [0, 6],
    [0, 6],
    [2, 6],
    [4, 6],
    [4, 3],
    [4, 0],
  ]);
  assert.equal(patch.key(press("a")), false);
  assert.equal(patch.key(press("ArrowUp", { ctrlKey: true })), false);
});

it("a leap visits each place on its way, and each stands once in the trail", () => {
  const { model, state, saved } = fakeModel(TRAITS);
  patchMover(model).key(press("ArrowRight", { shiftKey: true }));
  assert.deepEqual(state.trail, [
    [0, 3],
    [0, 6],
  ]);
  assert.deepEqual(state.patch, [0, 6, 3, 4]);
  assert.equal(saved.length, 1);
});

it("a press centres the patch; a release does nothing; without a patch nothing moves", () => {
  const { model, state } = fakeModel(TRAITS);
  const patch = patchMover(model);
  patch.drag({ x: 5, y: 4 }, "press");
  assert.deepEqual(state.patch, [4, 3, 3, 4]);
  patch.drag({ x: 0, y: 0 }, "release");
  assert.deepEqual(state.patch, [4, 3, 3, 4]);
  const none = patchMover(fakeModel(traits({ patch: [] })).model);
  assert.equal(none.takes(), false);
  assert.equal(none.key(press("ArrowRight")), false);
});

it("the cover shows under the patch and in the hidden segments", () => {
  const size = { width: 3, height: 2 };
  const cover = new Uint8Array(18).fill(9);
  const segments = new Uint8Array(new Uint16Array([0, 0, 1, 0, 1, 1]).buffer);
  const { model } = fakeModel(traits({ ...size, cover, segments, patch: [1, 0, 1, 1], hidden: [1] }));
  const out = covered(model, new Uint8Array(18), segmentsOf(model));
  assert.deepEqual(
    [0, 3, 6, 9, 12, 15].map((at) => out[at]),
    [0, 0, 9, 9, 9, 9],
  );
});

it("borders run between segments, each stretch in one stroke", () => {
  assert.equal(borders(new Uint16Array([0, 1, 0, 1]), 2, 2), "M1 0V2");
  assert.equal(borders(new Uint16Array([0, 0, 1, 1]), 2, 2), "M0 1H2");
  assert.equal(borders(new Uint16Array(), 2, 2), "");
});

it("pixels whose turn has come show the cover, and others the picture", () => {
  const pixels = new Uint8Array([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  const cover = new Uint8Array(12).fill(9);
  const hiding = new Uint8Array(new Float32Array([0.35, 1, 0.7, 0.35]).buffer);
  const shown = (/** @type {number} */ hidden_share) => {
    const given = traits({ width: 2, height: 2, cover, patch: [], hiding, hidden_share });
    const { model } = fakeModel(given);
    return [...covered(model, pixels, segmentsOf(model))].filter((_, at) => at % 3 === 0);
  };
  assert.deepEqual(shown(0), [1, 2, 3, 4]);
  assert.deepEqual(shown(0.34), [1, 2, 3, 4]);
  assert.deepEqual(shown(0.35), [9, 2, 3, 9]); // 0.35 is no number of seven digits: its turn has come all the same
  assert.deepEqual(shown(1), [9, 9, 9, 9]);
});
