// Where the points of a map lie, and which of them is meant. Pure functions; no page, no model.

import { directionOf, endOf } from "./keys.js";

/** @typedef {{x: number, y: number}} Place */

const MARGIN = 14;
const TOGETHER = 0.2; // of the map: how far from its middle half of a group may lie for its name to say where it is
const NEAR = 16; // pixels from a point that still mean it

/**
 * Where the points lie in a square of so many pixels; both axes have one scale.
 * @param {Float32Array} flat  x and y of each point
 * @param {number} size
 * @returns {Place[]}
 */
export function placePoints(flat, size) {
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ];
  flat.forEach((value, at) => {
    low[at % 2] = Math.min(low[at % 2], value);
    high[at % 2] = Math.max(high[at % 2], value);
  });
  const span = Math.max(high[0] - low[0], high[1] - low[1]) || 1;
  const scale = (size - 2 * MARGIN) / span;
  const places = [];
  for (let at = 0; at < flat.length; at += 2) {
    places.push({
      x: size / 2 + scale * (flat[at] - (low[0] + high[0]) / 2),
      y: size / 2 - scale * (flat[at + 1] - (low[1] + high[1]) / 2),
    });
  }
  return places;
}

/**
 * Where the names of groups can stand: in the middle of each that lies together, the large ones first, and none on another.
 * @param {Place[]} places
 * @param {ArrayLike<number>} groups  of each place
 * @param {string[]} names  of each group
 * @param {number} size  of the map
 * @param {{letter: number, line: number}} type  width of a letter, height of a line
 * @returns {{x: number, y: number, name: string}[]}
 */
export function nameGroups(places, groups, names, size, { letter, line }) {
  const found = names.map((name, group) => ({ name, members: places.filter((_, at) => groups[at] === group) }));
  /** @type {{x: number, y: number, name: string}[]} */
  const set = [];
  for (const { name, members } of found.sort((a, b) => b.members.length - a.members.length)) {
    if (!name || !members.length) continue;
    const [x, y] = [median(members.map((one) => one.x)), median(members.map((one) => one.y))];
    const wide = (name.length * letter) / 2;
    const label = { x: Math.min(Math.max(x, wide), size - wide), y, name };
    const spread = median(members.map((one) => Math.hypot(one.x - x, one.y - y)));
    const free = set.every(
      (other) => Math.abs(other.y - y) > line || Math.abs(other.x - label.x) > wide + (other.name.length * letter) / 2,
    );
    if (free && spread < TOGETHER * size) set.push(label);
  }
  return set;
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/**
 * The number of the nearest point, or -1 if none is near.
 * @param {Place[]} places
 * @param {Place} at
 */
export function nearest(places, at) {
  let [found, best] = [-1, NEAR];
  places.forEach(({ x, y }, number) => {
    const distance = Math.hypot(x - at.x, y - at.y);
    if (distance < best) [found, best] = [number, distance];
  });
  return found;
}

/**
 * The number of the next point in a direction, near and not far to the side; or of the same one.
 * @param {Place[]} places
 * @param {number} from
 * @param {import("./keys.js").Direction} direction
 */
export function next(places, from, { right, down }) {
  const here = places[from];
  let [found, best] = [from, Infinity];
  places.forEach(({ x, y }, number) => {
    const ahead = (x - here.x) * right + (y - here.y) * down;
    const aside = Math.abs((x - here.x) * down) + Math.abs((y - here.y) * right);
    const cost = ahead + 2 * aside;
    if (number !== from && ahead > 0 && cost < best) [found, best] = [number, cost];
  });
  return found;
}

/**
 * Where a key leads on the map.
 * @param {import("./keys.js").Press} press
 * @param {Place[]} places
 * @param {number} from  the number of a point, or -1
 * @returns {number | null} the number of a point; null for a key that does not lead anywhere
 */
export function destination(press, places, from) {
  if (!places.length) return null;
  const end = endOf(press);
  if (end) return end === "first" ? 0 : places.length - 1;
  const way = directionOf(press);
  if (!way) return null;
  return from < 0 ? 0 : next(places, from, way);
}

/**
 * Whether a place is inside a closed line.
 * @param {Place[]} line
 * @param {Place} place
 */
export function inside(line, { x, y }) {
  let odd = false;
  line.forEach((a, at) => {
    const b = line[(at + 1) % line.length];
    if (a.y > y !== b.y > y && x < a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y)) odd = !odd;
  });
  return odd;
}
