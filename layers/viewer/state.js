// What is chosen stands in the address, so that a link opens the same view elsewhere. The part after
// # stays in the browser: it reaches no server's log.

import { PLACE } from "./codes.js";

/**
 * @typedef {object} State
 * @property {string} month YYYY-MM; "" for the newest.
 * @property {string} measure Name of a measure, "" for the first, or what a heat map is of.
 * @property {number} level 1 communities, 2 compounds.
 * @property {string} place Code of a banner, town, community or compound.
 * @property {string} spot "longitude,latitude" of a point that was asked about, or "".
 * @property {string} category Of the question who answers, or "".
 * @property {string} against What the map is compared with: a month, a past day, "e" and the number
 *   of an edition, or "".
 * @property {string} form Of heat maps: ratio (to households) or density.
 * @property {string} spots Of what spots are outlined, "coverage.incidents", or "".
 * @property {string} ground own where a site's base map is not wanted, else "".
 * @property {string} hidden Numbers of classes that the legend hides, "1.4".
 * @property {string} view "zoom/latitude/longitude", or "" for the place's own.
 * @property {string} tab place or table.
 * @property {string} language zh or en.
 */

const NUMBER = "-?\\d{1,3}(\\.\\d{1,9})?";
/** @type {Record<keyof State, [string | number, RegExp]>} */
const KNOWN = {
  month: ["", /^\d{4}-\d{2}$/],
  measure: ["", /^[a-z_0-9]{1,40}$/],
  level: [2, /^[12]$/],
  place: ["", PLACE],
  spot: ["", new RegExp(`^${NUMBER},${NUMBER}$`)],
  category: ["", /^[a-z_.]{1,80}$/],
  against: ["", /^(\d{4}-\d{2}(-\d{2})?|e\d{1,9})$/],
  form: ["ratio", /^(ratio|density)$/],
  spots: ["", /^(coverage|incidents|coverage\.incidents)$/],
  ground: ["", /^own$/],
  hidden: ["", /^\d(\.\d){0,9}$/],
  view: ["", new RegExp(`^\\d{1,2}(\\.\\d{1,3})?/${NUMBER}/${NUMBER}$`)],
  tab: ["place", /^(place|table)$/],
  language: ["zh", /^(zh|en)$/],
};

/**
 * Read a state from the part of an address behind #; what is not understood is left at its default.
 * @param {string} hash
 * @returns {State}
 */
export function parse(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const read = Object.entries(KNOWN).map(([name, [usual, form]]) => {
    const value = said.get(name);
    if (value === null || !form.test(value)) return [name, usual];
    return [name, typeof usual === "number" ? Number(value) : value];
  });
  return Object.fromEntries(read);
}

/**
 * Write a state as the part of an address behind #; defaults are left out.
 * @param {State} state
 */
export function written(state) {
  const kept = Object.entries(KNOWN)
    .filter(([name, [usual]]) => state[name] !== usual)
    .map(([name]) => [name, String(state[name])]);
  const text = new URLSearchParams(kept).toString();
  // Readable in a mail: these need no escape behind #.
  return `#${text.replaceAll("%2C", ",").replaceAll("%2F", "/")}`;
}

/** Holds the state, keeps the address in step and tells who listens what has changed. */
export class Store {
  constructor() {
    /** @type {State} */
    this.state = parse(location.hash);
    /** @type {((state: State, changed: Set<string>) => void)[]} */
    this.listeners = [];
    addEventListener("popstate", () => this.take(parse(location.hash)));
  }

  /** @param {(state: State, changed: Set<string>) => void} listener */
  follow(listener) {
    this.listeners.push(listener);
  }

  /**
   * Change part of the state.
   * @param {Partial<State>} part
   * @param {{step?: boolean}} [how] Whether it is a step that the back button takes back.
   */
  set(part, { step = false } = {}) {
    const next = { ...this.state, ...part };
    const hash = written(next);
    if (hash !== (location.hash || "#")) {
      const address = hash === "#" ? location.pathname : hash;
      history[step ? "pushState" : "replaceState"](null, "", address);
    }
    this.take(next);
  }

  /** @param {State} next */
  take(next) {
    const changed = new Set(Object.keys(next).filter((name) => next[name] !== this.state[name]));
    if (!changed.size) return;
    this.state = next;
    for (const listener of this.listeners) listener(next, changed);
  }
}
