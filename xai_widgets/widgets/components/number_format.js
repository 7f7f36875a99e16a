// Numbers as they are written and read in each language, with their units.

/** @typedef {"en" | "fr"} Language */

const MOST_DIGITS = 12; // of a double there are hardly more

/**
 * A number with so many digits after the decimal point.
 * @param {Language} language
 * @param {number} value
 * @param {number} digits
 */
export function fixed(language, value, digits) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return withMinus(new Intl.NumberFormat(language, options).format(value));
}

/**
 * A minus sign in place of the hyphen; a number that is written as zero has none.
 * @param {string} text
 */
function withMinus(text) {
  return text.replace(/^-/u, /[1-9]/u.test(text) ? "−" : "");
}

/**
 * A number of any size with few digits, in powers of ten where it is very small or large.
 * @param {Language} language
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
export function compact(language, value, digits = 3) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [rounded, power] = value
      .toExponential(Math.max(digits - 2, 1))
      .split("e")
      .map(Number); // 9.99e-4 is 1.0e-3
    const superscript = String(power).replace(/./gu, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
    const mantissa = compact(language, rounded, Math.max(digits - 1, 2));
    return mantissa === "1" ? `10${superscript}` : `${mantissa}×10${superscript}`;
  }
  return withMinus(new Intl.NumberFormat(language, { maximumSignificantDigits: digits }).format(value));
}

/**
 * By how much a unit multiplies what is written.
 * @param {string} unit
 */
export function unitFactor(unit) {
  if (unit === "%") return 100;
  return unit === "/255" ? 255 : 1;
}

/**
 * A value with its unit; without a number of digits, as few as say it.
 * @param {Language} language
 * @param {number} value
 * @param {string} unit
 * @param {number | null} digits  after the decimal point
 * @param {number} significant  without a number of digits: how many count
 * @returns {string}
 */
export function quantity(language, value, unit, digits = null, significant = 3) {
  const shown = value * unitFactor(unit);
  const few = Number.isInteger(shown) ? Math.max(significant, 5) : significant;
  const text = digits === null ? compact(language, shown, few) : fixed(language, shown, digits);
  if (unit === "") return text;
  if (unit === "/255") return `${text}/255`;
  if (unit === "%") return `${text}${language === "fr" ? "\u202f" : ""}%`;
  return `${text}\u00a0${unit}`;
}

/**
 * Values of one scale, with as many digits as it takes to tell each from the others.
 * @param {Language} language
 * @param {number[]} values
 * @param {string} unit
 * @returns {string[]}
 */
export function distinct(language, values, unit) {
  const write = (/** @type {number} */ digits) => values.map((value) => quantity(language, value, unit, null, digits));
  let texts = write(3);
  for (let digits = 4; digits <= MOST_DIGITS && new Set(texts).size < values.length; digits++) texts = write(digits);
  return texts;
}

/**
 * A score as a percentage: as many digits as it takes not to claim certainty.
 * @param {Language} language
 * @param {number} score  from 0 to 1
 * @returns {string}
 */
export function percentage(language, score) {
  const rest = Math.min(score, 1 - score);
  if (rest === 0) return quantity(language, score, "%", 0);
  if (rest < 5e-5) {
    const [sign, bound] = score < 0.5 ? ["<", 1e-4] : [">", 0.9999];
    return `${sign}\u00a0${quantity(language, bound, "%", 2)}`;
  }
  return quantity(language, score, "%", rest < 1e-3 ? 2 : 1);
}

/**
 * The value that somebody typed: "0,03", "3 %" and "8/255" are understood whatever the unit.
 * @param {string} text
 * @param {string} unit
 * @returns {number | null} null where it is not a number
 */
export function parse(text, unit) {
  const clean = text.replace(/\s/gu, "").replace("−", "-").replace(",", ".");
  const found = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(%|\/(\d+))?/iu.exec(clean);
  if (!found) return null;
  const rest = clean.slice(found[0].length);
  if (rest !== "" && rest !== unit.replace(/\s/gu, "")) return null;
  const number = Number(found[1]);
  if (found[3]) return Number(found[3]) ? number / Number(found[3]) : null;
  return found[2] ? number / 100 : number / unitFactor(unit);
}
