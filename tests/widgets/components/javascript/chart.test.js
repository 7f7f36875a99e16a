import assert from "node:assert/strict";
import { it } from "node:test";
import {
  between,
  ends,
  legibleTicks,
  nearest,
  path,
  place,
  spanOf,
  spread,
  standing,
  ticks,
  valueAt,
  writtenTicks,
} from "../../../../xai_widgets/widgets/components/chart.js";

const AXIS = { low: 2, high: 4, from: 100, to: 300 };

it("a place and its value lead to each other", () => {
  assert.equal(place(AXIS, 2.5), 150);
  assert.equal(valueAt(AXIS, 150), 2.5);
  assert.equal(place({ low: 0, high: 1, from: 200, to: 0 }, 0.25), 150);
});

it("ticks are round and within the axis", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(-0.3, 0.3, 3), [-0.2, 0, 0.2]);
  assert.deepEqual(ticks(3, 17, 3), [5, 10, 15]);
  assert.deepEqual(
    writtenTicks(0, 16 / 255, 255, 4).map((at) => Math.round(at * 255)),
    [0, 5, 10, 15],
  );
});

it("ticks are as many as can stand side by side, each written otherwise", () => {
  const write = (/** @type {number[]} */ values) => values.map(String);
  const at = (/** @type {number} */ width) =>
    legibleTicks({ low: 0, high: 10_000, from: 0, to: width }, 1, 10, write, 7).map(({ text }) => text);
  assert.deepEqual(at(600).length, 11);
  assert.deepEqual(at(200), ["0", "2000", "4000", "6000", "8000", "10000"]);
  assert.deepEqual(at(120), ["0", "5000", "10000"]);
  assert.deepEqual(at(60), ["0", "10000"]);
  assert.deepEqual(at(20), ["0"]);
});

it("ticks that would be written alike are fewer", () => {
  const rounded = (/** @type {number[]} */ values) => values.map((value) => value.toFixed(0));
  const axis = { low: 0, high: 2, from: 0, to: 400 };
  assert.deepEqual(
    legibleTicks(axis, 1, 4, rounded, 7).map(({ text }) => text),
    ["0", "1", "2"],
  );
});

it("of texts on a line the ends stand, and between them those that touch none", () => {
  const spans = [0, 10, 30, 55, 60].map((middle) => spanOf(middle, 12));
  assert.deepEqual(standing(spans, 4), [true, false, true, false, true]);
  assert.deepEqual(standing([spanOf(0, 10)], 4), [true]);
  assert.deepEqual(standing([spanOf(0, 10), spanOf(5, 10)], 4), [true, false]);
  assert.deepEqual(standing([], 4), []);
});

it("an axis without values, or with one, still has two ends", () => {
  assert.deepEqual(ends([], [], true), [0, 1]);
  assert.deepEqual(ends([], [0], false), [-0.5, 0.5]);
  assert.deepEqual(ends([], [4, 4], false), [2, 6]);
  assert.deepEqual(ends([3, 1], [7], true), [3, 1]);
  assert.deepEqual(ends([], [0.13, 0.87], true), [0, 1]);
});

it("the ends of an axis are round even where a single tick lies between the values", () => {
  assert.deepEqual(ends([], [0.05, 0.9], true), [0, 1]);
  assert.deepEqual(ends([], [1, 9.5], true), [0, 10]);
});

it("a line is broken where there is no value, and a lone point is a dot", () => {
  const axes = /** @type {const} */ ([
    { low: 0, high: 4, from: 0, to: 4 },
    { low: 0, high: 1, from: 10, to: 0 },
  ]);
  assert.equal(path([0, 1, 2, 3, 4], [0, 1, null, 0.5, null], ...axes), "M0.00 10.00L1.00 0.00M3.00 5.00h0.01");
});

it("between points a line is straight; in a gap and outside there is nothing", () => {
  const x = [0, 1, 2, 3];
  assert.equal(between(x, [0, 10, null, 30], 0.25), 2.5);
  assert.equal(between(x, [0, 10, null, 30], 1), 10);
  assert.equal(between(x, [0, 10, null, 30], 1.5), null);
  assert.equal(between(x, [0, 10, null, 30], 3), 30);
  assert.equal(between(x, [0, 10, null, 30], -1), null);
  assert.equal(between(x, [0, 10, null, 30], 3.5), null);
  assert.equal(nearest(x, 1.6), 2);
});

it("labels move apart and stay within their ends", () => {
  assert.deepEqual(spread([50, 50], 10, 0, 100), [50, 60]);
  assert.deepEqual(spread([99, 100], 10, 0, 100), [90, 100]);
  assert.deepEqual(spread([80, 20], 10, 0, 100), [80, 20]);
});
