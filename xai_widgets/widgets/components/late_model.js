// A widget that the page was too busy to load in time hears the kernel all the same.

/**
 * A message of the kernel, as far as it is looked at here.
 * @typedef {{content: {data: {method: string}}}} KernelMessage
 */

/** @typedef {(message: KernelMessage) => Promise<unknown>} Handler */

/**
 * A widget of our own, as ipywidgets' manager has it.
 * @typedef {object} OwnModel
 * @property {Handler} _handle_comm_msg
 * @property {{on_msg: (handler: Handler) => void, send: (data: {method: string}) => unknown}} [comm]
 */

/** @typedef {{get_model: (id: string) => Promise<OwnModel>}} Manager */

const NOTHING = { content: { data: { method: "nothing" } } };

/**
 * The method that a widget has put its own in place of.
 * @param {OwnModel} model
 * @returns {Handler | undefined}
 */
function overridden(model) {
  const own = model._handle_comm_msg;
  let kind = Object.getPrototypeOf(model);
  while (kind && kind._handle_comm_msg === own) kind = Object.getPrototypeOf(kind);
  return kind?._handle_comm_msg;
}

/**
 * anywidget passes no message of the kernel to a widget, for as long as the page stands, unless the widget's module was
 * there within two seconds. If that is so, take the messages without it, and ask for what was missed.
 * @param {OwnModel} model  of a widget whose module is there
 * @returns {Promise<boolean>}  whether it was late
 */
export async function hearKernel(model) {
  try {
    await model._handle_comm_msg(NOTHING);
    return false;
  } catch {
    const handler = overridden(model);
    if (handler) model.comm?.on_msg(handler.bind(model));
    model.comm?.send({ method: "request_state" });
    return true;
  }
}

/**
 * The same for a widget that knows its own number.
 * @param {{get(name: "own"): string, widget_manager?: Manager}} model
 * @returns {Promise<boolean>}  whether it was late
 */
export async function hearKernelAs(model) {
  const id = model.get("own");
  if (!id || !model.widget_manager) return false; // a page without a kernel
  return hearKernel(await model.widget_manager.get_model(id));
}
