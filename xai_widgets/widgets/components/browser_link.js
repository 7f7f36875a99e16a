// Traits that follow another widget's trait in the browser. It has nothing to show: it only listens.

/** @typedef {[reference: string, trait: string]} End  a widget, and the name of a trait of it */
/** @typedef {import("./common.js").Model<{leader: End, followers: End[]}>} Model */

/**
 * A widget of any kind, of which one trait is read and set.
 * @typedef {import("./common.js").Model<Record<string, unknown>>} OtherModel
 */

/**
 * What gives the models of other widgets: the manager, or where there is none anywidget's host. The host gives up on a
 * widget that is not ready within two seconds, which on a busy page is too soon.
 * @typedef {object} Setting
 * @property {Model & {widget_manager?: {get_model: (id: string) => Promise<OtherModel>}}} model
 * @property {{getModel: (reference: string) => Promise<OtherModel>}} [host]
 */

/**
 * @param {Setting} setting
 * @param {End} end
 */
async function find({ model, host }, [reference, trait]) {
  const manager = model.widget_manager;
  const found = manager ? manager.get_model(reference.replace(/^IPY_MODEL_/u, "")) : host?.getModel(reference);
  if (found === undefined) throw new Error("nothing on this page knows other widgets");
  return { other: await found, trait };
}

/**
 * Link the ends; return what undoes it.
 * @param {Setting} setting
 */
async function link(setting) {
  const { model } = setting;
  const leader = await find(setting, model.get("leader"));
  const followers = await Promise.all(model.get("followers").map((end) => find(setting, end)));

  // Set and not saved: the kernel knows the leader's value, and each message to it holds up the answer.
  const follow = () => {
    for (const { other, trait } of followers) other.set(trait, leader.other.get(leader.trait));
  };
  const moves = followers.map(({ other, trait }) => ({
    other,
    trait,
    move: () => {
      if (other.get(trait) === leader.other.get(leader.trait)) return;
      leader.other.set(leader.trait, other.get(trait));
      leader.other.save_changes();
    },
  }));
  leader.other.on(`change:${leader.trait}`, follow);
  for (const { other, trait, move } of moves) other.on(`change:${trait}`, move);
  follow();
  return () => {
    leader.other.off(`change:${leader.trait}`, follow);
    for (const { other, trait, move } of moves) other.off(`change:${trait}`, move);
  };
}

/** @param {Setting} setting */
function initialize(setting) {
  const linked = link(setting);
  return () => linked.then((undo) => undo());
}

export default { initialize };
