// The strip above the map: the banner's month in six figures.

import { el, find } from "../dom.js";
import { dayName, grouped, monthName, pointsOf } from "../measures.js";
import { percent } from "../shares.js";

/** @typedef {import("../measures.js").Figure} Figure */

/** Columns that the strip is made of. */
export const HEADLINE = [
  "registered", "eligible", "known", "unknown", "by_paired", "not_visited", "not_paired",
  "coverage", "coverage_low", "coverage_high", "open", "in_grid", "closed", "solved_in_grid",
];

/**
 * Draw the strip.
 * @param {object} what
 * @param {Record<string, any>} what.words
 * @param {string} what.language
 * @param {string} what.month
 * @param {Figure | undefined} what.now Of the banner; the service has added it up.
 * @param {Figure | undefined} what.before The month before.
 * @param {import("../figures.js").Facts | undefined} what.facts
 * @param {string} what.edition
 */
export function headline({ words, language, month, now, before, facts, edition }) {
  find("#headline").replaceChildren(
    el("div", { class: "when" },
      el("strong", {}, month ? monthName(month, language) : ""),
      el("small", {}, [asOf(facts, words, language), words.edition(edition)].filter(Boolean).join(" · "))),
    el("dl", {},
      covered(now, before, facts, words),
      reach(now, words),
      fact(words.registered, grouped(now?.registered),
        now && words.eligible_note(grouped(now.eligible))),
      handedIn(facts, words),
      fact(words.open_incidents, grouped(now?.open), facts?.running ? words.open_now : words.open_then),
      fact(words.solved, percent(now?.solved_in_grid),
        now?.closed ? words.solved_note(grouped(now.in_grid), grouped(now.closed)) : words.solved_none)));
}

function fact(name, value, ...notes) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value)),
    ...notes.filter(Boolean).map((note) => el("dd", { class: "note" }, note)));
}

/** @param {Figure | undefined} now @param {Figure | undefined} before */
function covered(now, before, facts, words) {
  const share = now?.coverage ?? null;
  const interval = share === null ? "" : words.interval(percent(now?.coverage_low), percent(now?.coverage_high));
  return fact(words.covered, percent(share),
    now && el("span", { class: "pair" }, el("span", {}, words.of(grouped(now.by_paired), grouped(now.known))),
      interval && el("span", {}, interval)),
    change(share, before, facts, words));
}

/** Who could be reached and was not; what nobody has told yet stands beside it, never in it. */
function reach(now, words) {
  const parts = [now?.not_visited ?? null, now?.not_paired ?? null];
  const left = parts.includes(null) ? null : parts[0] + parts[1];
  return fact(words.to_reach, grouped(left), words.to_reach_note,
    now?.unknown ? el("span", { class: "gap" }, words.no_data_yet(grouped(now.unknown))) : null);
}

/** @param {import("../figures.js").Facts | undefined} facts */
function handedIn(facts, words) {
  if (!facts) return fact(words.deliveries, "–");
  const { expected, arrived } = facts.deliveries;
  return fact(words.deliveries, words.deliveries_of(arrived, expected),
    arrived < expected ? el("span", { class: "gap" }, words.deliveries_missing(expected - arrived))
      : words.deliveries_all);
}

/** A month that is not over is held against a whole one, and says so. */
function change(share, before, facts, words) {
  const points = pointsOf(share, before?.coverage ?? null);
  if (!points) return null;
  return el("span", { class: "change" }, (facts?.running ? words.change_so_far : words.change)(points));
}

/** A month that is not over says up to which day it is told. */
function asOf(facts, words, language) {
  return facts?.running ? words.as_of(dayName(facts.as_of, language)) : "";
}
