import assert from "node:assert/strict";
import { it } from "node:test";
import { paceOf, player } from "../../../../xai_widgets/widgets/components/play.js";

/** @param {boolean} still */
function readerAsksForStillness(still) {
  Object.assign(globalThis, { matchMedia: () => ({ matches: still }) });
}

/** Five moments, numbered from 0. */
function fiveMoments() {
  const seen = { at: 0, waits: false, told: /** @type {boolean[]} */ ([]) };
  const ending = new AbortController();
  const { toggle, pause } = player(ending.signal, {
    next: () => ++seen.at < 4,
    rewind: () => {
      if (seen.at >= 4) seen.at = 0;
    },
    moments: () => 4,
    waits: () => seen.waits,
    changed: (isPlaying) => seen.told.push(isPlaying),
  });
  return { seen, ending, toggle, pause };
}

it("few moments are shown for longer, many for less, and neither too long nor too short", () => {
  assert.deepEqual([1, 10, 20, 1000].map(paceOf), [800, 800, 400, 150]);
});

it("it plays to the last moment, ends there, and begins anew", ({ mock }) => {
  readerAsksForStillness(false);
  mock.timers.enable({ apis: ["setTimeout"] });
  const { seen, toggle } = fiveMoments();
  toggle();
  for (let moment = 0; moment < 2; moment++) mock.timers.tick(800);
  assert.equal(seen.at, 2);
  for (let moment = 0; moment < 10; moment++) mock.timers.tick(800);
  assert.equal(seen.at, 4);
  assert.deepEqual(seen.told, [true, false]);
  toggle();
  assert.equal(seen.at, 0);
  mock.timers.tick(800);
  assert.equal(seen.at, 1);
});

it("it stops when told so, waits for what is late, and ends with its view", ({ mock }) => {
  readerAsksForStillness(false);
  mock.timers.enable({ apis: ["setTimeout"] });
  const { seen, ending, toggle } = fiveMoments();
  toggle();
  seen.waits = true;
  for (let moment = 0; moment < 3; moment++) mock.timers.tick(800);
  assert.equal(seen.at, 0);
  seen.waits = false;
  mock.timers.tick(800);
  toggle();
  for (let moment = 0; moment < 3; moment++) mock.timers.tick(800);
  assert.equal(seen.at, 1);
  toggle();
  ending.abort();
  for (let moment = 0; moment < 3; moment++) mock.timers.tick(800);
  assert.equal(seen.at, 1);
  assert.deepEqual(seen.told, [true, false, true, false]);
});

it("for a reader who asks for no motion it goes one moment on, and nothing runs", ({ mock }) => {
  readerAsksForStillness(true);
  mock.timers.enable({ apis: ["setTimeout"] });
  const { seen, toggle } = fiveMoments();
  toggle();
  mock.timers.tick(10 * 800);
  assert.equal(seen.at, 1);
  assert.deepEqual(seen.told, []);
});
