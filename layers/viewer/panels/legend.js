// The legend: classes as buttons that hide and show what they stand for, what a colour cannot say,
// and the spots that can be outlined over either.

import { el, find } from "../dom.js";

/**
 * @typedef {object} Shown
 * @property {Record<string, any>} words
 * @property {string[]} note Of what is compared.
 * @property {import("../map/spots.js").Spotted[]} marks Spots that are outlined.
 * @property {Record<string, number | undefined>} counts How many spots of each kind there are.
 * @property {(marks: string[]) => void} onMarks
 */

/**
 * Draw the legend of grids.
 * @param {Shown & {title: string, about: string, secret: string, colours: string[], names: string[],
 *   sizes: number[], others: Record<"none" | "secret" | "wide", number>, hidden: Set<number>,
 *   onChange: (hidden: Set<number>) => void}} what `secret`: words for what is not published;
 *   `sizes`: how many grids are in each class; `others`: how many have no value, are not published,
 *   have a wide interval.
 */
export function legend(what) {
  const { words, title, about, secret, colours, names, sizes, others, hidden, onChange } = what;
  const row = (kind, text) => others[kind] > 0 && el("p", { class: `other ${kind}` },
    el("i", {}), el("span", {}, text), el("small", {}, others[kind]));
  put(
    el("h2", {}, title),
    el("ul", {}, ...colours.map((colour, index) => el("li", {},
      el("button", {
        type: "button", "data-class": index, "aria-pressed": String(!hidden.has(index)),
        onclick: () => onChange(toggled(hidden, index, colours.length)),
      }, el("i", { "--colour": colour }), el("span", {}, names[index]),
      el("small", {}, sizes[index]))))),
    row("wide", words.wide), row("none", words.no_data), row("secret", secret),
    ...spots(what),
    ...compared(what),
    el("p", { class: "soft" }, about),
    hidden.size
      ? el("button", { type: "button", class: "quiet", onclick: () => onChange(new Set()) }, words.all)
      : el("p", { class: "soft tip" }, words.legend_hint),
  );
}

/**
 * Hide a class, or show it again.
 * @param {Set<number>} hidden
 * @param {number} index
 * @param {number} count How many classes there are.
 * @returns {Set<number>}
 */
export function toggled(hidden, index, count) {
  const next = new Set(hidden);
  if (!next.delete(index)) next.add(index);
  // All hidden shows nothing and tells nothing.
  return next.size === count ? new Set() : next;
}

/**
 * Draw the legend of a heat map.
 * @param {Shown & {heat: import("../map/heat.js").Heat | undefined, form: import("../map/heat.js").Form,
 *   language: "zh" | "en", name: string, onForm: (form: string) => void}} what
 */
export function heatLegend(what) {
  const { words, heat, form, language, name, onForm } = what;
  const choice = el("fieldset", { class: "switch forms" },
    el("legend", { class: "hidden" }, words.heat_form),
    ...["ratio", "density"].map((one) => el("label", {},
      el("input", { type: "radio", name: "form", value: one, checked: one === form, "data-class": one,
        onchange: () => onForm(one) }),
      el("span", {}, words[`heat_${one}`]))));
  if (!heat) return put(el("h2", {}, name), choice);
  const { colours, words: texts } = heat.forms[form];
  const said = texts[language];
  const named = heatClasses(heat.forms[form], language);
  return put(
    el("h2", {}, said.title ?? name, " ", el("small", {}, said.unit ?? "")),
    choice,
    el("ul", {}, ...colours.map((colour, index) => el("li", { class: "swatch" },
      el("i", { "--colour": colour }), el("span", {}, named[index])))),
    el("p", { class: "swatch bare" }, el("i", {}), el("span", {}, words.heat_empty)),
    ...spots(what),
    ...compared(what),
    el("p", { class: "soft" }, heat.towns.length
      ? words.heat_note(heat.bandwidth_m, heat.cell_m, heat.min_households) : words.heat_none),
  );
}

/**
 * Name the classes of a heat map, lowest first.
 * @param {import("../map/heat.js").Scale} scale
 * @param {"zh" | "en"} language
 */
export function heatClasses({ breaks, colours, words }, language) {
  return colours.map((_, index) => {
    const kind = index === 0 ? "first" : index === breaks.length ? "last" : "middle";
    return (words[language][`class_${kind}`] ?? "")
      .replace("{lower}", String(breaks[index - 1] ?? "")).replace("{upper}", String(breaks[index] ?? ""));
  });
}

/** Boxes that outline spots. @param {Shown} what */
function spots({ words, marks, counts, onMarks }) {
  const box = (kind) => el("label", { class: `spot ${kind}` },
    el("input", {
      type: "checkbox", checked: marks.includes(kind), "data-class": kind,
      onchange: (event) => onMarks(event.target.checked
        ? [...marks, kind] : marks.filter((one) => one !== kind)),
    }),
    el("i", {}), el("span", {}, words.spot_names[kind]), el("small", {}, counts[kind] ?? ""));
  return [
    el("fieldset", { class: "spots" }, el("legend", { class: "hidden" }, words.spots),
      box("coverage"), box("incidents")),
    marks.length ? el("p", { class: "soft" }, words.spots_note) : null,
  ];
}

/** @param {Shown} what */
function compared({ note }) {
  return note.map((text, index) => el("p", { class: index ? "soft" : "compared" }, text));
}

function put(...parts) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.class;
  find("#legend").replaceChildren(...parts.filter(Boolean));
  // Drawn anew under the finger that pressed it.
  if (focused !== undefined) find(`#legend [data-class="${focused}"]`)?.focus();
}
