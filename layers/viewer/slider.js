// The months: step, drag or play them.

import { draw, el, find } from "./dom.js";
import { monthName } from "./measures.js";

const FRAME_MS = 700;

export class Slider {
  /**
   * @param {object} on
   * @param {(month: string) => void} on.onMonth
   * @param {(month: string) => void} on.onAgainst
   * @param {() => Promise<void>} on.onPlay Settled once the months can be shown without waiting.
   */
  constructor({ onMonth, onAgainst, onPlay }) {
    /** @type {string[]} */
    this.months = [];
    this.at = 0;
    this.timer = 0;
    this.onMonth = onMonth;
    this.onPlay = onPlay;
    find("#slider").addEventListener("submit", (event) => event.preventDefault());
    find("#month").addEventListener("input", (event) => this.go(Number(event.target.value)));
    find("#earlier").addEventListener("click", () => this.go(this.at - 1));
    find("#later").addEventListener("click", () => this.go(this.at + 1));
    find("#play").addEventListener("click", () => (this.timer ? this.rest() : this.play()));
    find("#against").addEventListener("change", (event) => onAgainst(event.target.value));
  }

  go(index, { playing = false } = {}) {
    if (!playing) this.rest();
    if (index < 0 || index >= this.months.length || index === this.at) return;
    this.onMonth(this.months[index]);
  }

  async play() {
    // A window timer that shows "playing" at once, before the months are here.
    this.timer = window.setTimeout(() => {}, 0);
    this.show();
    await this.onPlay();
    if (!this.timer) return;
    if (this.at === this.months.length - 1) this.go(0, { playing: true });
    this.timer = window.setInterval(() => {
      if (this.at >= this.months.length - 1) this.rest();
      else this.go(this.at + 1, { playing: true });
    }, FRAME_MS);
  }

  rest() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.show();
  }

  show() {
    find("#play").setAttribute("aria-pressed", String(Boolean(this.timer)));
    find("#play").setAttribute("aria-label", this.timer ? this.words?.pause : this.words?.play);
  }

  /**
   * @param {{words: Record<string, any>, language: string, months: string[], month: string,
   *   against: string}} what
   */
  render({ words, language, months, month, against }) {
    this.words = words;
    const same = this.months.join() === months.join() && this.language === language;
    this.months = months;
    this.language = language;
    this.at = Math.max(0, months.indexOf(month));
    const range = find("#month");
    range.max = String(Math.max(0, months.length - 1));
    range.value = String(this.at);
    range.style.setProperty("--done", `${(100 * this.at) / Math.max(1, months.length - 1)}%`);
    const named = month ? monthName(month, language) : "";
    range.setAttribute("aria-valuetext", named);
    find("#now").textContent = named;
    find("#earlier").disabled = this.at <= 0;
    find("#later").disabled = this.at >= months.length - 1;
    if (!same) this.dress(words);
    find("#against").value = against;
    this.show();
  }

  dress(words) {
    find("#against").replaceChildren(
      el("option", { value: "" }, words.compare_none),
      ...this.months.toReversed().map((one) =>
        el("option", { value: one }, monthName(one, this.language ?? "zh", "short"))));
    const wide = Math.max(1, this.months.length - 1);
    const ticks = draw("svg", { viewBox: "0 0 1000 18", preserveAspectRatio: "none" });
    const years = this.months.flatMap((one, index) => (index === 0 || one.endsWith("-01")
      ? [el("span", { "--at": `${(100 * index) / wide}%` }, one.slice(0, 4))] : []));
    this.months.forEach((one, index) => {
      const x = (1000 * index) / wide;
      ticks.append(draw("line", { x1: x, x2: x, y1: 0, y2: one.endsWith("-01") ? 8 : 4 }));
    });
    // Two years whose names would lie on each other: the later one is told.
    if (years.length > 1 && !this.months[0].endsWith("-01") && this.months[1]?.endsWith("-01")) years.shift();
    find("#ticks").replaceChildren(ticks, ...years);
  }
}
