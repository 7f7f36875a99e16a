import assert from "node:assert/strict";
import { it } from "node:test";
import { scalesOf } from "../../../../xai_widgets/widgets/components/legend.js";

/** @param {Partial<import("../../../../xai_widgets/widgets/components/blend.js").Layer>} given @returns {import("../../../../xai_widgets/widgets/components/blend.js").Layer} */
function layer(given) {
  const empty = { values: new Float32Array(), entries: new Uint8Array(), table: new Uint8Array() };
  return { kind: "heatmap", name: "a", unit: "", magnitude: 1, signed: true, low: -1, high: 1, ...empty, ...given };
}

it("heatmaps that share a scale share a legend; a name stands once", () => {
  const layers = [
    layer({ name: "a" }),
    layer({ name: "b" }),
    layer({ name: "a" }),
    layer({ name: "c", signed: false, low: 0 }),
    layer({ name: "p", kind: "perturbation" }),
  ];
  assert.deepEqual(
    scalesOf(layers).map(({ names }) => names),
    [["a", "b"], ["c"]],
  );
});
