import assert from "node:assert/strict";
import { it } from "node:test";
import * as atlas from "../../../../xai_widgets/widgets/components/atlas_view.js";
import { destination as inMatrix } from "../../../../xai_widgets/widgets/components/matrix.js";
import {
  bringPlaceIn,
  destination,
  enclosed,
  groupMiddles,
  inside,
  nameGroups,
  nearest,
  placePoints,
} from "../../../../xai_widgets/widgets/components/point_layout.js";
import { press } from "./helpers.js";

/** @param {number} row @param {number} column */
const cell = (row, column) => ({ row, column, count: 1, said: [0.2, 0.7, 0.1] });

it("an atlas zooms about a point, which stays where it is", () => {
  const view = { zoom: 2, x: 0.1, y: 0.2 };
  const before = [view.x + 0.5 / view.zoom, view.y + 0.25 / view.zoom];
  atlas.zoomAt(view, 1.5, 0.5, 0.25);
  assert.equal(view.zoom, 3);
  [view.x + 0.5 / view.zoom, view.y + 0.25 / view.zoom].forEach((at, axis) => {
    assert.ok(Math.abs(at - before[axis]) < 1e-12);
  });
});

it("an atlas shows no more than the whole map, and nothing beside it", () => {
  const view = { zoom: 2, x: 0.5, y: 0.5 };
  atlas.zoomAt(view, 0.1, 0.5, 0.5);
  assert.deepEqual(view, { zoom: 1, x: 0, y: 0 });
  atlas.zoomAt(view, 1000, 1, 1);
  assert.deepEqual(view, { zoom: atlas.MOST, x: 1 - 1 / atlas.MOST, y: 1 - 1 / atlas.MOST });
});

it("cells of an atlas: which is under a point, which comes next, which class it speaks for", () => {
  const cells = [cell(0, 0), cell(0, 2), cell(1, 1)];
  const whole = { zoom: 1, x: 0, y: 0 };
  assert.equal(atlas.cellAt(cells, 3, whole, 0.9, 0.1), 1);
  assert.equal(atlas.cellAt(cells, 3, whole, 0.9, 0.9), -1);
  assert.equal(atlas.neighbour(cells, 0, { right: 1, down: 0 }), 1);
  assert.equal(atlas.neighbour(cells, 0, { right: -1, down: 0 }), 0);
  assert.equal(atlas.neighbour(cells, -1, { right: 1, down: 0 }), 0);
  assert.equal(atlas.neighbour([], -1, { right: 1, down: 0 }), -1);
  assert.equal(atlas.bestOf(cells[0]), 1);
});

it("a cell outside of the window is brought in", () => {
  const view = { zoom: 4, x: 0, y: 0 };
  atlas.bringIn(view, cell(3, 3), 4);
  assert.deepEqual(view, { zoom: 4, x: 0.75, y: 0.75 });
});

it("points fill their square with one scale for both axes, up is up", () => {
  const places = placePoints(new Float32Array([0, 0, 2, 1]), 228);
  assert.deepEqual([...places], [14, 164, 214, 64]);
  assert.deepEqual([...placePoints(new Float32Array([5, 5]), 100)], [50, 50]);
  assert.deepEqual([...placePoints(new Float32Array(), 100)], []);
});

it("a part of a map is seen larger, and moves so that a place is in it", () => {
  const flat = new Float32Array([0, 0, 2, 1]);
  const view = { zoom: 2, x: 0.25, y: 0.5 };
  const [left, low, right, high] = placePoints(flat, 228, view);
  assert.deepEqual([left, low, right, high], [2 * (14 - 57), 2 * (164 - 114), 2 * (214 - 57), 2 * (64 - 114)]);
  bringPlaceIn(view, { x: right, y: high }, 228);
  const seen = placePoints(flat, 228, view);
  assert.ok(Math.abs(seen[2] - 214) < 1e-3 && Math.abs(seen[3] - 14) < 1e-3, `${seen}`);
});

