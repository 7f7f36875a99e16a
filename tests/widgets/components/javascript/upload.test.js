import assert from "node:assert/strict";
import { it } from "node:test";
import { objection } from "../../../../xai_widgets/widgets/components/picture_upload.js";
import { fakeModel } from "./helpers.js";

const WORDS = {
  upload_no_picture: "no picture",
  upload_empty: "empty",
  upload_too_large: "{size} MB is above {limit} MB",
};
const { model } = fakeModel({
  language: /** @type {const} */ ("en"),
  words: WORDS,
  dimmed: false,
  escapes: 0,
  own: "",
  label: "",
  max_megabytes: 1,
  disabled: false,
  busy: false,
  serial: 0,
});

it("a file is refused with the reason", () => {
  assert.equal(objection(model, { type: "application/pdf", size: 5 }), "no picture");
  assert.equal(objection(model, { type: "image/png", size: 0 }), "empty");
  assert.equal(objection(model, { type: "image/png", size: 1e6 }), "");
  assert.equal(objection(model, { type: "", size: 5 }), "");
});

it("the size of a file that is too large never equals the limit", () => {
  assert.equal(objection(model, { type: "image/png", size: 1e6 + 1 }), "1.1 MB is above 1 MB");
});
