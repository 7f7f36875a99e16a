import assert from "node:assert/strict";
import { it } from "node:test";
import {
  compact,
  distinct,
  fixed,
  parse,
  percentage,
  quantity,
} from "../../../../xai_widgets/widgets/components/number_format.js";

it("a number has the signs of its language, and a true minus", () => {
  assert.equal(fixed("en", -1234.5, 1), "−1,234.5");
  assert.equal(fixed("fr", -1234.5, 1), "−1\u202f234,5");
  assert.equal(fixed("en", -0, 2), "0.00");
  assert.equal(fixed("en", -0.004, 2), "0.00");
  assert.equal(fixed("en", -0.0051, 2), "−0.01");
  assert.equal(fixed("fr", 0.004, 2), "0,00");
  assert.equal(quantity("en", -0.0004, "%", 1), "0.0%");
  assert.equal(compact("en", -0), "0");
});

it("a compact number is a power of ten where it is very small or large", () => {
  assert.equal(compact("en", 0), "0");
  assert.equal(compact("en", 0.012_345), "0.0123");
  assert.equal(compact("en", 1e-4), "10⁻⁴");
  assert.equal(compact("fr", -2.5e-7), "−2,5×10⁻⁷");
  assert.equal(compact("en", 100_000), "10⁵");
});

it("a compact number whose mantissa is rounded up to ten is the next power", () => {
  assert.equal(compact("en", 9.99e-4), "10⁻³");
  assert.equal(compact("en", 9.97e6), "10⁷");
  assert.equal(compact("en", -9.99e-4), "−1×10⁻³");
  assert.equal(compact("en", -1e-4), "−1×10⁻⁴");
});

it("a quantity has its unit", () => {
  assert.equal(quantity("en", 0.031, "%", 1), "3.1%");
  assert.equal(quantity("fr", 0.031, "%", 1), "3,1\u202f%");
  assert.equal(quantity("en", 8 / 255, "/255"), "8/255");
  assert.equal(quantity("en", 3, "px"), "3\u00a0px");
  assert.equal(quantity("en", 12_345, ""), "12,345");
});

it("values of one scale are written so that none equals another", () => {
  assert.deepEqual(distinct("en", [0, 0.5, 1], ""), ["0", "0.5", "1"]);
  assert.deepEqual(distinct("en", [12.345, 12.35, 12.355], ""), ["12.345", "12.35", "12.355"]);
  assert.deepEqual(distinct("fr", [0.9995, 0.9996], "%"), ["99,95\u202f%", "99,96\u202f%"]);
  assert.deepEqual(distinct("en", [100_100, 100_200], ""), ["1.001×10⁵", "1.002×10⁵"]);
  assert.deepEqual(distinct("en", [1, 1], ""), ["1", "1"]);
});

it("a percentage does not claim certainty", () => {
  assert.equal(percentage("en", 0.5), "50.0%");
  assert.equal(percentage("en", 0.9995), "99.95%");
  assert.equal(percentage("en", 0.999_99), ">\u00a099.99%");
  assert.equal(percentage("en", 1e-6), "<\u00a00.01%");
  assert.equal(percentage("en", 1), "100%");
  assert.equal(percentage("en", 0), "0%");
});

it("what is typed is understood with a comma, a unit or a fraction", () => {
  assert.equal(parse("0,03", ""), 0.03);
  assert.equal(parse("3 %", ""), 0.03);
  assert.equal(parse("8/255", "%"), 8 / 255);
  assert.equal(parse("8", "/255"), 8 / 255);
  assert.equal(parse("−1.5e-3", ""), -0.0015);
  assert.equal(parse("5 px", "px"), 5);
});

it("what is not a number is refused", () => {
  for (const text of ["", "abc", "1/0", "1 2 px", "--1", "5 px"]) assert.equal(parse(text, ""), null);
});
