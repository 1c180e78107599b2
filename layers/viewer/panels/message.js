// What the page says in place of the map, or over it: loading, empty, locked, failed.

import { find, tell } from "../dom.js";
import { figures, language, words } from "../page.js";

/** Show one of: loading, ready, empty, locked, failed. */
export function show(name, detail = "") {
  document.body.dataset.state = name;
  const [title, text, code] = words()[name] ?? ["", "", ""];
  find("#message h2").textContent = title;
  find("#message p").textContent = text;
  find("#message code").textContent = detail || code;
  const still = name !== "ready";
  for (const part of ["#search", "#slider", ".stage", ".panel"]) find(part).inert = still;
}

/** @param {any} error */
export function explain(error) {
  if (error.status === 401) return show("locked");
  if (document.body.dataset.state === "ready") {
    return tell(error.status === 0 ? words().offline(clock()) : error.message, { stay: error.status === 0 });
  }
  // Nothing is published or visited yet.
  if (error.status === 404) return show("empty");
  return show("failed", error.status === 0 ? words().unreached : error.message);
}

/** When figures were heard last. */
export const clock = () => (figures.heard ?? new Date()).toLocaleTimeString(
  language() === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
