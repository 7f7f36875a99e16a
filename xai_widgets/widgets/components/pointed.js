// The pixel that is pointed at, by the pointer or by the keys: marked and read in all pictures of the same input in a lab,
// in the same frame. The kernel hears nothing of it, and need not be there.

import { clamp } from "./common.js";

/** @typedef {{x: number, y: number}} Pixel */

/**
 * What one picture tells the others: the pixel, null where none is pointed at any more, and the size of its picture.
 * @typedef {{pixel: Pixel | null, width: number, height: number}} Pointed
 */

const EVENT = "xw-pointed";
const LAB = ".xw-lab";
const LOUPE = "data-xw-loupe"; // what marks a lab whose pictures are magnified around the pixel
const RATIO = 4; // times that the loupe enlarges the picture as it stands on the page
const ROOM = 0.5; // the loupe's side, as a share of the picture's width
const LEAST = 5; // pixels of the picture along the loupe, at least

/**
 * Tell all pictures of the lab in which a picture stands, itself among them; without a lab, itself.
 * @param {HTMLElement} root  of the picture
 * @param {Pointed} pointed
 */
export function tellPointed(root, pointed) {
  const lab = root.closest(LAB);
  const pictures = lab ? [...lab.querySelectorAll(".xw-picture")] : [root];
  for (const picture of pictures) picture.dispatchEvent(new CustomEvent(EVENT, { detail: { ...pointed, from: root } }));
}

/**
 * Listen to what pictures of the same lab tell, and of the same size: others show something else.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 * @param {() => {width: number, height: number, linked: boolean}} own
 * @param {(pixel: Pixel | null) => void} show
 */
export function hearPointed(root, signal, own, show) {
  const hear = (/** @type {Event} */ event) => {
    const { pixel, width, height, from } = /** @type {CustomEvent<Pointed & {from: HTMLElement}>} */ (event).detail;
    const here = own();
    const isSame = from === root || (here.linked && here.width === width && here.height === height);
    if (isSame) show(pixel);
  };
  root.addEventListener(EVENT, hear, { signal });
}

/**
 * Whether the reader has taken the loupe, for all pictures of a lab.
 * @param {HTMLElement} root  of something in the lab
 */
export function hasLoupe(root) {
  return root.closest(LAB)?.hasAttribute(LOUPE) ?? false;
}

/**
 * Take the loupe, or put it away.
 * @param {HTMLElement} root  of something in the lab
 */
export function toggleLoupe(root) {
  root.closest(LAB)?.toggleAttribute(LOUPE);
}

/**
 * How much of a picture the loupe shows, and how large it is.
 * @param {number} width  of the picture, in its pixels
 * @param {number} room  of the picture on the page
 * @returns {{side: number, pixels: number}} its side on the page, and how many pixels of the picture lie along it
 */
export function loupeOf(width, room) {
  const side = Math.round(ROOM * room);
  return { side, pixels: clamp((ROOM * width) / RATIO, Math.min(LEAST, width), width) };
}

/**
 * Draw what lies around a pixel, its own square outlined.
 * @param {HTMLCanvasElement} loupe
 * @param {HTMLCanvasElement} source  the picture as it is painted
 * @param {Pixel} pixel
 * @param {number} room  of the picture on the page
 */
export function drawLoupe(loupe, source, { x, y }, room) {
  const { side, pixels } = loupeOf(source.width, room);
  const sharp = Math.round(side * (window.devicePixelRatio || 1));
  [loupe.width, loupe.height] = [sharp, sharp];
  loupe.style.inlineSize = loupe.style.blockSize = `${side}px`;
  const context = loupe.getContext("2d");
  if (!context) return;
  const square = sharp / pixels;
  const [left, top] = [x + 0.5 - pixels / 2, y + 0.5 - pixels / 2];
  context.imageSmoothingEnabled = false;
  context.fillStyle = "rgb(128 128 128)"; // where the picture has ended
  context.fillRect(0, 0, sharp, sharp);
  context.drawImage(source, -left * square, -top * square, source.width * square, source.height * square);
  const corner = (sharp - square) / 2;
  for (const [colour, width] of /** @type {const} */ ([
    ["#000000", 3],
    ["#ffffff", 1],
  ])) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(corner, corner, square, square);
  }
}
