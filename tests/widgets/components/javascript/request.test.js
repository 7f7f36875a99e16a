import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  listenTo,
  modelsIn,
  showsAnswers,
  withoutReaders,
} from "../../../../xai_widgets/widgets/components/lab_models.js";
import { RequestState } from "../../../../xai_widgets/widgets/components/request_state.js";

/** @typedef {import("../../../../xai_widgets/widgets/components/lab_models.js").LabModel} LabModel */
/** @typedef {import("../../../../xai_widgets/widgets/components/lab_models.js").Message} Message */
/** @typedef {import("../../../../xai_widgets/widgets/components/lab_models.js").Callbacks} Callbacks */

/** A lab at rest, after its first request. */
function atRest() {
  const state = new RequestState();
  state.follow(1, 1, "finished");
  return state;
}

describe("what is old", () => {
  it("everything, from a change until its answer is whole", () => {
    const state = atRest();
    assert.deepEqual([state.isOld("a"), state.isPending], [false, false]);
    const change = state.change();
    assert.deepEqual([state.isOld("a"), state.isUnheard, state.isPending], [true, true, true]);
    state.hear(change);
    assert.deepEqual([state.isOld("a"), state.isUnheard], [true, false]);
    state.follow(2, 1, "finished");
    state.handle(change);
    assert.deepEqual([state.isOld("a"), state.isComputing], [true, true]);
    state.follow(2, 2, "finished");
    assert.deepEqual([state.isOld("a"), state.isPending], [false, false]);
  });

  it("nothing any more, once the kernel has seen a change that leads to no request", () => {
    const state = atRest();
    state.handle(state.change());
    assert.deepEqual([state.isOld("a"), state.isPending], [false, false]);
  });

  it("all until the answer of the last of several changes", () => {
    const state = atRest();
    const first = state.change();
    const second = state.change();
    state.follow(2, 1, "finished");
    state.handle(first);
    state.follow(2, 2, "finished"); // the answer of the first
    assert.equal(state.isOld("a"), true);
    state.follow(3, 2, "finished");
    state.handle(second);
    assert.equal(state.isOld("a"), true);
    state.follow(3, 3, "finished");
    assert.equal(state.isOld("a"), false);
  });

  it("not what the newest request has painted", () => {
    const state = atRest();
    state.follow(2, 1, "finished");
    state.paint("a");
    assert.deepEqual([state.isOld("a"), state.isOld("b")], [false, true]);
    state.follow(3, 1, "finished");
    assert.equal(state.isOld("a"), true);
  });

  it("what an older request paints while a change is on its way", () => {
    const state = atRest();
    state.follow(2, 1, "finished");
    const change = state.change();
    state.paint("a");
    assert.equal(state.isOld("a"), true);
    state.handle(change); // it led to no request
    assert.equal(state.isOld("a"), true);
  });

  for (const outcome of /** @type {const} */ (["stopped", "failed"]))
    it(`what a request that ${outcome} had not come to`, () => {
      const state = atRest();
      state.follow(2, 1, "finished");
      state.paint("a");
      state.follow(2, 2, outcome);
      assert.deepEqual([state.isOld("a"), state.isOld("b"), state.isStopped], [false, true, outcome === "stopped"]);
      state.handle(state.change()); // of an opacity, say: nothing of it changes
      assert.deepEqual([state.isOld("a"), state.isOld("b")], [false, true]);
      state.follow(3, 2, outcome);
      assert.deepEqual([state.isOld("a"), state.isStopped], [true, false]);
      state.follow(3, 3, "finished");
      assert.equal(state.isOld("b"), false);
    });

  it("a change counts once, however often the kernel tells of it", () => {
    const state = atRest();
    const change = state.change();
    state.handle(change);
    state.handle(change);
    state.hear(change);
    assert.deepEqual([state.isUnheard, state.isPending], [false, false]);
  });
});

