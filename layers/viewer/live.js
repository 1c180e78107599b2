// What happens elsewhere appears here: the feed of changes as server-sent events, quietly.

/** How often figures are asked again: visits that arrive are told by no event. */
const LOOK_MS = 60_000;
/** Many changes of one load come as one. */
const GATHER_MS = 800;
const AGAIN_MS = 3000;

/**
 * Follow the service's changes.
 * @param {object} on
 * @param {(kinds: Set<string>) => void} on.onChange Kinds of what changed, gathered.
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
  /** @type {Set<string>} */
  const kinds = new Set();
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
      // What was refused is not tried again by the browser itself.
      if (source.readyState === EventSource.CLOSED) again = window.setTimeout(connect, AGAIN_MS);
    });
    source.addEventListener("message", (event) => {
      kinds.add(JSON.parse(event.data).kind);
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        onChange(new Set(kinds));
        kinds.clear();
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
