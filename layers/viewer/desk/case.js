// One address at the desk: what is wrong with it, what it may be, and what can be said of it.

import { ask } from "../api.js";
import { el } from "../dom.js";
import { percent } from "../shares.js";

const LEAST = 0.01; // surer than this, or it is said that it is less

/**
 * @typedef {object} Option
 * @property {string} name
 * @property {string} grid Code of its grid.
 * @property {number | null} probability
 * @property {string} why
 * @property {{kind: string, id: string} | null} target What to pick; null for the best answer.
 * @property {[number, number] | null} at
 */

/**
 * List what a text may mean: the best answer first, if there is one.
 * @param {any} review
 * @param {any} read What /v1/geocode makes of the text now.
 * @returns {Option[]}
 */
export function options(review, read) {
  const { best } = review;
  const options = [];
  if (review.level !== "none" && best) {
    options.push({
      name: [read.compound, read.building, read.unit, read.room].filter(Boolean).join(" "),
      grid: best.grid_code,
      probability: review.probability,
      why: read.sentence,
      target: null,
      at: best.longitude === null ? null : [best.longitude, best.latitude],
    });
  }
  const sentences = read.explanation?.candidates ?? [];
  review.candidates.forEach((candidate, index) => {
    options.push({
      name: candidate.place,
      grid: candidate.grid_code,
      probability: candidate.probability,
      why: reasons(sentences[index]),
      target: candidate.household_id
        ? { kind: "household", id: candidate.household_id }
        : { kind: "compound", id: candidate.compound_code },
      at: null,
    });
  });
  return options;
}

function reasons(candidate) {
  const why = candidate?.why ?? [];
  return why.map((one) => one.sentence ?? "").filter(Boolean).join(" ");
}

/**
 * Find the middle of a grid.
 * @param {string} code
 * @returns {Promise<[number, number] | null>}
 */
export async function middle(code) {
  if (!code) return null;
  const { geometry } = await ask(`/v1/grids/${code}`);
  const points = geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2);
  const half = (index) => {
    const along = points.map((point) => point[index]);
    return (Math.min(...along) + Math.max(...along)) / 2;
  };
  return [half(0), half(1)];
}

/**
 * Draw the case.
 * @param {object} what
 * @param {Record<string, any>} what.words
 * @param {any} what.review
 * @param {any} what.read
 * @param {Option[]} what.options
 * @param {(action: string, target?: {kind: string, id: string} | null) => void} what.onSay
 * @param {HTMLElement} what.elsewhere The box in which another place is looked for.
 */
export function drawCase({ words, review, read, options, onSay, elsewhere }) {
  const [best, ...others] = options[0]?.target === null ? options : [null, ...options];
  const faults = read.explanation?.faults ?? [];
  return [
    el("header", {},
      el("p", { class: "soft" }, `#${review.number} · ${words.affects(review.affects)}`),
      el("h2", {}, review.text)),
    faults.length && el("section", {}, el("h3", {}, words.faults),
      el("ul", { class: "faults" }, ...faults.map((fault) => el("li", {}, fault.sentence)))),
    el("section", {}, el("h3", {}, words.best), best
      ? option(best, "A", words.accept, words, () => onSay("accept"))
      : el("p", { class: "soft" }, words.best_none)),
    others.length && el("section", {}, el("h3", {}, words.candidates),
      ...others.map((one, index) =>
        option(/** @type {Option} */ (one), String(index + 1), words.choose, words,
          () => onSay("pick", one?.target)))),
    el("section", {}, el("h3", {}, words.elsewhere), elsewhere),
    el("section", { class: "refuse" },
      button("U", words.unknown, () => onSay("unknown")),
      button("N", words.not_in_banner, () => onSay("not_in_banner"))),
    el("p", { class: "soft keys" }, words.keys),
  ].filter(Boolean);
}

function option(one, key, verb, words, onclick) {
  return el("div", { class: "option" },
    el("div", {}, el("b", {}, one.name),
      el("small", {}, [one.grid, sure(one.probability, words)].filter(Boolean).join(" · ")),
      one.why && el("small", {}, one.why)),
    button(key, verb, onclick));
}

/** Say how sure the program is; what rounds to nothing is called little, not nothing. */
export function sure(probability, words) {
  if (probability === null) return "";
  return probability < LEAST ? words.hardly(percent(LEAST)) : words.probability(percent(probability));
}

function button(key, text, onclick) {
  return el("button", { type: "button", onclick }, el("kbd", { "aria-hidden": "true" }, key), text);
}
