// Files that take a while: the one-file report, the map book, all figures. The service makes them in
// the background; the dialog says how far it is, and finds them again after a reload.

import { ask, download } from "../api.js";
import { el, find, keep, tell } from "../dom.js";
import { monthName } from "../measures.js";

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {"report" | "book" | "figures"} kind
 * @property {string} month
 * @property {number} months
 * @property {"zh" | "en"} language
 * @property {string | null} paper
 * @property {string} format
 * @property {"waiting" | "running" | "done" | "failed" | "stopped"} state
 * @property {number} done
 * @property {number} of
 * @property {string} doing
 * @property {{code: string, detail: string} | null} problem
 * @property {string | null} file
 * @property {string} name
 * @property {number | null} size
 */

const PATH = "/v1/reports";
const LOOK_MS = 700;
const SHOWN = 8;
// Ids of what was asked for in this tab and is to be kept when it is done; a reload forgets none.
const WANTED = "reports";
const AT_WORK = ["waiting", "running"];

export class Reports {
  /**
   * @param {object} on
   * @param {() => {words: Record<string, any>, language: "zh" | "en", months: string[], month: string}} on.page
   */
  constructor({ page }) {
    this.page = page;
    /** @type {Job[]} */
    this.jobs = [];
    this.timer = 0;
    /** @type {Set<string>} Ids that were stopped or forgotten here. */
    this.forgotten = new Set();
    this.box = find("#reports");
    this.form = find("#reports form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.order();
    });
    this.form.elements.kind.addEventListener("change", () => this.fit());
    find("#reports .close").addEventListener("click", () => this.box.close());
    // A touch beside the box closes it.
    this.box.addEventListener("click", (event) => event.target === this.box && this.box.close());
  }

  /** Open the dialog on a kind of file. @param {string} kind */
  open(kind) {
    const { words, language, months, month } = this.page();
    const { elements } = this.form;
    elements.month.replaceChildren(...months.toReversed()
      .map((one) => new Option(monthName(one, language), one)));
    elements.month.value = month;
    elements.kind.replaceChildren(...Object.entries(words.reports_kinds)
      .map(([value, text]) => new Option(text, value)));
    elements.kind.value = kind;
    elements.language.replaceChildren(...Object.entries(words.languages)
      .map(([value, text]) => new Option(text, value)));
    elements.language.value = language;
    find("#reports h2").textContent = words.reports_title;
    this.fit();
    if (!this.box.open) this.box.showModal();
    void this.look();
  }

  /** Offer what the chosen kind can have. */
  fit() {
    const { words } = this.page();
    const kind = this.form.elements.kind.value;
    for (const part of this.form.querySelectorAll("[data-of]")) {
      part.hidden = !part.dataset.of.split(" ").includes(kind);
    }
    find("#reports .about").textContent = words.reports_about[kind];
  }

  /** Have what the form says made. */
  async order() {
    // Nothing is ordered from a closed box, nor before the months are known.
    if (!this.box.open || !this.form.elements.month.value) return;
    const { kind, month, months, language, paper, format } = this.form.elements;
    const wish = {
      kind: kind.value, month: month.value, language: language.value,
      ...(kind.value !== "book" && { months: Number(months.value) }),
      ...(kind.value === "book" && { paper: paper.value }),
      ...(kind.value === "figures" && { format: format.value }),
    };
    const button = find("#reports [type=submit]");
    button.disabled = true;
    try {
      const job = await ask(PATH, {}, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
      });
      this.forgotten.delete(job.id);  // the same file has the same id
      this.want([...this.wanted(), job.id]);
      await this.look();
    } catch (/** @type {any} */ error) {
      this.say(error.message || this.page().words.unreached);
    } finally {
      button.disabled = false;
    }
  }

  /** Follow what this tab asked for before it was loaded anew. */
  resume() {
    if (this.wanted().length) void this.look();
  }

  /** Ask how far everything is; again soon while something is at work. */
  async look() {
    clearTimeout(this.timer);
    try {
      const { reports } = await ask(PATH);
      this.jobs = reports;
      this.say("");
      await this.collect();
    } catch (/** @type {any} */ error) {
      this.say(error.message || this.page().words.unreached);
    }
    this.draw();
    if (this.jobs.some((job) => AT_WORK.includes(job.state)) && (this.box.open || this.wanted().length)) {
      this.timer = window.setTimeout(() => void this.look(), LOOK_MS);
    }
  }

  /** Keep what this tab waits for and is done; say what failed. */
  async collect() {
    const { words } = this.page();
    for (const id of this.wanted()) {
      const job = this.jobs.find((one) => one.id === id);
      if (job && AT_WORK.includes(job.state)) continue;
      this.want(this.wanted().filter((one) => one !== id));
      if (job?.state === "done") await this.fetch(job);
      else if (job?.state === "failed") tell(words.reports_failed(job.problem?.detail ?? ""), { stay: true });
    }
  }

  /** @param {Job} job */
  async fetch(job) {
    if (this.forgotten.has(job.id)) return;
    const { words } = this.page();
    try {
      keep(await download(`${PATH}/${job.id}/file`), job.name);
      tell(words.reports_kept(job.name));
    } catch (/** @type {any} */ error) {
      this.say(error.message || words.unreached);
    }
  }

  /** @param {Job} job */
  async stop(job) {
    // A second touch, or one on a row that an earlier answer drew, forgets nothing more.
    if (this.forgotten.has(job.id)) return;
    this.forgotten.add(job.id);
    try {
      await ask(`${PATH}/${job.id}`, {}, { method: "DELETE" });
    } catch (/** @type {any} */ error) {
      if (error.status !== 404) {
        this.forgotten.delete(job.id);
        return this.say(error.message || this.page().words.unreached);
      }
    }
    this.want(this.wanted().filter((one) => one !== job.id));
    await this.look();
  }

  draw() {
    const { words } = this.page();
    const busy = this.jobs.filter((job) => AT_WORK.includes(job.state)).length;
    find("#share").dataset.busy = busy ? String(busy) : "";
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.job;
    find("#reports ol").replaceChildren(...this.jobs.slice(0, SHOWN).map((job) => this.row(job)));
    find("#reports .none").hidden = this.jobs.length > 0;
    find("#reports .none").textContent = words.reports_none;
    if (focused) find(`#reports [data-job="${focused}"]`)?.focus();
  }

  /** @param {Job} job */
  row(job) {
    const { words, language } = this.page();
    const atWork = AT_WORK.includes(job.state);
    const facts = [words.reports_kinds[job.kind], monthName(job.month, language),
      job.months > 1 && words.trend(job.months), job.paper, job.format.toUpperCase(),
      words.languages[job.language]].filter(Boolean).join(" · ");
    const label = el("span", { id: `job-${job.id}` }, facts);
    return el("li", { class: job.state },
      label,
      atWork && el("progress", { max: job.of, value: job.done, "aria-labelledby": `job-${job.id}` }),
      el("small", {}, job.state === "failed" ? job.problem?.detail
        : atWork ? `${job.doing} ${job.done} / ${job.of}`
          : job.size ? words.reports_size(job.size) : job.doing),
      el("span", { class: "do" },
        job.file && el("button", { type: "button", "data-job": `keep-${job.id}`,
          onclick: () => this.fetch(job) }, words.reports_keep),
        el("button", { type: "button", class: "quiet", "data-job": `stop-${job.id}`,
          onclick: () => this.stop(job) }, atWork ? words.reports_stop : words.reports_forget)));
  }

  /** @param {string} text */
  say(text) {
    find("#reports .problem").textContent = text;
  }

  /** @returns {string[]} */
  wanted() {
    return (sessionStorage.getItem(WANTED) ?? "").split(" ").filter(Boolean);
  }

  /** @param {string[]} ids */
  want(ids) {
    sessionStorage.setItem(WANTED, [...new Set(ids)].join(" "));
  }
}
