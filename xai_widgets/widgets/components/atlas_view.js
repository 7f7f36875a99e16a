// What is seen of a map of icons, and which cell is where. Pure functions; no page, no model.

import { clamp } from "./common.js";

/**
 * @typedef {object} Cell
 * @property {number} row
 * @property {number} column
 * @property {number} count
 * @property {number[]} said  for each class
 */

/**
 * What is seen of the map: `zoom` times as large, its point (x, y), in shares of the map, in the upper left corner.
 * @typedef {{zoom: number, x: number, y: number}} Window
 */

export const MOST = 12; // times as large as the whole map

/**
 * The number of the class that a cell speaks for most.
 * @param {Cell} cell
 */
export const bestOf = (cell) => cell.said.indexOf(Math.max(...cell.said));

/**
 * Keep the window inside of the map.
 * @param {Window} view
 * @param {number} most  times as large as the whole map
 */
export function bound(view, most = MOST) {
  view.zoom = clamp(view.zoom, 1, most);
  view.x = clamp(view.x, 0, 1 - 1 / view.zoom);
  view.y = clamp(view.y, 0, 1 - 1 / view.zoom);
}

/**
 * Zoom and leave the point (across, down) of the canvas, in shares, where it is.
 * @param {Window} view
 * @param {number} factor
 * @param {number} across
 * @param {number} down
 * @param {number} most  times as large as the whole map
 */
export function zoomAt(view, factor, across, down, most = MOST) {
  const before = view.zoom;
  view.zoom = clamp(before * factor, 1, most);
  view.x += across / before - across / view.zoom;
  view.y += down / before - down / view.zoom;
  bound(view, most);
}

/**
 * The number of the cell under a point of the canvas (shares), or -1.
 * @param {Cell[]} cells
 * @param {number} grid  cells in a row
 * @param {Window} view
 * @param {number} across
 * @param {number} down
 */
export function cellAt(cells, grid, view, across, down) {
  const column = Math.floor((view.x + across / view.zoom) * grid);
  const row = Math.floor((view.y + down / view.zoom) * grid);
  return cells.findIndex((cell) => cell.row === row && cell.column === column);
}

/**
 * The number of the nearest cell in a direction, or of the same one.
 * @param {Cell[]} cells
 * @param {number} from
 * @param {import("./keys.js").Direction} direction
 */
export function neighbour(cells, from, { right, down }) {
  const here = cells[from];
  if (!here) return cells.length ? 0 : -1;
  let [best, least] = [from, Infinity];
  cells.forEach(({ row, column }, number) => {
    const along = (column - here.column) * right + (row - here.row) * down;
    const aside = Math.abs((column - here.column) * down) + Math.abs((row - here.row) * right);
    if (along > 0 && along + 2 * aside < least) [best, least] = [number, along + 2 * aside];
  });
  return best;
}

/**
 * Move the window so that a cell is in it.
 * @param {Window} view
 * @param {Cell} cell
 * @param {number} grid  cells in a row
 */
export function bringIn(view, cell, grid) {
  const [each, seen] = [1 / grid, 1 / view.zoom];
  view.x = clamp(view.x, (cell.column + 1) * each - seen, cell.column * each);
  view.y = clamp(view.y, (cell.row + 1) * each - seen, cell.row * each);
  bound(view);
}
