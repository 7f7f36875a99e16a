import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hearKernel, hearKernelAs } from "../../../../xai_widgets/widgets/components/late_model.js";

/** @typedef {import("../../../../xai_widgets/widgets/components/late_model.js").Handler} Handler */
/** @typedef {import("../../../../xai_widgets/widgets/components/late_model.js").KernelMessage} KernelMessage */

/** A widget as ipywidgets makes it: it notes what it hears. */
class WidgetModel {
  /** @type {string[]} */
  heard = [];
  /** @type {string[]} */
  sent = [];
  /** @type {Handler[]} */
  handlers = [];
  comm = {
    on_msg: (/** @type {Handler} */ handler) => this.handlers.push(handler),
    send: (/** @type {{method: string}} */ data) => this.sent.push(data.method),
  };

  /** @param {KernelMessage} message */
  _handle_comm_msg(message) {
    this.heard.push(message.content.data.method);
    return Promise.resolve();
  }
}

/** A widget as anywidget makes it, whose module was there in time or not. */
class AnyModel extends WidgetModel {
  ready = Promise.resolve();

  /**
   * @param {KernelMessage} message
   * @override
   */
  async _handle_comm_msg(message) {
    await this.ready;
    await super._handle_comm_msg(message);
  }
}

function late() {
  const model = new AnyModel();
  model.ready = Promise.reject(new Error("Failed to initialize model."));
  return model;
}

describe("hearKernel", () => {
  it("leaves a widget alone that was there in time", async () => {
    const model = new AnyModel();
    assert.equal(await hearKernel(model), false);
    assert.deepEqual([model.sent, model.handlers], [[], []]);
  });

  it("passes messages to a late one, and asks for what it missed", async () => {
    const model = late();
    assert.equal(await hearKernel(model), true);
    assert.deepEqual(model.sent, ["request_state"]);
    const [handler] = model.handlers;
    assert.ok(handler);
    await handler({ content: { data: { method: "update" } } });
    assert.deepEqual(model.heard, ["update"]);
  });

  it("does so for a class between anywidget's and its own", async () => {
    class Nearer extends AnyModel {}
    const model = new Nearer();
    model.ready = Promise.reject(new Error("late"));
    await hearKernel(model);
    await model.handlers[0]?.({ content: { data: { method: "update" } } });
    assert.deepEqual(model.heard, ["update"]);
  });
});

describe("hearKernelAs", () => {
  it("finds the widget by its number", async () => {
    const model = late();
    /** @type {string[]} */
    const asked = [];
    const get_model = (/** @type {string} */ id) => {
      asked.push(id);
      return Promise.resolve(model);
    };
    await hearKernelAs({ get: () => "abc", widget_manager: { get_model } });
    assert.deepEqual([asked, model.sent], [["abc"], ["request_state"]]);
  });

  it("does nothing on a page without a manager", async () => {
    assert.equal(await hearKernelAs({ get: () => "abc" }), false);
  });
});