it("a point is meant from near, and keys walk from point to point", () => {
  const places = new Float32Array([0, 0, 50, 0, 10, 40]);
  assert.equal(nearest(places, { x: 45, y: 3 }), 1);
  assert.equal(nearest(places, { x: 25, y: 0 }), -1);
  assert.equal(destination(press("ArrowRight"), places, 0), 1);
  assert.equal(destination(press("ArrowDown"), places, 0), 2);
  assert.equal(destination(press("ArrowUp"), places, 0), 0);
  assert.equal(destination(press("ArrowUp"), places, -1), 0);
  assert.equal(destination(press("End"), places, 0), 2);
  assert.equal(destination(press("a"), places, 0), null);
  assert.equal(destination(press("ArrowRight", { shiftKey: true }), places, 0), null);
  assert.equal(destination(press("End"), new Float32Array(), -1), null);
});

it("inside of a line that is drawn, notches and all", () => {
  const line = [
    [0, 0],
    [10, 0],
    [10, 10],
    [5, 2],
    [0, 10],
  ].map(([x, y]) => ({ x, y }));
  assert.equal(inside(line, { x: 5, y: 1 }), true);
  assert.equal(inside(line, { x: 5, y: 8 }), false);
  assert.equal(inside(line, { x: 1, y: 6 }), true);
  assert.equal(inside(line, { x: 11, y: 5 }), false);
  assert.deepEqual(enclosed(line, new Float32Array([5, 1, 5, 8, 1, 6, 11, 5])), [0, 2]);
  assert.deepEqual(enclosed([], new Float32Array([5, 1])), []);
});

it("keys walk through a matrix; Enter goes down", () => {
  assert.deepEqual(inMatrix(press("ArrowLeft"), 1, 1), [1, 0]);
  assert.deepEqual(inMatrix(press("Enter"), 1, 1), [2, 1]);
  assert.deepEqual(inMatrix(press("End"), 1, 1), [1, Number.POSITIVE_INFINITY]);
  assert.equal(inMatrix(press(" "), 1, 1), null);
  assert.equal(inMatrix(press("ArrowLeft", { shiftKey: true }), 1, 1), null);
});

it("groups that lie together have their name in their middle, the large ones first, none on another", () => {
  const cluster = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ count) =>
    Array.from({ length: count }, (_, i) => ({ x: x + (i % 3) - 1, y }));
  const far = [5, 100, 195].map((x) => ({ x, y: 150 }));
  const points = [...cluster(50, 50, 9), ...cluster(52, 55, 3), ...cluster(150, 100, 6), ...cluster(2, 20, 3), ...far];
  const places = new Float32Array(points.flatMap(({ x, y }) => [x, y]));
  const groups = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4];
  const middles = groupMiddles(places, groups, ["cat", "dog", "owl", "pig", "far"], 200);
  assert.deepEqual(
    middles.map(({ name, count }) => [name, count]),
    [
      ["cat", 9],
      ["owl", 6],
      ["dog", 3],
      ["pig", 3],
    ],
  );
  const type = { letter: 8, line: 16 };
  const named = nameGroups(middles, 200, type);
  assert.deepEqual(named, [
    { x: 50, y: 50, name: "cat" },
    { x: 150, y: 100, name: "owl" },
    { x: 12, y: 20, name: "pig" },
  ]);
  // Nearer, there is room for the dog, and the owl is out of sight.
  assert.deepEqual(nameGroups(middles, 200, type, { zoom: 4, x: 0.15, y: 0.15 }), [
    { x: 80, y: 80, name: "cat" },
    { x: 88, y: 100, name: "dog" },
  ]);
  assert.deepEqual(groupMiddles(new Float32Array(), [], ["cat"], 200), []);
  assert.deepEqual(groupMiddles(places.slice(0, 6), [0, 0, 0], [""], 200), []);
});
