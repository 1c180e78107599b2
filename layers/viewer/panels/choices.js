// The choices on the map: the measure and the level of the grids. They work without a map too.

import { find } from "../dom.js";
import { communityOf } from "../codes.js";

/**
 * Take what is chosen into the state.
 * @param {import("../state.js").Store} store
 */
export function bindChoices(store) {
  const form = find("#choices");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.measure.addEventListener("change", (event) =>
    store.set({ measure: event.target.value, hidden: "" }, { step: true }));
  form.addEventListener("change", (event) => {
    if (event.target.name !== "level") return;
    const level = Number(event.target.value);
    const { place } = store.state;
    const kept = level === 1 ? communityOf(place) : place;
    store.set({ level, place: kept }, { step: true });
  });
}

/**
 * Show what is chosen.
 * @param {import("../state.js").State} state
 */
export function showChoices({ measure, level }) {
  const { elements } = find("#choices");
  elements.measure.value = measure || elements.measure.options[0]?.value;
  elements.level.value = String(level);
}
