// The keyboard: what each key means to the components. One table, and pure functions that read it.

/**
 * What of a keyboard event says which key it is.
 * @typedef {Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">} Press
 */

/** @typedef {{right: number, down: number}} Direction  of an arrow, in steps: -1, 0 or 1 */
/** @typedef {"first" | "last"} End */
/** @typedef {"in" | "out" | "whole"} Zoom */

/**
 * @typedef {{kind: "arrow"} & Direction
 *   | {kind: "page", sign: 1 | -1}
 *   | {kind: "end", end: End}
 *   | {kind: "choose"}
 *   | {kind: "zoom", zoom: Zoom}} Meaning
 */

const LEAP = 10; // steps of an arrow with Shift, and of a page key

/** @type {ReadonlyMap<string, Meaning>} */
const KEYS = new Map([
  ["ArrowLeft", { kind: "arrow", right: -1, down: 0 }],
  ["ArrowRight", { kind: "arrow", right: 1, down: 0 }],
  ["ArrowUp", { kind: "arrow", right: 0, down: -1 }],
  ["ArrowDown", { kind: "arrow", right: 0, down: 1 }],
  ["PageUp", { kind: "page", sign: 1 }],
  ["PageDown", { kind: "page", sign: -1 }],
  ["Home", { kind: "end", end: "first" }],
  ["End", { kind: "end", end: "last" }],
  ["Enter", { kind: "choose" }],
  [" ", { kind: "choose" }],
  ["+", { kind: "zoom", zoom: "in" }],
  ["=", { kind: "zoom", zoom: "in" }],
  ["-", { kind: "zoom", zoom: "out" }],
  ["0", { kind: "zoom", zoom: "whole" }],
]);

/**
 * Whether a key is pressed together with one that makes it a shortcut of the browser or the notebook.
 * @param {Press} press
 */
const isShortcut = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

/**
 * Whether a key is pressed alone.
 * @param {Press} press
 */
export function isPlain(press) {
  return !isShortcut(press) && !press.shiftKey;
}

/**
 * @param {Press} press
 * @returns {Meaning | null} null for a shortcut, and for a key that means nothing here
 */
function meaningOf(press) {
  return isShortcut(press) ? null : (KEYS.get(press.key) ?? null);
}

/**
 * Whether a key is kept from the notebook, where a letter is a command and an arrow changes the cell.
 * Shortcuts, Tab, Esc and Shift+Enter are not kept.
 * @param {Press} press
 */
export function isKept(press) {
  const passes = press.key === "Tab" || press.key === "Escape" || (press.key === "Enter" && press.shiftKey);
  return !passes && !isShortcut(press);
}

/** @param {Press} press */
export function isEscape(press) {
  return press.key === "Escape";
}

/**
 * Whether a key chooses what has the focus: Enter or Space, alone.
 * @param {Press} press
 */
export function isChoice(press) {
  return meaningOf(press)?.kind === "choose" && isPlain(press);
}

/**
 * Whether a key ends what is being typed and keeps it. Shift+Enter is the notebook's.
 * @param {Press} press
 */
export function isConfirmation(press) {
  return press.key === "Enter" && !press.shiftKey;
}

/**
 * Whether a key begins or ends a drawing with the keys: L, alone.
 * @param {Press} press
 */
export function isLasso(press) {
  return press.key.toLowerCase() === "l" && isPlain(press);
}

/**
 * Whether a key sets a corner of a drawing: Space, alone. Enter closes it.
 * @param {Press} press
 */
export function isCorner(press) {
  return press.key === " " && isPlain(press);
}

/**
 * Whether a key takes back what was done last.
 * @param {Press} press
 */
export function isBack(press) {
  return press.key === "Backspace" && isPlain(press);
}

/** @param {Press} press */
export function isPaste(press) {
  return (press.ctrlKey || press.metaKey) && press.key.toLowerCase() === "v";
}

/**
 * Where an arrow points.
 * @param {Press} press
 * @returns {Direction | null} null for another key
 */
export function directionOf(press) {
  const meaning = meaningOf(press);
  return meaning?.kind === "arrow" ? { right: meaning.right, down: meaning.down } : null;
}

/**
 * @param {Press} press
 * @returns {End | null} null for a key other than Home and End
 */
export function endOf(press) {
  const meaning = meaningOf(press);
  return meaning?.kind === "end" ? meaning.end : null;
}

/**
 * @param {Press} press
 * @returns {1 | -1 | null} 1 for PageUp, -1 for PageDown, null for another key
 */
export function pageOf(press) {
  const meaning = meaningOf(press);
  return meaning?.kind === "page" ? meaning.sign : null;
}

/**
 * @param {Press} press
 * @returns {Zoom | null}
 */
export function zoomOf(press) {
  const meaning = meaningOf(press);
  return meaning?.kind === "zoom" ? meaning.zoom : null;
}

/**
 * How many steps one press of a key counts: more with Shift.
 * @param {Press} press
 */
export function leap(press) {
  return press.shiftKey ? LEAP : 1;
}

/**
 * @typedef {{steps: number, upright: boolean} | {end: End}} Move  steps of any sign, more is right and up; or an end
 */

/**
 * Where a key leads along one axis, or along two of which `upright` says which: for sliders, dividers and cursors.
 * @param {Press} press
 * @returns {Move | null} null for a key that does not move
 */
export function moveOf(press) {
  const meaning = meaningOf(press);
  if (meaning?.kind === "arrow") {
    const upright = meaning.down !== 0;
    return { steps: leap(press) * (upright ? -meaning.down : meaning.right), upright };
  }
  if (meaning?.kind === "page") return { steps: LEAP * meaning.sign, upright: true };
  return meaning?.kind === "end" ? { end: meaning.end } : null;
}

/**
 * Where a key leads in a list, or in a grid that is filled row by row. With Shift, nowhere.
 * @param {Press} press
 * @param {number} at
 * @param {number} count  of the items
 * @param {number | null} columns  of the grid; null for a list, in which arrows to the sides mean nothing
 * @returns {number | null} the place of an item, or null for a key that does not lead anywhere
 */
export function walk(press, at, count, columns = null) {
  if (press.shiftKey || !count) return null;
  const last = count - 1;
  const toEnd = endOf(press);
  if (toEnd) return toEnd === "first" ? 0 : last;
  const way = directionOf(press);
  if (!way || (way.right && columns === null)) return null;
  return Math.min(Math.max(at + way.right + (columns ?? 1) * way.down, 0), last);
}