/** A widget as ipywidgets has it, whose messages are kept. */
function fakeWidget(/** @type {Record<string, unknown>} */ traits = {}) {
  /** @type {{data: Message, callbacks: Callbacks | undefined}[]} */
  const sent = [];
  /** @type {Record<string, unknown>} */
  const state = { ...traits };
  /** @type {import("../../../../xai_widgets/widgets/components/lab_models.js").Channel} */
  const comm = { send: (data, callbacks) => sent.push({ data, callbacks }) };
  /** @type {LabModel} */
  const model = {
    model_id: "m",
    get: (name) => state[name],
    set_state: (values) => Object.assign(state, values),
    comm,
    _msg_buffer: null,
  };
  return { model, comm, sent, state };
}

/** The kernel's word on a message. */
const status = (/** @type {string} */ step) => ({ content: { execution_state: step } });

describe("the widgets of a lab", () => {
  it("are all that stand in it, and those with answers are marked", () => {
    const text = fakeWidget({ _model_name: "HTMLModel" }).model;
    const bars = fakeWidget({ _model_name: "AnyModel", _dom_classes: ["xw-answer"] }).model;
    const slider = fakeWidget({ _model_name: "AnyModel", _dom_classes: [] }).model;
    const row = fakeWidget({ children: [bars, slider] }).model;
    const lab = fakeWidget({ children: [row, text] }).model;
    assert.deepEqual([...modelsIn(lab)], [lab, row, bars, slider, text]);
    assert.deepEqual([...modelsIn(lab)].map(showsAnswers), [false, false, true, false, true]);
  });

  it("tell of each message, and of the kernel's steps with it", () => {
    const { model, comm, sent } = fakeWidget();
    /** @type {string[]} */
    const told = [];
    listenTo(model, {
      sent: (_, { method }) => {
        told.push(String(method));
        return { heard: () => told.push("heard"), handled: () => told.push("handled") };
      },
      painted: () => undefined,
    });
    comm.send({ method: "custom" });
    sent[0].callbacks?.iopub?.status?.(status("busy"));
    sent[0].callbacks?.iopub?.status?.(status("idle"));
    assert.deepEqual(told, ["custom", "heard", "handled"]);
  });

  it("have sent what was held back before the message before counts as handled", () => {
    const { model, comm, sent } = fakeWidget();
    const state = atRest();
    listenTo(model, {
      sent: () => {
        const change = state.change();
        return { heard: () => state.hear(change), handled: () => state.handle(change) };
      },
      painted: () => undefined,
    });
    const callbacks = { iopub: { status: () => comm.send({ method: "update", state: { value: 2 } }) } };
    comm.send({ method: "update", state: { value: 1 } }, callbacks);
    sent[0].callbacks?.iopub?.status?.(status("idle"));
    assert.equal(sent.length, 2);
    assert.equal(state.isPending, true);
  });

  it("keep what the reader has set until the kernel has heard of it", () => {
    const { model, comm, sent, state } = fakeWidget({ value: 0, max: 1 });
    listenTo(model, { sent: () => ({ heard: () => undefined, handled: () => undefined }), painted: () => undefined });
    state.value = 0.7;
    comm.send({ method: "update", state: { value: 0.7 } });
    model.set_state({ value: 0, max: 2 }); // by an older request
    assert.deepEqual(state, { value: 0.7, max: 2 });
    sent[0].callbacks?.iopub?.status?.(status("busy"));
    model.set_state({ value: 0.5 }); // what the kernel makes of it
    assert.equal(state.value, 0.5);
    model._msg_buffer = { value: 0.9 }; // ipywidgets waits with it for the message before
    state.value = 0.9;
    model.set_state({ value: 0.5 });
    assert.equal(state.value, 0.9);
  });

  it("tell of what the kernel paints, not of a bar that moves", () => {
    const { model } = fakeWidget();
    /** @type {number[]} */
    const painted = [];
    listenTo(model, { sent: () => null, painted: () => painted.push(1) });
    model.set_state({ progress: 0.5 });
    model.set_state({ dimmed: true, _dom_classes: [] });
    assert.equal(painted.length, 0);
    model.set_state({ caption: "new", progress: 0.5 });
    assert.equal(painted.length, 1);
  });

  it("drop nothing else of a message", () => {
    assert.deepEqual(
      withoutReaders({ a: 1, b: 2, c: 3 }, (name) => name === "b"),
      { a: 1, c: 3 },
    );
  });
});
