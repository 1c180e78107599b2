// Where one is, from the banner down, and the way one level further.

import { el, find } from "../dom.js";
import { nameOf } from "../measures.js";
import { kindOf, lineage } from "../codes.js";

/**
 * Draw the path to a place.
 * @param {object} what
 * @param {Record<string, any>} what.words
 * @param {string} what.language
 * @param {string} what.place "" for the banner.
 * @param {import("../places.js").Places} what.places
 * @param {Map<string, import("../measures.js").Figure> | undefined} what.compounds
 * @param {(code: string) => void} what.onGo
 */
export function crumbs({ words, language, place, places, compounds, onGo }) {
  const code = place || places.banner;
  const path = lineage(code);
  const below = kindOf(code) === "community"
    ? [...(compounds?.values() ?? [])].filter((one) => one.code.startsWith(code))
    : places.below(code);
  const choice = el("select", { "aria-label": words.below, onchange: () => choice.value && onGo(choice.value) },
    el("option", { value: "" }, words.below_none),
    ...below.map((one) => el("option", { value: one.code }, nameOf(one, language))),
    // Codes in place of names: what to load so that they have some.
    below.some((one) => one.name === one.code) ? el("option", { value: "", disabled: true }, words.unnamed) : null);
  const list = el("ol", {},
    ...path.map((one, index) => el("li", {},
      el("button", {
        type: "button", onclick: () => onGo(one),
        "aria-current": index === path.length - 1 ? "location" : null,
      }, places.name(one, language, compounds) || (kindOf(one) === "banner" ? words.banner : one)))),
    below.length ? el("li", {}, choice) : null);
  find("#crumbs").replaceChildren(list);
  // On a phone the path is longer than the screen: where one is matters most.
  list.scrollLeft = list.scrollWidth;
}
