// What happens elsewhere appears here: the feed of changes as server-sent events, quietly.

import { ask } from "./api.js";

/** How often figures are asked again all the same: an event may be lost on the way. */
const LOOK_MS = 600_000;
/** Many changes of one load come as one. */
const GATHER_MS = 800;
const AGAIN_MS = 3000;

/** @typedef {{kind: string, body: Record<string, any>}} Change As the feed tells it. */

/**
 * Follow the service's changes.
 * @param {object} on
 * @param {(changes: Change[]) => void} on.onChange What changed, gathered.
 * @param {() => void} on.onLost
 * @param {() => void} on.onBack
 * @param {() => void} on.onLook Time to ask whether figures are still the same.
 */
export function follow({ onChange, onLost, onBack, onLook }) {
  let lost = false;
  let timer = 0;
  let again = 0;
  /** @type {EventSource} */
  let source;
  /** @type {Change[]} */
  let told = [];
  const gone = () => {
    if (lost) return;
    lost = true;
    onLost();
  };
  const back = () => {
    if (lost) onBack();
    lost = false;
  };
  const connect = () => {
    clearTimeout(again);
    source?.close();
    source = new EventSource("/v1/changes?cursor=latest");
    source.addEventListener("open", back);
    source.addEventListener("error", () => {
      gone();
      if (source.readyState !== EventSource.CLOSED) return;
      // What was refused is not tried again by the browser itself; a question tells why it was.
      ask("/v1/months").catch(() => {});
      again = window.setTimeout(connect, AGAIN_MS);
    });
    source.addEventListener("message", (event) => {
      told.push(JSON.parse(event.data));
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        onChange(told);
        told = [];
      }, GATHER_MS);
    });
  };
  const look = () => document.hidden || lost || onLook();
  connect();
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  addEventListener("offline", gone);
  addEventListener("online", connect);
}
