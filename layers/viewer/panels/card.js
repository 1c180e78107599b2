// The card of a place: what it is, its figures and how they went, who answers.

import { ask } from "../api.js";
import { el } from "../dom.js";
import { gapOf, grouped, intervalOf, isWithheld, monthName, shown, valueOf } from "../measures.js";
import { percent } from "../shares.js";
import { spark } from "./spark.js";

const ROLES = ["first_secretary", "rotating_secretary", "grid_leader", "liaison", "member"];
/** States of a household in a month, each household in exactly one. */
export const STATES = ["by_paired", "by_other", "not_visited", "not_paired", "unknown", "empty", "moved", "declined"];
const CATEGORIES = 5;

/**
 * @typedef {object} Shown
 * @property {Record<string, any>} words
 * @property {"zh" | "en"} language
 * @property {{code: string, name: string}} place
 * @property {import("../measures.js").Measure} measure
 * @property {string} month
 * @property {import("../measures.js").Figure | undefined} figure What is here of the month.
 * @property {() => void} onLink
 */

/**
 * Draw the head of the card.
 * @param {Shown} what
 */
export function head({ words, place, onLink }) {
  return el("header", {},
    el("p", { class: "kind" }, words.levels[place.code.length]),
    el("h2", {}, place.name),
    el("p", { class: "code" }, `${words.code} `, el("code", {}, place.code),
      el("button", { type: "button", class: "quiet", onclick: onLink }, words.place_link)));
}

/**
 * Draw the value of the measure, and its months where they are here.
 * @param {Shown} what
 * @param {import("../series.js").Series} [series]
 */
export function value({ words, language, measure, month, figure }, series) {
  const texts = measure.words[language];
  const gap = gapOf(measure, figure);
  const interval = intervalOf(measure, figure);
  const raw = measure.name === "coverage" && figure?.coverage_raw;
  return el("section", { class: "value" },
    el("h3", {}, texts.title),
    gap
      ? el("p", { class: `gap ${gap}` }, gap === "secret" ? texts.hidden_why : words.gaps_long[gap])
      : el("p", { class: "big" }, el("b", {}, shown(measure, valueOf(measure, figure))),
        el("span", {}, [interval && words.interval(...interval.map((end) => shown(measure, end))),
          counted(measure, figure, texts)].filter(Boolean).join(" · "))),
    typeof raw === "number" && shown(measure, raw) !== shown(measure, valueOf(measure, figure))
      ? el("p", { class: "soft" }, words.raw(percent(raw))) : null,
    series && curve({ words, language, measure, month }, series));
}

/** The parts of a plain share: so many of so many. */
function counted(measure, figure, texts) {
  if (!measure.numerator || !figure || !(measure.numerator in figure)) return "";
  if ([measure.numerator, measure.base].some((name) => isWithheld(figure, name))) return "";
  const [part, whole] = [figure[measure.numerator], figure[measure.base]].map(grouped);
  return texts.parts.replace("{part}", part).replace("{whole}", whole);
}

function curve({ words, language, measure, month }, { months, trend }) {
  const points = months.map((one) => ({
    value: valueOf(measure, one), interval: intervalOf(measure, one), redraw: one.redraw,
    guessed: (one.interpolated ?? 0) > 0,
  }));
  const ends = [months[0], months.at(-1)].map((one) => (one ? monthName(one.month, language, "short") : ""));
  const guessed = Math.max(0, ...months.map((one) => one.interpolated ?? 0));
  const notes = [
    trend && words.trends[trend.trend],
    points.some((one) => one.redraw) && words.redraw_note,
    guessed > 0 && words.interpolated(percent(guessed)),
  ].filter(Boolean);
  return el("div", {},
    spark({
      points, chosen: months.findIndex((one) => one.month === month), ends,
      format: (one) => shown(measure, one),
      label: words.trend_label(measure.words[language].title, ...ends), redraw: words.redraw,
    }),
    ...notes.map((note) => el("p", { class: "soft small" }, note)));
}

/**
 * Draw households by state: a bar, and every state in words.
 * @param {Shown} what
 */
