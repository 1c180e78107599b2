// The pane of the place: the card, and around it what is asked for when it is shown.

import { answering, card, happening } from "./card.js";
import { el, find } from "./dom.js";
import { here } from "./here.js";
import { figures, known, language, measure, month, named, place, store, words } from "./page.js";

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
  const shown = {
    words: words(), language: language(), measure: measure(), month: month(), figures, onLink,
    place: { code, name: named(code) || words().banner },
    tally: known.tally,
    redrawn: known.editions.map((edition) => edition.valid_from),
  };
  const focused = document.activeElement?.id;
  const [spotted, people, incidents] = [0, 1, 2].map(() => el("div", { class: "slot" }));
  find("#card").replaceChildren(spotted, ...card(shown), people, incidents);
  const fill = async (slot, drawing) => {
    try {
      const made = await drawing;
      if (!signal.aborted && made) slot.replaceChildren(made);
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
  // The list has a begin and no end: of older months it would tell too much.
  if (known.tally && month() === figures.months.at(-1)) void fill(incidents, happening(shown, signal));
}
