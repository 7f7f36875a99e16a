// The scale of a slider: its steps, its grid and its digits. Pure functions; no page, no model.

import { spanOf, standing } from "./chart.js";
import { clamp } from "./common.js";
import { unitFactor } from "./number_format.js";

/**
 * The traits of a slider that say where it can stand.
 * @typedef {object} Limits
 * @property {number} min
 * @property {number} max
 * @property {number | null} step  what is added, or on a logarithmic scale multiplied; null: a hundredth of the track
 * @property {"linear" | "log"} scale
 */

/**
 * Positions are what the browser's own range input holds: the value, or its logarithm.
 * @typedef {object} Scale
 * @property {number} min
 * @property {number} max
 * @property {(value: number) => number} position
 * @property {(position: number) => number} value
 * @property {(value: number, steps: number) => number} step  so many steps further, on the grid
 */

/**
 * @param {Limits} limits
 * @returns {Scale}
 */
export function scaleOf({ min, max, step, scale }) {
  const log = scale === "log";
  const same = (/** @type {number} */ at) => at;
  const [position, value] = log ? [Math.log, Math.exp] : [same, same];
  const width = step === null ? (position(max) - position(min)) / 100 : position(step);
  const snap = (/** @type {number} */ at) => {
    const exact = value(position(min) + Math.round((at - position(min)) / width) * width);
    return clamp(Number(exact.toPrecision(12)), min, max);
  };
  return { min, max, position, value, step: (from, steps) => snap(position(from) + steps * width) };
}

/**
 * How far along the track a value stands, from 0 to 1.
 * @param {Scale} scale
 * @param {number} value
 */
export function partOf({ min, max, position }, value) {
  return (position(value) - position(min)) / (position(max) - position(min));
}

/**
 * Which of the ticks have room for their words, at the places where the style sheet puts them; equal words stand once.
 * @param {number[]} parts  how far along the track each stands
 * @param {string[]} texts
 * @param {number} width  of the track
 * @param {number} letter  width of a letter
 * @returns {boolean[]}
 */
export function legible(parts, texts, width, letter) {
  const spans = parts.map((part, i) => {
    const size = texts[i].length * letter;
    return spanOf(clamp(9 + part * (width - 18), size / 2, width - size / 2), size);
  });
  return standing(spans, letter).map((stands, i) => stands && texts.indexOf(texts[i]) === i);
}

/**
 * Digits after the decimal point that tell one step from the next, as written.
 * @param {Limits & {unit: string, digits: number | null}} traits
 * @returns {number | null} null: as few as say it
 */
export function digitsOf({ min, max, step, scale, unit, digits }) {
  if (digits !== null || scale === "log") return digits;
  const width = (step ?? (max - min) / 100) * unitFactor(unit);
  const most = Math.max(0, Math.ceil(-Math.log10(width)) + 1);
  for (let count = 0; count < most; count++) {
    const scaled = width * 10 ** count;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return count;
  }
  return most;
}
