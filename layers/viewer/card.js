// The card of a place: what it is, its figures, how they went, what happens there, who answers.

import { ask, pages } from "./api.js";
import { el } from "./dom.js";
import { grouped, monthName, shown, valueOf } from "./measures.js";
import { spark } from "./spark.js";

const MOST = 1000;
const CATEGORIES = 5;
const ROLES = ["first_secretary", "rotating_secretary", "grid_leader", "liaison", "member"];

/**
 * @typedef {object} Shown
 * @property {Record<string, any>} words
 * @property {"zh" | "en"} language
 * @property {{code: string, name: string}} place
 * @property {import("./measures.js").Measure} measure
 * @property {string} month
 * @property {import("./figures.js").Figures} figures
 * @property {string[]} redrawn Days from which another edition holds.
 * @property {() => void} onLink
 */

/**
 * Draw the parts that figures give; what is asked of the service later has its own places.
 * @param {Shown} what
 */
export function card(what) {
  const { words, place, figures, month } = what;
  const figure = figures.of(month, place.code);
  return [
    el("header", {},
      el("p", { class: "kind" }, words.levels[place.code.length]),
      el("h2", {}, place.name),
      el("p", { class: "code" }, `${words.code} `, el("code", {}, place.code),
        el("button", { type: "button", class: "quiet", onclick: what.onLink }, words.place_link))),
    figure && numbers(what, figure),
    figure && states(what, figure),
  ].filter(Boolean);
}

function numbers({ words, language, place, measure, month, figures, redrawn }, figure) {
  const values = figures.months.map((one) => {
    const there = figures.of(one, place.code);
    return there ? valueOf(measure, there) : null;
  });
  const texts = measure.words[language];
  const ends = [figures.months[0], figures.months.at(-1) ?? ""]
    .map((one) => monthName(one, language, "short"));
  const value = valueOf(measure, figure);
  return el("section", {},
    el("h3", {}, texts.title),
    el("p", { class: "big" }, el("b", {}, shown(measure, value)),
      el("span", {}, words.of(grouped(figure[measure.numerator]), grouped(figure[measure.denominator])))),
    spark({
      values,
      chosen: figures.months.indexOf(month),
      redraws: figures.months.flatMap((one, index) =>
        (index && redrawn.some((day) => day.startsWith(one)) ? [index] : [])),
      format: (one) => shown(measure, one),
      ends,
      label: words.trend_label(texts.title, ...ends),
      redraw: words.redraw,
    }));
}

function states({ words }, figure) {
  const parts = [
    ["by_paired", figure.visited_paired],
    ["by_other", figure.visited_any - figure.visited_paired],
    ["not_reached", figure.registered - figure.visited_any],
  ];
  const share = (count) => `${(100 * count) / (figure.registered || 1)}%`;
  return el("section", { class: "states" },
    el("h3", {}, words.states, " ", el("small", {}, words.households(grouped(figure.registered)))),
    el("div", { class: "bar-of", "aria-hidden": "true" },
      ...parts.map(([name, count]) => el("i", { class: name, "--share": share(count) }))),
    el("ul", { class: "key" }, ...parts.map(([name, count]) =>
      el("li", {}, el("i", { class: name }), words[name], " ", el("b", {}, grouped(count))))));
}

/**
 * Ask who answers for a grid and draw it; towns and the banner have no posts.
 * @param {Shown} what
 * @param {AbortSignal} signal
 */
export async function answering({ words, language, place }, signal) {
  if (place.code.length < 12) return null;
  const answer = await ask("/v1/posts", { code: place.code, limit: 1, language }, { signal });
  const posts = answer.posts.filter((post) => post.code === place.code);
  return el("section", { class: "answers" }, el("h3", {}, words.answers),
    posts.length ? people(posts, language) : el("p", { class: "soft" }, words.answers_none));
}

/**
 * List holders of posts, in the order of the posts.
 * @param {any[]} posts With `role`, `holder`, and what the post is called.
 * @param {string} language
 */
export function people(posts, language) {
  const level = (post) => Number(post.level === "community");
  const sorted = posts.toSorted((a, b) =>
    level(a) - level(b) || ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
  return el("ul", { class: "people" }, ...sorted.map((post) => el("li", {},
    el("span", { class: "post" }, language === "en" ? post.post_en : post.post),
    el("span", {}, el("b", {}, post.holder),
      post.organisation && el("small", {}, post.organisation),
      post.phone && el("small", {}, post.phone)))));
}

/**
 * Count the month's incidents of a place by category and draw them.
 * @param {Shown & {tally: import("./headline.js").Tally | null}} what
 * @param {AbortSignal} signal
 */
export async function happening({ words, language, place, month, tally }, signal) {
  const { rows, whole } = await reported({ tally, code: place.code, month, language });
  if (signal.aborted) return null;
  const counts = new Map();
  for (const row of rows) counts.set(row.category_name, (counts.get(row.category_name) ?? 0) + 1);
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
  const rest = sorted.slice(CATEGORIES).reduce((sum, [, count]) => sum + count, 0);
  const listed = rest ? [...sorted.slice(0, CATEGORIES), [words.others, rest]] : sorted;
  const most = Math.max(...listed.map(([, count]) => count), 1);
  const head = el("h3", {}, words.incidents, " ", el("small", {}, grouped(rows.length),
    whole ? "" : ` · ${words.incidents_more}`));
  return el("section", { class: "happening" }, head, rows.length
    ? el("ul", { class: "bars" }, ...listed.map(([name, count]) => el("li", {},
      el("span", {}, name), el("i", { "--share": `${(100 * count) / most}%`, "aria-hidden": "true" }),
      el("b", {}, grouped(count)))))
    : el("p", { class: "soft" }, words.incidents_none));
}

/** Incidents of the newest month in a place: of those that are here, if all are. */
async function reported({ tally, code, month, language }) {
  if (tally.whole) {
    const inside = (row) => code.length === 6 || row.grid?.code.startsWith(code);
    return { rows: tally.reported.filter(inside), whole: true };
  }
  const asked = { since: `${month}-01`, limit: MOST, language, code: code.length > 6 ? code : "" };
  return pages("/v1/incidents", asked, "incidents", MOST);
}
