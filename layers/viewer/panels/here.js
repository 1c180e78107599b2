// Who answers at a point: the grid, the people and, for a category, the department.

import { ask } from "../api.js";
import { people } from "./card.js";
import { el } from "../dom.js";

/** @type {Promise<any[]> | null} */
let networks = null;

/** Ask for the categories once. */
function categories() {
  networks ??= ask("/v1/categories").then((answer) => answer.categories).catch((error) => {
    networks = null;
    throw error;
  });
  return networks;
}

const ROLES = {
  grid_leader: ["网格长", "Grid leader"],
  liaison: ["联络员", "Liaison"],
  member: ["网格员", "Grid member"],
  first_secretary: ["第一书记", "First secretary"],
  rotating_secretary: ["轮值书记", "Rotating secretary"],
};

/**
 * Ask and draw.
 * @param {object} what
 * @param {Record<string, any>} what.words
 * @param {string} what.language
 * @param {string} what.spot
 * @param {string} what.category
 * @param {string} what.building Name of what stands there, or "".
 * @param {(category: string) => void} what.onCategory
 * @param {() => void} what.onClear
 * @param {AbortSignal} what.signal
 */
export async function here({ words, language, spot, category, building, onCategory, onClear, signal }) {
  const [longitude, latitude] = spot.split(",");
  const [known, answer] = await Promise.all([
    categories(),
    ask("/v1/route", { longitude, latitude, datum: "cgcs2000", category, language }, { signal }),
  ]);
  const english = Number(language === "en");
  const title = (one) => (english ? one.name_en : one.name);
  const choice = el("select", { id: "category", onchange: () => onCategory(choice.value) },
    el("option", { value: "" }, words.here_any),
    ...known.map((network) => el("optgroup", { label: title(network) },
      ...[network, ...network.matters].map((one) =>
        el("option", { value: one.code, selected: one.code === category }, title(one))))));
  const posts = answer.posts.map((post) => {
    const [post_zh, post_en] = ROLES[post.role];
    const level = post.level === "community" ? answer.community?.name : answer.grid?.name;
    return { ...post, post: post_zh, post_en, organisation: [level, post.organisation].filter(Boolean).join(" · ") };
  });
  return el("section", { class: "here" },
    el("h3", {}, words.here,
      el("button", { type: "button", class: "quiet", onclick: onClear }, words.here_clear)),
    el("p", { class: "reason" }, answer.reason),
    building && el("p", { class: "soft" }, `${words.here_building} ${building}`),
    el("label", { class: "field" }, el("span", {}, words.here_ask), choice),
    answer.department && el("p", { class: "department" },
      el("span", {}, words.here_department), el("b", {}, answer.department.name ?? answer.department.code),
      answer.limit_h && el("small", {}, words.here_limit(answer.limit_h))),
    posts.length ? people(posts, language) : el("p", { class: "soft" }, words.answers_none));
}
