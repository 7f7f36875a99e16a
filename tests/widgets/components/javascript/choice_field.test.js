import assert from "node:assert/strict";
import { it } from "node:test";
import { choiceOf, fieldTexts } from "../../../../xai_widgets/widgets/components/choice_field.js";

const BIRDS = ["crane", "Great owl", "little owl", "crane", "7"];

it("a name that two choices have gets their numbers", () => {
  assert.deepEqual(fieldTexts(BIRDS), ["crane (0)", "Great owl", "little owl", "crane (3)", "7"]);
});

it("a choice is found by its name, by its number, or by a part that only it has", () => {
  const texts = fieldTexts(BIRDS);
  const found = ["great OWL", "crane (3)", "2", "little", "7"].map((typed) => choiceOf(typed, texts));
  assert.deepEqual(found, [1, 3, 2, 2, 4]);
});

it("what names none or several finds nothing", () => {
  const texts = fieldTexts(BIRDS);
  assert.deepEqual(
    ["", "  ", "owl", "dog", "5", "-1"].map((typed) => choiceOf(typed, texts)),
    [-1, -1, -1, -1, -1, -1],
  );
});
