// A model without a page: what a component reads, sets and sends.

/**
 * @template {object} Traits
 * @param {Traits} traits
 */
export function fakeModel(traits) {
  const state = { ...traits };
  /** @type {Partial<Traits>[]} */
  const saved = [];
  /** @type {Set<keyof Traits>} */
  const changed = new Set();
  /** @type {import("../../../../xai_widgets/widgets/components/common.js").Model<Traits>} */
  const model = {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      changed.add(name);
    },
    save_changes: () => {
      /** @type {Partial<Traits>} */
      const message = {};
      for (const name of changed) message[name] = state[name];
      saved.push(message);
      changed.clear();
    },
    on: () => undefined,
    off: () => undefined,
  };
  return { model, state, saved };
}

/**
 * A key as a browser tells of it.
 * @param {string} key
 * @param {Partial<import("../../../../xai_widgets/widgets/components/keys.js").Press>} modifiers
 */
export function press(key, modifiers = {}) {
  return { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...modifiers };
}
