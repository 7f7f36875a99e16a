// How points are drawn: the outlines of their marks one by one, or, of many points, stamps of pixels.

/** @typedef {import("./point_layout.js").Place} Place */
/** @typedef {[colour: string, mark: string, name: string]} Look */

/**
 * What is drawn.
 * @typedef {object} Points
 * @property {Float32Array} places  x and y of each, in pixels of the page
 * @property {Uint8Array} groups  of each
 * @property {Look[]} looks  of each group
 * @property {Uint8Array | null} chosen  1 where a point is chosen; null: none is, and none fades
 * @property {number} radius  of a mark
 */

/** The polygons: of each mark, where its first corner points, in degrees, and how many it has. Other marks are discs. */
const CORNERS = new Map([
  ["s", [45, 4]],
  ["D", [0, 4]],
  ["^", [-90, 3]],
  ["v", [90, 3]],
]);
const [FULL, FADED] = [0.85, 0.13]; // opacity
const MANY = 3000; // points from which they are stamped
const SOLID = 110; // opacity from which a pixel of a mark is one of its stamp

/**
 * The radius of a mark: smaller for more points, larger when there are fewer on the screen.
 * @param {number} count
 * @param {number} zoom
 */
export function radiusOf(count, zoom) {
  const least = [600, 20_000].filter((limit) => count > limit).length;
  return Math.min([4, 2.4, 1.4][least] * Math.sqrt(zoom), 5);
}

/**
 * The outline of a mark.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} pen
 * @param {string} mark
 * @param {Place} place
 * @param {number} radius
 */
export function trace(pen, mark, { x, y }, radius) {
  pen.beginPath();
  const corners = CORNERS.get(mark);
  if (!corners) {
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const [first, count] = corners;
  for (let corner = 0; corner < count; corner += 1) {
    const turn = ((first + (360 * corner) / count) * Math.PI) / 180;
    pen.lineTo(x + 1.3 * radius * Math.cos(turn), y + 1.3 * radius * Math.sin(turn));
  }
  pen.closePath();
}

/**
 * Draw points on a canvas that is empty.
 * @param {HTMLCanvasElement} canvas
 * @param {Points} points
 * @param {number} density  pixels of the canvas for one of the page
 */
export function drawPoints(canvas, points, density) {
  const pen = canvas.getContext("2d", { willReadFrequently: points.places.length > 2 * MANY });
  if (!pen) return;
  if (points.places.length > 2 * MANY) stampAll(pen, points, density);
  else traceAll(pen, points, density);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Points} points
 * @param {number} density
 */
function traceAll(pen, { places, groups, looks, chosen, radius }, density) {
  pen.setTransform(density, 0, 0, density, 0, 0);
  groups.forEach((group, number) => {
    const [colour, mark] = looks[group];
    pen.globalAlpha = chosen && !chosen[number] ? FADED : FULL;
    pen.fillStyle = colour;
    trace(pen, mark, { x: places[2 * number], y: places[2 * number + 1] }, radius);
    pen.fill();
  });
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.globalAlpha = 1;
}

/**
 * A mark as pixels: how far it reaches, its colour, and how far each pixel is from its middle in the row of all pixels.
 * @typedef {{half: number, ink: number, offsets: Int32Array}} Stamp
 */

/**
 * @param {string} colour
 * @param {string} mark
 * @param {number} radius  in pixels of the canvas
 * @param {number} opacity
 * @param {number} width  of the canvas that is stamped
 * @returns {Stamp}
 */
function stampOf(colour, mark, radius, opacity, width) {
  const half = Math.ceil(1.3 * radius);
  const side = 2 * half + 1;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return { half, ink: 0, offsets: new Int32Array() };
  pen.fillStyle = colour;
  trace(pen, mark, { x: half + 0.5, y: half + 0.5 }, radius);
  pen.fill();
  const { data } = pen.getImageData(0, 0, side, side);
  const pixels = Array.from({ length: side * side }, (_, at) => at).filter((at) => data[4 * at + 3] > SOLID);
  const offsets = Int32Array.from(pixels, (at) => (at % side) - half + width * (Math.floor(at / side) - half));
  const middle = 4 * (half * side + half);
  const [ink] = new Uint32Array(
    new Uint8Array([data[middle], data[middle + 1], data[middle + 2], Math.round(255 * opacity)]).buffer,
  );
  return { half, ink, offsets };
}

/**
 * Write the pixels of all marks; those of the chosen points over the others.
 * @param {CanvasRenderingContext2D} pen
 * @param {Points} points
 * @param {number} density
 */
function stampAll(pen, { places, groups, looks, chosen, radius }, density) {
  const { width, height } = pen.canvas;
  const image = pen.createImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const press = (/** @type {number} */ number, /** @type {Stamp} */ { half, ink, offsets }) => {
    const x = Math.round(density * places[2 * number]);
    const y = Math.round(density * places[2 * number + 1]);
    if (x < half || y < half || x >= width - half || y >= height - half) return;
    const at = x + width * y;
    for (const offset of offsets) out[at + offset] = ink;
  };
  for (const turn of chosen ? [0, 1] : [0]) {
    const opacity = chosen && !turn ? FADED : FULL;
    const stamps = looks.map(([colour, mark]) => stampOf(colour, mark, radius * density, opacity, width));
    for (let number = 0; number < groups.length; number += 1) {
      if (!chosen || chosen[number] === turn) press(number, stamps[groups[number]]);
    }
  }
  pen.putImageData(image, 0, 0);
}
