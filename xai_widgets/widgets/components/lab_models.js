// The widgets of a lab in the browser: which show answers, what the reader changes on them, what the kernel paints.

/**
 * A widget's message to the kernel.
 * @typedef {{method?: string, state?: Record<string, unknown>}} Message
 */

/** @typedef {{content?: {execution_state?: string}}} Status */

/**
 * What is called when the kernel answers a message; other entries are passed on.
 * @typedef {{iopub?: {status?: (status: Status) => void}}} Callbacks
 */

/**
 * The way of a widget's messages to the kernel.
 * @typedef {object} Channel
 * @property {(data: Message, callbacks?: Callbacks, ...rest: unknown[]) => unknown} send
 */

/**
 * A widget of any kind, as ipywidgets' manager has it. `_msg_buffer` is what the reader has changed and ipywidgets holds
 * back until the kernel is through with the widget's last message.
 * @typedef {object} LabModel
 * @property {string} model_id
 * @property {(name: string) => unknown} get
 * @property {(state: Record<string, unknown>) => void} set_state
 * @property {(event: string, handler: () => void) => void} [on]
 * @property {Channel} [comm]
 * @property {Record<string, Promise<{el: HTMLElement}>>} [views]
 * @property {Record<string, unknown> | null} [_msg_buffer]
 */

/**
 * Who is told of what happens to a widget. `sent` returns what is told of the kernel's steps with that message, or null.
 * @typedef {object} Listener
 * @property {(model: LabModel, message: Message) => {heard: () => void, handled: () => void} | null} sent
 * @property {(model: LabModel) => void} painted
 */

const TEXTS = new Set(["HTMLModel", "HTMLMathModel", "LabelModel", "ImageModel"]);
const ANSWER = "xw-answer"; // what a component is marked with whose contents are an answer; see base.py
// Of these the kernel may tell without painting anything.
const BESIDE = new Set(["progress", "dimmed", "words", "language", "layout", "style", "_dom_classes", "escapes"]);

/**
 * A widget, and all that stand in it.
 * @param {LabModel} model
 * @returns {Generator<LabModel>}
 */
export function* modelsIn(model) {
  yield model;
  const children = model.get("children");
  if (!Array.isArray(children)) return;
  for (const child of children) yield* modelsIn(/** @type {LabModel} */ (child));
}

/**
 * Whether a widget shows answers, and not only what the reader sets.
 * @param {LabModel} model
 */
export function showsAnswers(model) {
  const classes = model.get("_dom_classes");
  return TEXTS.has(String(model.get("_model_name"))) || (Array.isArray(classes) && classes.includes(ANSWER));
}

/**
 * Do something with each element in which a widget is shown, as soon as it is there.
 * @param {LabModel} model
 * @param {(element: HTMLElement) => void} task
 */
export function withElements(model, task) {
  for (const view of Object.values(model.views ?? {})) view.then(({ el }) => task(el)).catch(() => undefined);
}

const FOCUSABLE = ["select", "input", "textarea", "button", "[tabindex]"].join();

/**
 * Say what a control does where the pointer rests on it and where the keys reach it; what has no label of its own is
 * called so. ipywidgets shows the text of a menu on the label alone, and only of a menu that had it before it was drawn.
 * @param {LabModel} model
 */
export function explainControl(model) {
  const told = model.get("tooltip");
  if (typeof told !== "string" || told === "") return;
  withElements(model, (element) => {
    element.title = told;
    const control = element.matches(FOCUSABLE) ? element : element.querySelector(FOCUSABLE);
    if (!control) return;
    const isNameless = model.get("description") === "" && model.get("own") === undefined; // components have labels
    if (isNameless) control.setAttribute("aria-label", told);
    else if (!control.hasAttribute("aria-description")) control.setAttribute("aria-description", told);
  });
}

/**
 * What a message of the kernel may change: not what the reader has set and the kernel has not heard of yet.
 * @param {Record<string, unknown>} state
 * @param {(name: string) => boolean} isReaders
 */
export function withoutReaders(state, isReaders) {
  return Object.fromEntries(Object.entries(state).filter(([name]) => !isReaders(name)));
}

/**
 * Listen to a widget, once: to its messages to the kernel, and to the kernel's to it.
 * @param {LabModel} model
 * @param {Listener} listener
 */
export function listenTo(model, listener) {
  /** @type {Map<string, unknown>} */
  const unheard = new Map(); // names of traits that the reader has set, each with the message that says so
  const { comm } = model;
  if (!comm) return;

  const send = comm.send.bind(comm);
  comm.send = (data, callbacks, ...rest) => {
    const told = listener.sent(model, data);
    if (!told) return send(data, callbacks, ...rest);
    const names = data.method === "update" ? Object.keys(data.state ?? {}) : [];
    for (const name of names) unheard.set(name, data);
    const status = (/** @type {Status} */ message) => {
      const step = message.content?.execution_state;
      if (step === "busy") {
        for (const name of names) if (unheard.get(name) === data) unheard.delete(name);
        told.heard();
      }
      callbacks?.iopub?.status?.(message); // may send what was held back: before this message counts as handled
      if (step === "idle") told.handled();
    };
    return send(data, { ...callbacks, iopub: { ...callbacks?.iopub, status } }, ...rest);
  };

  const isReaders = (/** @type {string} */ name) => unheard.has(name) || Object.hasOwn(model._msg_buffer ?? {}, name);
  const setState = model.set_state.bind(model);
  model.set_state = (state) => {
    setState(withoutReaders(state, isReaders));
    if (Object.keys(state).some((name) => !BESIDE.has(name))) listener.painted(model);
  };
}