export function states({ words, figure }) {
  const all = STATES.reduce((sum, name) => sum + (figure?.[name] ?? 0), 0);
  // Of some states nothing is told: then the others are no whole of which they could be parts.
  const secret = STATES.some((name) => isWithheld(figure, name));
  if (!figure || (!all && !secret)) return null;
  const count = (name) => (isWithheld(figure, name) ? words.gaps.secret : grouped(figure[name]));
  return el("section", { class: "states" },
    el("h3", {}, words.states, " ", secret ? null : el("small", {}, words.households(grouped(all)))),
    secret ? null : el("div", { class: "bar-of", "aria-hidden": "true" }, ...STATES.filter((name) => figure[name])
      .map((name) => el("i", { class: name, "--share": `${(100 * figure[name]) / all}%` }))),
    el("ul", { class: "key" }, ...STATES.map((name) => el("li", { class: figure[name] || isWithheld(figure, name) ? "" : "nought" },
      el("i", { class: name }), el("span", {}, words.state_names[name]), el("b", {}, count(name))))));
}

/**
 * Draw coverage against each denominator, side by side.
 * @param {Shown} what
 */
export function denominators({ words, figure }) {
  if (!figure) return null;
  const lived = figure.eligible === null || figure.holes === null ? null : figure.eligible + figure.holes;
  const said = (columns, text) =>
    (columns.some((name) => isWithheld(figure, name)) ? words.gaps.secret : text);
  const rows = [
    ["known", figure.known, "coverage_raw", ["known"]],
    ["registered", figure.registered, "rate_registered", ["registered"]],
    ["dwellings", figure.dwellings, "rate_dwellings", ["dwellings"]],
    ["occupied", lived, "rate_occupied", ["eligible", "holes"]],
    ["residents", figure.residents, "rate_residents", ["residents"]],
  ];
  return el("section", { class: "against-what" },
    el("h3", {}, words.denominators),
    el("table", {},
      el("thead", {}, el("tr", {}, ...words.denominator_heads.map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, ...rows.map(([name, count, rate, of]) => el("tr", {},
        el("th", { scope: "row" }, words.denominator_names[name]),
        el("td", {}, said(of, grouped(count))), el("td", {}, said([rate], percent(figure[rate]))))))),
    figure.holes ? el("p", { class: "soft small" }, words.holes(grouped(figure.holes))) : null);
}

/**
 * Draw what is due: the target, intervals of visits, pairing, workload.
 * @param {Shown} what
 */
export function due({ words, figure }) {
  if (!figure) return null;
  const number = (count) => (count === null || count === undefined ? "–" : count.toFixed(1));
  const of = (part, whole) => (whole === null || whole === undefined ? "–" : words.part(grouped(part), grouped(whole)));
  /** @type {[string, string][]} */
  const facts = [
    ["remaining", grouped(figure.remaining)],
    ["overdue", of(figure.overdue, figure.paired_known)],
    ["care_overdue", of(figure.care_overdue, figure.care)],
    ["overdue_days", number(figure.overdue_days)],
    ["pairing", percent(figure.pairing)],
    ["workload", number(figure.workload)],
  ];
  return el("section", { class: "due" }, el("h3", {}, words.due),
    el("dl", {}, ...facts.map(([name, text]) => el("div", {},
      el("dt", {}, words.due_names[name]),
      el("dd", {}, isWithheld(figure, name) ? words.gaps.secret : text)))));
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
 * Ask for the month's incidents of a place by category and draw them.
 * @param {Shown} what
 * @param {AbortSignal} signal
 */
export async function happening({ words, language, place, month }, signal) {
  const { categories } = await ask("/v1/incidents/counts", { month, code: place.code }, { signal });
  const reported = categories.filter((one) => one.reported)
    .toSorted((a, b) => b.reported - a.reported || (a.category < b.category ? -1 : 1));
  const total = (name, rows = categories) => rows.reduce((sum, one) => sum + (one[name] ?? 0), 0);
  const first = reported.slice(0, CATEGORIES);
  const rest = total("reported", reported.slice(CATEGORIES));
  const named = first.map((one) => [language === "en" ? one.name_en : one.name, one.reported]);
  const listed = rest ? [...named, [words.others, rest]] : named;
  const most = Math.max(...listed.map(([, count]) => count), 1);
  const where = ["in_grid", "in_community", "above"].map((name) => total(name));
  return el("section", { class: "happening" },
    el("h3", {}, words.incidents, " ", el("small", {},
      words.incidents_sums(grouped(total("reported")), grouped(total("open"))))),
    listed.length
      ? el("ul", { class: "bars" }, ...listed.map(([name, count]) => el("li", {},
        el("span", {}, name), el("i", { "--share": `${(100 * count) / most}%`, "aria-hidden": "true" }),
        el("b", {}, grouped(count)))))
      : el("p", { class: "soft" }, words.incidents_none),
    where.some(Boolean) && el("p", { class: "soft small" }, words.incidents_where(...where.map(grouped))));
}
