import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OLD, Watch } from "../../../../xai_widgets/widgets/components/lab_watch.js";
import { fakeModel } from "./helpers.js";

/** @typedef {import("../../../../xai_widgets/widgets/components/lab_models.js").LabModel} LabModel */
/** @typedef {import("../../../../xai_widgets/widgets/components/lab_models.js").Callbacks} Callbacks */

/** An element that counts how often it is touched. */
function fakeElement() {
  /** @type {Set<string>} */
  const classes = new Set();
  const element = {
    title: "",
    touched: 0,
    busy: /** @type {string[]} */ ([]),
    classes,
    classList: {
      toggle: (/** @type {string} */ name, /** @type {boolean} */ on) => {
        element.touched += 1;
        if (on) classes.add(name);
        else classes.delete(name);
      },
    },
    setAttribute: (/** @type {string} */ _name, /** @type {string} */ value) => element.busy.push(value),
    matches: () => false,
    querySelector: () => null,
  };
  return element;
}

/**
 * A widget that is shown once.
 * @param {string} id
 * @param {Record<string, unknown>} traits
 */
function shown(id, traits) {
  const element = fakeElement();
  /** @type {Map<string, () => void>} */
  const handlers = new Map();
  /** @type {Callbacks[]} */
  const calls = [];
  /** @type {import("../../../../xai_widgets/widgets/components/lab_models.js").Channel} */
  const comm = { send: (_data, callbacks = {}) => calls.push(callbacks) };
  /** @type {Record<string, Promise<unknown>>} */
  const views = { one: Promise.resolve({ el: element }) };
  const model = /** @type {LabModel} */ (
    /** @type {unknown} */ ({
      model_id: id,
      get: (/** @type {string} */ name) => traits[name],
      set_state: () => undefined,
      comm,
      views,
      on: (/** @type {string} */ event, /** @type {() => void} */ handler) => handlers.set(event, handler),
    })
  );
  const change = () => comm.send({ method: "update", state: { value: 1 } });
  const status = (/** @type {string} */ step) => calls.at(-1)?.iopub?.status?.({ content: { execution_state: step } });
  return { model, element, views, handlers, change, status, traits };
}

/** A lab of a slider and bars, at rest, and what watches it. */
async function watched() {
  const slider = shown("slider", { tooltip: "The size." });
  const bars = shown("bars", { _dom_classes: ["xw-answer"] });
  const lab = shown("lab", { children: [slider.model, bars.model] });
  const line = fakeModel({
    .../** @type {import("../../../../xai_widgets/widgets/components/request_line.js").Traits} */ ({}),
    silent: [],
  });
  const watch = new Watch(line.model);
  watch.state.follow(1, 1, "finished");
  watch.attend(lab.model);
  await settled();
  for (const { element } of [slider, bars, lab]) [element.touched, element.busy] = [0, []];
  return { watch, slider, bars, lab };
}

/** Wait until what was promised is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const blink = () => new Promise((resolve) => setTimeout(resolve, 200));

describe("a lab on the page", () => {
  it("is touched only to say that it is busy, and then that it is not, where the answer comes at once", async () => {
    const { watch, slider, bars, lab } = await watched();
    let told = 0;
    watch.listeners.add(() => {
      told += 1;
    });
    slider.change();
    slider.status("busy");
    bars.model.set_state({ rows: [] });
    watch.state.follow(2, 1, "finished");
    watch.refresh();
    slider.status("idle");
    watch.state.follow(2, 2, "finished");
    watch.refresh();
    await settled();
    assert.deepEqual(
      [slider, bars, lab].map(({ element }) => element.touched),
      [0, 0, 0],
    );
    assert.deepEqual(lab.element.busy, ["true", "false"]);
    assert.equal(told, 0);
  });

  it("has its answers marked where the new ones are late, until they are there", async () => {
    const { watch, slider, bars, lab } = await watched();
    slider.change();
    await blink();
    assert.deepEqual(
      [slider, bars].map(({ element }) => element.classes.has(OLD)),
      [false, true],
    );
    assert.equal(lab.element.classes.size, 1);
    watch.state.follow(2, 1, "finished");
    slider.status("idle");
    bars.model.set_state({ rows: [] }); // by the newest request, which goes on
    await settled();
    assert.equal(bars.element.classes.has(OLD), false);
    watch.state.follow(2, 2, "finished");
    watch.refresh();
    await settled();
    assert.deepEqual([bars.element.classes.size, lab.element.classes.size], [0, 0]);
  });

  it("tells that the kernel is awaited, and that it is there", async () => {
    const { watch, slider } = await watched();
    /** @type {boolean[]} */
    const told = [];
    watch.listeners.add(() => told.push(watch.waiting.isLate()));
    slider.change();
    await new Promise((resolve) => setTimeout(resolve, 500));
    slider.status("busy");
    slider.status("idle");
    assert.deepEqual(told, [true, false]);
  });

  it("has marked what a stopped request had not come to", async () => {
    const { watch, bars, lab } = await watched();
    watch.state.follow(2, 2, "stopped");
    watch.refresh();
    await settled();
    assert.deepEqual([bars.element.classes.has(OLD), lab.element.classes.size], [true, 1]);
  });

  it("is looked over again when widgets come to stand in it, and when it is shown in another place", async () => {
    const { watch, slider, lab } = await watched();
    const menu = shown("menu", { tooltip: "Which attack." });
    lab.traits.children = [slider.model, menu.model];
    lab.handlers.get("change:children")?.();
    await settled();
    assert.equal(menu.element.title, "Which attack.");
    const again = fakeElement();
    slider.views.two = Promise.resolve({ el: again });
    watch.refresh();
    await settled();
    assert.equal(again.title, "The size.");
    menu.change();
    assert.equal(watch.state.isPending, true);
    menu.status("idle");
  });
});
