// Numbers as they are written and read in each language, with their units.

/** @typedef {"en" | "fr"} Language */

/**
 * A number with so many digits after the decimal point.
 * @param {Language} language
 * @param {number} value
 * @param {number} digits
 */
export function fixed(language, value, digits) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value + 0).replace(/^-/u, "−");
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
    const [rounded, power] = value.toExponential(1).split("e").map(Number); // 9.99e-4 is 1.0e-3
    const superscript = String(power).replace(/./gu, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
    const mantissa = compact(language, rounded, 2);
    return mantissa === "1" ? `10${superscript}` : `${mantissa}×10${superscript}`;
  }
  const text = new Intl.NumberFormat(language, { maximumSignificantDigits: digits }).format(value + 0);
  return text.replace(/^-/u, "−");
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
 * @param {number | null} digits
 * @returns {string}
 */
export function quantity(language, value, unit, digits = null) {
  const shown = value * unitFactor(unit);
  const text =
    digits === null ? compact(language, shown, Number.isInteger(shown) ? 5 : 3) : fixed(language, shown, digits);
  if (unit === "") return text;
  if (unit === "/255") return `${text}/255`;
  if (unit === "%") return `${text}${language === "fr" ? "\u202f" : ""}%`;
  return `${text}\u00a0${unit}`;
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
