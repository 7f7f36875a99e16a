// What JupyterLab and Notebook 7 load first: a federated extension as they take it, written by hand. The rest is modules,
// which import nothing of each other: a server lets browsers keep them for a year, so that each is asked for by the version
// that package.json gives in the address of this file.

/**
 * What the page shares with its extensions: for each package its versions, as webpack's module federation keeps them.
 * @typedef {Record<string, Record<string, {get: () => Promise<() => unknown>, loaded?: unknown, eager?: boolean}>>} Shared
 */

(() => {
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  /** @type {Shared} */
  let shared = {};

  /**
   * The page's own copy of a package: the one that it has loaded.
   * @param {string} name
   */
  const imported = async (name) => {
    const versions = Object.values(shared[name] ?? {});
    const chosen = versions.find((one) => one.loaded) ?? versions.find((one) => one.eager) ?? versions[0];
    if (!chosen) throw new Error(`the page does not share ${name}`);
    return (await chosen.get())();
  };

  /** @param {string} file */
  const module = (file) => import(new URL(file + new URL(src).search, src).href);

  const container = {
    /** @param {Shared} scope */
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const [plugin, output, labs, renewal, lumino] = await Promise.all([
        module("plugin.js"),
        module("lab_output.js"),
        module("notebook_labs.js"),
        module("still_renewal.js"),
        imported("@lumino/widgets"),
      ]);
      const made = plugin.makePlugin(output.labOutputClass(lumino), labs.NotebookLabs, renewal.StillRenewal);
      return () => ({ __esModule: true, default: made });
    },
  };

  const page = /** @type {{_JUPYTERLAB?: Record<string, unknown>}} */ (/** @type {unknown} */ (globalThis));
  page._JUPYTERLAB ??= {};
  page._JUPYTERLAB["xai-widgets"] = container;
})();
