// The pane of the place: the card, and around it what is asked for when it is shown.

import { answering, denominators, due, happening, head, states, value } from "./card.js";
import { el, find } from "../dom.js";
import { here } from "./here.js";
import { figures, language, measure, month, named, place, series, store, words } from "../page.js";

let asking = new AbortController();

/**
 * Draw the pane; what is asked for comes when it comes, unless another place was chosen.
 * @param {{building: string, onLink: () => void}} what `building`: what stands at the spot, or "".
 */
export function drawPane({ building, onLink }) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { spot, category } = store.state;
  const code = place();
  /** @type {import("./card.js").Shown} */
  const shown = {
    words: words(), language: language(), measure: measure(), month: month(), onLink,
    place: { code, name: named(code) || words().banner }, figure: figures.of(month(), code),
  };
  const focused = document.activeElement?.id;
  const [spotted, numbers, people, incidents] = [0, 1, 2, 3].map(() => el("div", { class: "slot" }));
  find("#card").replaceChildren(spotted, head(shown), numbers, incidents, people);
  const fill = async (slot, drawing) => {
    try {
      const made = await drawing;
      if (!signal.aborted && made) slot.replaceChildren(...[made].flat());
    } catch (/** @type {any} */ error) {
      if (!signal.aborted) {
        slot.replaceChildren(el("p", { class: "soft" }, error.message || words().unreached));
      }
    }
    // What held the focus was drawn anew.
    if (focused && document.activeElement === document.body) find(`#${focused}`)?.focus();
  };
  if (spot) {
    void fill(spotted, here({
      words: words(), language: language(), spot, category, building, signal,
      onCategory: (chosen) => store.set({ category: chosen }),
      onClear: () => store.set({ spot: "", category: "" }),
    }));
  } else {
    spotted.append(el("p", { class: "soft tip" }, words().here_hint));
  }
  // The answer for the spot names the same people.
  if (!spot) void fill(people, answering(shown, signal));
  const there = series.held(code);
  numbers.append(...sections(shown, there));
  if (!there) void fill(numbers, series.get(code, signal).then((all) => sections(shown, all)));
  if (!shown.figure?.hidden) void fill(incidents, happening(shown, signal));
}

/**
 * What is known of the month: of the place's own series where it is here, else of the map's figures.
 * @param {import("./card.js").Shown} shown
 * @param {import("../series.js").Series | undefined} all
 */
function sections(shown, all) {
  const row = all?.months.find((one) => one.month === shown.month);
  const figure = row && all ? { ...row, hidden: all.hidden } : shown.figure;
  const told = { ...shown, figure };
  if (!figure) return [];
  if (figure.hidden) return [value(told)];
  return [value(told, all), ...(all ? [states(told), denominators(told), due(told)] : [])]
    .filter((part) => part !== null);
}
