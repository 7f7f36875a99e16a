// Where points lie on a map, which one is meant, and which are inside of a line. Pure functions; no page, no model.

import { directionOf, endOf, leap } from "./keys.js";

/** @typedef {{x: number, y: number}} Place  in pixels of the page */
/** @typedef {import("./atlas_view.js").Window} Window */

/**
 * A group that lies together: its middle on the whole map.
 * @typedef {{name: string, x: number, y: number, count: number}} Middle
 */

const MARGIN = 14; // pixels around the points
const NEAR = 16; // pixels from a point that still mean it
const TOGETHER = 0.2; // of the map: how far from its middle half of a group may lie for its name to say where it is

/** @type {Window} */
export const WHOLE = { zoom: 1, x: 0, y: 0 };

/**
 * The ends of the points along both axes.
 * @param {Float32Array} flat  x and y of each point
 */
function extent(flat) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < flat.length; at += 2) {
    left = Math.min(left, flat[at]);
    right = Math.max(right, flat[at]);
    low = Math.min(low, flat[at + 1]);
    high = Math.max(high, flat[at + 1]);
  }
  return { left, right, low, high };
}

/**
 * Fit points into a square of so many pixels, of which a part is seen; both axes have one scale.
 * @param {Float32Array} flat  x and y of each point
 * @param {number} size
 * @param {Window} view
 * @returns {Float32Array} x and y of each place
 */
export function placePoints(flat, size, view = WHOLE) {
  const { left, right, low, high } = extent(flat);
  const scale = ((size - 2 * MARGIN) / (Math.max(right - left, high - low) || 1)) * view.zoom;
  const across = (0.5 - view.x) * size * view.zoom - (scale * (left + right)) / 2;
  const down = (0.5 - view.y) * size * view.zoom + (scale * (low + high)) / 2;
  const places = new Float32Array(flat.length);
  for (let at = 0; at < flat.length; at += 2) {
    places[at] = across + scale * flat[at];
    places[at + 1] = down - scale * flat[at + 1];
  }
  return places;
}

/**
 * The middles of the groups that lie together, the large ones first.
 * @param {Float32Array} places  on the whole map
 * @param {ArrayLike<number>} groups  of each place
 * @param {string[]} names  of each group
 * @param {number} size  of the map
 * @returns {Middle[]}
 */
export function groupMiddles(places, groups, names, size) {
  const members = names.map(() => /** @type {number[]} */ ([]));
  for (let number = 0; 2 * number < places.length; number += 1) members[groups[number]]?.push(number);
  return names
    .flatMap((name, group) => {
      const of = members[group];
      if (!name || !of.length) return [];
      const x = median(of, (number) => places[2 * number]);
      const y = median(of, (number) => places[2 * number + 1]);
      const spread = median(of, (number) => Math.hypot(places[2 * number] - x, places[2 * number + 1] - y));
      return spread < TOGETHER * size ? [{ name, x, y, count: of.length }] : [];
    })
    .sort((a, b) => b.count - a.count);
}

/**
 * Where the names of groups can stand: in the middle of each that is seen, none on another, none over the edge.
 * @param {Middle[]} middles
 * @param {number} size  of the map
 * @param {{letter: number, line: number}} type  width of a letter, height of a line
 * @param {Window} view
 * @returns {{x: number, y: number, name: string}[]}
 */
export function nameGroups(middles, size, { letter, line }, view = WHOLE) {
  /** @type {{x: number, y: number, name: string}[]} */
  const set = [];
  for (const { name, ...middle } of middles) {
    const [x, y] = [(middle.x - view.x * size) * view.zoom, (middle.y - view.y * size) * view.zoom];
    const wide = (name.length * letter) / 2;
    const label = { x: Math.min(Math.max(x, wide), size - wide), y, name };
    const seen = x >= 0 && x <= size && y >= 0 && y <= size;
    const free = set.every(
      (other) => Math.abs(other.y - y) > line || Math.abs(other.x - label.x) > wide + (other.name.length * letter) / 2,
    );
    if (seen && free) set.push(label);
  }
  return set;
}

/**
 * @param {number[]} numbers
 * @param {(number: number) => number} measure
 */
function median(numbers, measure) {
  return Float32Array.from(numbers, measure).sort()[Math.floor(numbers.length / 2)];
}

/**
 * The number of the nearest point, or -1 if none is near.
 * @param {Float32Array} places
 * @param {Place} at
 */
export function nearest(places, at) {
  let [found, best] = [-1, NEAR * NEAR];
  for (let place = 0; place < places.length; place += 2) {
    const distance = (places[place] - at.x) ** 2 + (places[place + 1] - at.y) ** 2;
    if (distance < best) [found, best] = [place / 2, distance];
  }
  return found;
}

/**
 * The number of the next point in a direction, near and not far to the side; or of the same one.
 * @param {Float32Array} places
 * @param {number} from
 * @param {import("./keys.js").Direction} direction
 */
export function next(places, from, { right, down }) {
  const [x, y] = [places[2 * from], places[2 * from + 1]];
  let [found, best] = [from, Infinity];
  for (let number = 0; 2 * number < places.length; number += 1) {
    const [across, below] = [places[2 * number] - x, places[2 * number + 1] - y];
    const ahead = across * right + below * down;
    const aside = Math.abs(across * down) + Math.abs(below * right);
    const cost = ahead + 2 * aside;
    if (number !== from && ahead > 0 && cost < best) [found, best] = [number, cost];
  }
  return found;
}

/**
 * Where a key leads on the map.
 * @param {import("./keys.js").Press} press
 * @param {Float32Array} places
 * @param {number} from  the number of a point, or -1
 * @returns {number | null} the number of a point; null for a key that does not lead anywhere
 */
export function destination(press, places, from) {
  if (!places.length || leap(press) > 1) return null;
  const end = endOf(press);
  if (end) return end === "first" ? 0 : places.length / 2 - 1;
  const way = directionOf(press);
  if (!way) return null;
  return from < 0 ? 0 : next(places, from, way);
}

/**
 * The numbers of the places inside of a closed line.
 * @param {Place[]} line
 * @param {Float32Array} places
 */
export function enclosed(line, places) {
  const [across, down] = [line.map(({ x }) => x), line.map(({ y }) => y)];
  const [left, right] = [Math.min(...across), Math.max(...across)];
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const found = [];
  for (let number = 0; 2 * number < places.length; number += 1) {
    const [x, y] = [places[2 * number], places[2 * number + 1]];
    const near = x >= left && x <= right && y >= top && y <= bottom;
    if (near && inside(line, { x, y })) found.push(number);
  }
  return found;
}

/**
 * Move the window so that a place is in it.
 * @param {Window} view
 * @param {Place} place  as it is seen now
 * @param {number} size
 */
export function bringPlaceIn(view, { x, y }, size) {
  const beyond = (/** @type {number} */ at) => Math.min(at - MARGIN, 0) + Math.max(at - size + MARGIN, 0);
  view.x += beyond(x) / (size * view.zoom);
  view.y += beyond(y) / (size * view.zoom);
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
