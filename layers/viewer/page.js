// What every part of the page shares: what is chosen, what is known, and the words for it.

import { Figures } from "./figures.js";
import { Places } from "./places.js";
import { SeriesByCode } from "./series.js";
import { Store } from "./state.js";
import { WORDS } from "./words/words.js";

// What stands in card and table beside a heat map; the first measure where none is named here.
const BESIDE = { incidents: "incidents_per_100" };

export const store = new Store();
export const figures = new Figures();
export const series = new SeriesByCode();
export const known = {
  /** @type {import("./measures.js").Measure[]} */
  measures: [],
  /** @type {any} */
  tiles: null,
  /** @type {any[]} */
  editions: [],
  places: new Places([]),
};
/** The words of the page, and what this county is called by its kind. */
export const words = () => known.places.speak(WORDS[store.state.language], language());
export const language = () => /** @type {"zh" | "en"} */ (store.state.language);
export const month = () => store.state.month || figures.months.at(-1) || "";
export const measure = () =>
  known.measures.find((one) => one.name === (BESIDE[store.state.measure] ?? store.state.measure))
    ?? known.measures[0];
export const hidden = () => new Set(store.state.hidden ? store.state.hidden.split(".").map(Number) : []);
export const place = () => store.state.place || known.places.banner;
export const compounds = () => figures.held(month(), 2);
/** @param {string} code */
export const named = (code) => known.places.name(code, language(), compounds());
export const theme = () => /** @type {"light" | "dark"} */ (document.documentElement.dataset.theme);
