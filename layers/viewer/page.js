// What every part of the page shares: what is chosen, what is known, and the words for it.

import { Figures } from "./figures.js";
import { Places } from "./places.js";
import { Store } from "./state.js";
import { WORDS } from "./words.js";

export const store = new Store();
export const figures = new Figures();
export const known = {
  /** @type {import("./measures.js").Measure[]} */
  measures: [],
  /** @type {any} */
  tiles: null,
  /** @type {any[]} */
  editions: [],
  places: new Places([]),
  /** @type {import("./headline.js").Tally | null} */
  tally: null,
};
export const words = () => WORDS[store.state.language];
export const language = () => /** @type {"zh" | "en"} */ (store.state.language);
export const month = () => store.state.month || figures.months.at(-1) || "";
export const measure = () =>
  known.measures.find((one) => one.name === store.state.measure) ?? known.measures[0];
export const hidden = () => new Set(store.state.hidden ? store.state.hidden.split(".").map(Number) : []);
export const place = () => store.state.place || known.places.banner;
export const compounds = () => figures.held(month(), 2);
/** @param {string} code */
export const named = (code) => known.places.name(code, language(), compounds());
export const theme = () => /** @type {"light" | "dark"} */ (document.documentElement.dataset.theme);
