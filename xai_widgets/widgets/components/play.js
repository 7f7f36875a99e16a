// A button that moves a slider by itself, from moment to moment, until its end or until the reader stops it.

import { clamp, make } from "./common.js";

const WHOLE = 8000; // milliseconds from one end to the other, where a moment takes neither limit
const FAST = 150; // milliseconds of a moment, at least
const SLOW = 800; // and at most
const SHAPES = { play: "M5 3.2v9.6L13 8z", pause: "M5 3.5v9M11 3.5v9" };
const SVG = "http://www.w3.org/2000/svg";

/**
 * How long each of some moments is shown.
 * @param {number} moments
 * @returns {number} milliseconds
 */
export function paceOf(moments) {
  return clamp(WHOLE / Math.max(moments, 1), FAST, SLOW);
}

/**
 * What a player moves.
 * @typedef {object} Played
 * @property {() => boolean} next  goes one moment on; whether there is another one after it
 * @property {() => void} rewind  goes to the first moment, if the last one is shown
 * @property {() => number} moments
 * @property {() => boolean} waits  whether what is shown is not there yet: then the next moment waits too
 * @property {(isPlaying: boolean) => void} changed
 */

/**
 * Plays, until the end, `pause`, or the end of the signal. A reader who asks for no motion goes one moment on instead.
 * @param {AbortSignal} signal
 * @param {Played} played
 */
export function player(signal, played) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  const pause = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    played.changed(false);
  };
  const tick = () => {
    timer = setTimeout(tick, paceOf(played.moments()));
    if (!played.waits() && !played.next()) pause();
  };
  const toggle = () => {
    if (timer !== null) return pause();
    played.rewind();
    if (asksForStillness()) {
      played.next();
      return;
    }
    timer = setTimeout(tick, paceOf(played.moments()));
    played.changed(true);
  };
  signal.addEventListener("abort", pause, { once: true });
  return { toggle, pause };
}

/** Whether the reader has told the system that nothing should move by itself. */
export function asksForStillness() {
  return globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {Element} parent */
export function playButton(parent) {
  const button = make("button", "xw-play", parent, { type: "button" });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  svg.append(line);
  button.append(svg);
  return {
    button,
    /** @param {"play" | "pause"} shape @param {string} name */
    dress(shape, name) {
      line.setAttribute("d", SHAPES[shape]);
      button.title = name;
      button.setAttribute("aria-label", name);
    },
  };
}
