// What a key does at the desk.

/**
 * @typedef {import("./case.js").Option} Option
 * @typedef {{action: string, target?: {kind: string, id: string} | null}
 *   | {step: number} | {undo: true}} Deed
 */

/**
 * Tell what a key does: A accepts the best answer, a number picks another, U and N refuse, J and K step, Z
 * takes the last decision back.
 * @param {string} key
 * @param {Option[]} choices What the text may mean; the best answer, where there is one, has no target.
 * @returns {Deed | null} Null where the key does nothing.
 */
export function deedOf(key, choices) {
  const others = choices.filter((one) => one.target !== null);
  const picked = others[Number(key) - 1];
  if (picked) return { action: "pick", target: picked.target };
  const best = choices[0]?.target === null;
  return {
    a: best ? { action: "accept" } : null,
    u: { action: "unknown" },
    n: { action: "not_in_banner" },
    j: { step: 1 },
    k: { step: -1 },
    z: /** @type {Deed} */ ({ undo: true }),
  }[key.toLowerCase()] ?? null;
}
