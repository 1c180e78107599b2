// The legend: classes as buttons that hide and show what they stand for.

import { el, find } from "./dom.js";

/**
 * Draw the legend.
 * @param {object} what
 * @param {Record<string, any>} what.words
 * @param {string} what.title
 * @param {string} what.note
 * @param {string[]} what.colours
 * @param {string[]} what.names
 * @param {number[]} what.counts How many grids are in each class.
 * @param {number} what.empty How many have no value.
 * @param {Set<number>} what.hidden
 * @param {(hidden: Set<number>) => void} what.onChange
 */
export function legend({ words, title, note, colours, names, counts, empty, hidden, onChange }) {
  const toggled = (index) => {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    // All hidden shows nothing and tells nothing.
    onChange(next.size === colours.length ? new Set() : next);
  };
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.class;
  find("#legend").replaceChildren(
    el("h2", {}, title),
    el("ul", {}, ...colours.map((colour, index) => el("li", {},
      el("button", {
        type: "button", "data-class": index, "aria-pressed": String(!hidden.has(index)),
        onclick: () => toggled(index),
      }, el("i", { "--colour": colour }), el("span", {}, names[index]),
      el("small", {}, counts[index]))))),
    ...(empty ? [el("p", { class: "none" }, el("i", {}), words.no_data, el("small", {}, empty))] : []),
    el("p", { class: "soft" }, note),
    hidden.size
      ? el("button", { type: "button", class: "quiet", onclick: () => onChange(new Set()) }, words.all)
      : el("p", { class: "soft tip" }, words.legend_hint),
  );
  // Drawn anew under the finger that pressed it.
  if (focused !== undefined) find(`#legend [data-class="${focused}"]`)?.focus();
}
