import assert from "node:assert/strict";
import { it } from "node:test";
import { loupeOf } from "../../../../xai_widgets/widgets/components/pointed.js";

it("the loupe is half as wide as the picture and enlarges it four times", () => {
  assert.deepEqual(loupeOf(96, 192), { side: 96, pixels: 12 });
});

it("of a picture of few pixels it shows five, and never more than there are", () => {
  assert.equal(loupeOf(8, 192).pixels, 5);
  assert.equal(loupeOf(3, 192).pixels, 3);
});
