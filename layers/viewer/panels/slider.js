// The months: step, drag or play them.

import { Against } from "./against.js";
import { draw, el, find } from "../dom.js";
import { monthName } from "../measures.js";

const FRAME_MS = 700;
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

export class Slider {
  /**
   * @param {object} on
   * @param {(month: string) => void} on.onMonth
   * @param {(against: string) => void} on.onAgainst
   * @param {(month: string) => Promise<void>} on.onAhead Settled once that month can be shown at once.
   */
  constructor({ onMonth, onAgainst, onAhead }) {
    /** @type {string[]} */
    this.months = [];
    this.at = 0;
    this.playing = false;
    this.round = 0;
    this.onMonth = onMonth;
    this.onAhead = onAhead;
    find("#slider").addEventListener("submit", (event) => event.preventDefault());
    find("#month").addEventListener("input", (event) => this.go(Number(event.target.value)));
    find("#earlier").addEventListener("click", () => this.go(this.at - 1));
    find("#later").addEventListener("click", () => this.go(this.at + 1));
    find("#play").addEventListener("click", () => (this.playing ? this.rest() : void this.play().catch(() => {})));
    this.against = new Against(onAgainst);
  }

  go(index, { playing = false } = {}) {
    if (!playing) this.rest();
    if (index < 0 || index >= this.months.length || index === this.at) return;
    this.onMonth(this.months[index]);
  }

  /** Play to the newest month: each is fetched while the one before it is looked at. */
  async play() {
    // Another press of the button makes another number: this round then ends.
    this.round += 1;
    const { round } = this;
    this.playing = true;
    this.show();
    let next = this.at === this.months.length - 1 ? 0 : this.at + 1;
    try {
      await this.onAhead(this.months[next]);
      while (this.playing && round === this.round) {
        this.go(next, { playing: true });
        next += 1;
        if (next >= this.months.length) break;
        await Promise.all([this.onAhead(this.months[next]), pause(FRAME_MS)]);
      }
    } finally {
      // What cannot be fetched has been said: playing only stops.
      if (round === this.round) this.rest();
    }
  }

  rest() {
    if (!this.playing) return;
    this.playing = false;
    this.round += 1;
    this.show();
  }

  show() {
    find("#play").setAttribute("aria-pressed", String(this.playing));
    find("#play").setAttribute("aria-label", this.playing ? this.words?.pause : this.words?.play);
  }

  /**
   * @param {{words: Record<string, any>, language: string, months: string[], month: string,
   *   against: string, editions: any[], since: string}} what `since`: first day of the grids shown.
   */
  render({ words, language, months, month, against, editions, since }) {
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
    if (!same) this.dress();
    this.against.render({ words, language, months, against, editions, since });
    this.show();
  }

  dress() {
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
