// The geometry of a line chart: scales, round ticks, paths with gaps, labels that do not overlap. Pure functions.

/**
 * @typedef {object} Axis
 * @property {number} low
 * @property {number} high
 * @property {number} from  where `low` is drawn
 * @property {number} to  where `high` is drawn
 */

/** @typedef {(number | null | undefined)[]} Values */

/**
 * @param {Axis} axis
 * @param {number} value
 */
export function place({ low, high, from, to }, value) {
  return from + ((value - low) / (high - low)) * (to - from);
}

/**
 * The value drawn at a place.
 * @param {Axis} axis
 * @param {number} at
 */
export function valueAt({ low, high, from, to }, at) {
  return low + ((at - from) / (to - from)) * (high - low);
}

/**
 * A step of 1, 2 or 5 times a power of ten that divides a range.
 * @param {number} low
 * @param {number} high
 * @param {number} most  into about how many parts
 */
function roundStep(low, high, most) {
  const rough = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? rough;
}

/**
 * Round numbers between two others, in steps of 1, 2 or 5.
 * @param {number} low
 * @param {number} high
 * @param {number} most  about how many
 * @returns {number[]}
 */
export function ticks(low, high, most) {
  const step = roundStep(low, high, most);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Ticks that are round as they are written: in percent, or in 255ths.
 * @param {number} low
 * @param {number} high
 * @param {number} factor  by which what is written is larger than the value
 * @param {number} most
 */
export function writtenTicks(low, high, factor, most) {
  return ticks(low * factor, high * factor, most).map((at) => at / factor);
}

/**
 * As many ticks as can stand side by side: none touches the next, and no two are written alike.
 * @param {Axis} axis
 * @param {number} factor  by which what is written is larger than the value
 * @param {number} most
 * @param {(values: number[]) => string[]} write
 * @param {number} letter  width of a letter
 * @returns {{at: number, text: string}[]}
 */
export function legibleTicks(axis, factor, most, write, letter) {
  for (let count = Math.max(most, 1); count >= 1; count--) {
    const values = writtenTicks(axis.low, axis.high, factor, count);
    const texts = write(values);
    const spans = values.map((at, i) => spanOf(place(axis, at), texts[i].length * letter));
    const all = standing(spans, letter).every(Boolean) && new Set(texts).size === texts.length;
    if (all || count === 1) return values.map((at, i) => ({ at, text: texts[i] })).slice(0, all ? undefined : 1);
  }
  return [];
}

/**
 * What a text takes around its middle.
 * @param {number} middle
 * @param {number} width
 * @returns {[number, number]}
 */
export function spanOf(middle, width) {
  return [middle - width / 2, middle + width / 2];
}

/**
 * Which of several texts on a line can stand: the two ends, and between them those that touch none before them.
 * @param {[number, number][]} spans  from where to where, in their order
 * @param {number} gap
 * @returns {boolean[]}
 */
export function standing(spans, gap) {
  const last = spans.length - 1;
  let reached = Number.NEGATIVE_INFINITY;
  return spans.map(([from, to], i) => {
    const free = from >= reached + gap && (i === last || to + gap <= spans[last][0]);
    if (free || i === 0) reached = to;
    return free || i === 0;
  });
}

/**
 * Ends of an axis: those asked for, else those of the values, widened to round numbers if wished.
 * @param {[] | [number, number]} asked
 * @param {number[]} values
 * @param {boolean} round
 * @returns {[number, number]}
 */
export function ends(asked, values, round) {
  if (asked.length === 2) return [asked[0], asked[1]];
  if (!values.length) return [0, 1];
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  if (!round) return [low, high];
  const step = roundStep(low, high, 4);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/**
 * An SVG path through the points, broken where there is no value; a lone point becomes a dot.
 * @param {number[]} x
 * @param {Values} values
 * @param {Axis} across
 * @param {Axis} up
 * @returns {string}
 */
export function path(x, values, across, up) {
  let text = "";
  let open = false;
  x.forEach((at, i) => {
    const value = values[i];
    if (value === null || value === undefined) {
      open = false;
      return;
    }
    const alone = !open && (values[i + 1] ?? null) === null;
    text += `${open ? "L" : "M"}${place(across, at).toFixed(2)} ${place(up, value).toFixed(2)}${alone ? "h0.01" : ""}`;
    open = true;
  });
  return text;
}

/**
 * The value of a line anywhere between its points.
 * @param {number[]} x
 * @param {Values} values
 * @param {number} at
 * @returns {number | null} null in a gap and outside
 */
export function between(x, values, at) {
  const close = 1e-9 * (x[x.length - 1] - x[0]); // a cursor on a point may differ from it by rounding
  const after = x.findIndex((known) => known >= at - close);
  if (after < 0) return null;
  const right = values[after] ?? null;
  if (Math.abs(x[after] - at) <= close) return right;
  if (after === 0) return null;
  const left = values[after - 1] ?? null;
  if (left === null || right === null) return null;
  const part = (at - x[after - 1]) / (x[after] - x[after - 1]);
  return left + part * (right - left);
}

/**
 * The number nearest to another.
 * @param {number[]} x
 * @param {number} at
 */
export function nearest(x, at) {
  return x.reduce((best, known) => (Math.abs(known - at) < Math.abs(best - at) ? known : best), x[0]);
}

/**
 * Move labels apart until none overlaps, each as near to its wish as the others let it.
 * @param {number[]} wishes
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function spread(wishes, gap, low, high) {
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[a] - wishes[b]);
  const out = wishes.slice();
  order.forEach((i, rank) => {
    out[i] = Math.max(out[i], rank ? out[order[rank - 1]] + gap : low);
  });
  order.reverse().forEach((i, rank) => {
    out[i] = Math.min(out[i], rank ? out[order[rank - 1]] - gap : high);
  });
  return out;
}
