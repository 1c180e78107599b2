// Where it is really different: cold spots of visiting, hot spots of incidents, by the local Gi* of
// the service. They are outlined over whatever colours the grids have.

import { ask } from "../api.js";

/** What can be outlined, the kind of spot that is looked for in it, and how it is asked for. */
export const SPOTS = /** @type {const} */ ({ coverage: "cold", incidents: "hot" });

/** @typedef {keyof typeof SPOTS} Spotted */

/** @param {string} text As the state has it. @returns {Spotted[]} */
export const spotted = (text) => /** @type {Spotted[]} */ (text ? text.split(".") : []);

export class Spots {
  constructor() {
    /** @type {Map<string, Set<string>>} */
    this.kept = new Map();
    /** @type {Map<string, Promise<Set<string>>>} */
    this.asked = new Map();
  }

  /**
   * Give the codes of a month's spots if they are here.
   * @param {Spotted} of
   * @param {string} month
   * @param {number} level
   */
  held(of, month, level) {
    return this.kept.get(`${of}/${month}/${level}`);
  }

  /**
   * Give the codes of a month's spots.
   * @param {Spotted} of
   * @param {string} month
   * @param {number} level
   * @returns {Promise<Set<string>>}
   */
  get(of, month, level) {
    const key = `${of}/${month}/${level}`;
    let asking = this.asked.get(key);
    if (!asking) {
      asking = ask("/v1/hotspots", { of, month, level }).then(({ figures }) => {
        const found = new Set(/** @type {string[]} */ (
          figures.filter(({ spot }) => spot === SPOTS[of]).map(({ code }) => code)));
        this.kept.set(key, found);
        return found;
      }).finally(() => this.asked.delete(key));
      this.asked.set(key, asking);
    }
    return asking;
  }

  /** Figures have changed. */
  forget() {
    this.kept.clear();
    this.asked.clear();
  }
}
