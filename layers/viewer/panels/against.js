// What the map is compared with: another month, another edition, the grids of a past day.

import { el, find } from "../dom.js";
import { sideOf } from "../map/editions.js";
import { monthName } from "../measures.js";

const DAY = "day";
const MS_A_DAY = 86_400_000;

export class Against {
  /** @param {(against: string) => void} onAgainst */
  constructor(onAgainst) {
    this.dressed = "";
    this.first = "";
    find("#against").addEventListener("change", (event) => {
      const { value } = event.target;
      find("#day").hidden = value !== DAY;
      if (value !== DAY) onAgainst(value);
      else if (this.first) onAgainst(this.first);
      else find("#day").focus();
    });
    find("#day").addEventListener("change", (event) => {
      if (event.target.value && event.target.validity.valid) onAgainst(event.target.value);
    });
  }

  /**
   * @param {{words: Record<string, any>, language: string, months: string[], against: string,
   *   editions: any[], since: string}} what
   */
  render({ words, language, months, against, editions, since }) {
    // The newest edition is what is shown.
    const others = editions.slice(1);
    const dressed = JSON.stringify([language, months, others, since]);
    if (dressed !== this.dressed) this.dress({ words, language, months, others });
    this.dressed = dressed;
    const begin = editions.map((one) => one.valid_from).sort()[0] ?? "";
    const before = since ? new Date(Date.parse(since) - MS_A_DAY).toISOString().slice(0, 10) : "";
    // The last day of the grids that held before these: what most want to compare with.
    this.first = before >= begin ? before : "";
    const { kind, value } = sideOf(against);
    const day = find("#day");
    Object.assign(day, { min: begin, max: new Date().toISOString().slice(0, 10) });
    // A day that is being chosen stays to be chosen.
    if (!kind && find("#against").value === DAY && !day.hidden) return;
    find("#against").value = kind === "day" ? DAY : against;
    day.hidden = kind !== "day";
    if (kind === "day") day.value = value;
  }

  dress({ words, language, months, others }) {
    const group = (label, options) => options.length && el("optgroup", { label }, ...options);
    find("#against").replaceChildren(...[
      el("option", { value: "" }, words.compare_none),
      group(words.against_edition, others.map((one) => el("option", { value: `e${one.id}` }, one.title))),
      group(words.against_day, [el("option", { value: DAY }, words.against_pick)]),
      group(words.against_month, months.toReversed().map((one) =>
        el("option", { value: one }, monthName(one, language, "short")))),
    ].filter(Boolean));
  }
}
