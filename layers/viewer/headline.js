// The strip above the map: the banner's month in five figures.

import { ask, pages } from "./api.js";
import { el, find } from "./dom.js";
import { grouped, monthName, percent, summed } from "./measures.js";

// What is reported and not yet settled; the rest is closed or evaluated.
const OPEN = ["collected", "filed", "dispatched", "handled", "reported"];
const MOST = 1000;

/**
 * @typedef {object} Tally
 * @property {number} open
 * @property {boolean} openWhole Whether that is all of them.
 * @property {any[]} reported Incidents of the newest month.
 * @property {boolean} whole Whether these are all of them.
 */

/**
 * Count open incidents and read those of the newest month.
 * @param {string} month
 * @returns {Promise<Tally>}
 */
export async function tally(month) {
  const [lists, { rows, whole }] = await Promise.all([
    Promise.all(OPEN.map((state) => ask("/v1/incidents", { state, limit: MOST }))),
    pages("/v1/incidents", { since: `${month}-01`, limit: MOST }, "incidents", MOST),
  ]);
  return {
    open: lists.reduce((sum, list) => sum + list.incidents.length, 0),
    openWhole: lists.every((list) => !list.next),
    reported: rows,
    whole,
  };
}

/**
 * Draw the strip.
 * @param {object} what
 * @param {Record<string, any>} what.words
 * @param {string} what.language
 * @param {string} what.month
 * @param {boolean} what.newest Whether it is the newest month there is.
 * @param {Map<string, import("./measures.js").Figure> | undefined} what.now By community.
 * @param {Map<string, import("./measures.js").Figure> | undefined} what.before The month before.
 * @param {Tally | null} what.tally
 * @param {string} what.edition
 */
export function headline({ words, language, month, newest, now, before, tally: counted, edition }) {
  const all = now && summed([...now.values()]);
  const share = all?.registered ? all.visited_paired / all.registered : null;
  find("#headline").replaceChildren(
    el("div", { class: "when" },
      el("strong", {}, month ? monthName(month, language) : ""),
      el("small", {}, [newest && asOf(month, words, language), words.edition(edition)]
        .filter(Boolean).join(" · "))),
    el("dl", {},
      fact(words.covered, share === null ? "–" : percent(share),
        el("span", {}, all ? words.of(grouped(all.visited_paired), grouped(all.registered)) : ""),
        change(share, before, words)),
      fact(words.to_reach, all ? grouped(all.never) : "–", words.to_reach_note),
      fact(words.registered, all ? grouped(all.registered) : "–"),
      fact(words.open_incidents, openText(counted, words), words.open_note),
      solved(counted, newest, words)),
  );
}

function fact(name, value, ...notes) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value)),
    ...notes.filter(Boolean).map((note) => el("dd", { class: "note" }, note)));
}

function openText(counted, words) {
  if (!counted) return "–";
  return counted.openWhole ? grouped(counted.open) : words.more_than(grouped(counted.open));
}

function solved(counted, newest, words) {
  if (!newest) return fact(words.solved, "–", words.solved_none);
  const closed = counted?.whole
    ? counted.reported.filter((one) => one.closed_at && one.solved_at_level) : [];
  if (!closed.length) return fact(words.solved, "–");
  const here = closed.filter((one) => one.solved_at_level === "grid").length;
  return fact(words.solved, percent(here / closed.length),
    words.solved_note(grouped(here), grouped(closed.length)));
}

function change(share, before, words) {
  const earlier = before && summed([...before.values()]);
  if (share === null || !earlier?.registered) return null;
  const points = 100 * (share - earlier.visited_paired / earlier.registered);
  const arrow = points >= 0.05 ? "▲ +" : points <= -0.05 ? "▼ −" : "";
  return el("span", { class: "change" }, words.change(`${arrow}${Math.abs(points).toFixed(1)}`));
}

/** A month that is not over says up to which day it is told. */
function asOf(month, words, language) {
  const today = new Date();
  const [year, number] = month.split("-").map(Number);
  if (today.getFullYear() !== year || today.getMonth() + 1 !== number) return "";
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const day = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric" }).format(today);
  return words.as_of(day);
}
