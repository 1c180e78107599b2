// The months of a page: a slider, a step to either side, and time-lapse.

const LAPSE_MS = 900;

/** Wire the controls; `show(i)` is called for the month that is shown first and for each change. */
function startMonths(names, first, show) {
  const slider = document.getElementById("month");
  const of = (name) => document.querySelector(`.months button[name="${name}"]`);
  let timer = 0;
  const go = (at) => {
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", names[at]);
    document.querySelector(".months output").textContent = names[at];
    document.querySelector("h1 .month").textContent = names[at];
    of("earlier").disabled = at === 0;
    of("later").disabled = at === names.length - 1;
    show(at);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    of("play").textContent = words.play;
  };
  const step = (by) => go(Math.min(names.length - 1, Math.max(0, Number(slider.value) + by)));
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  of("earlier").addEventListener("click", () => { stop(); step(-1); });
  of("later").addEventListener("click", () => { stop(); step(1); });
  of("play").addEventListener("click", () => {
    if (timer) { stop(); return; }
    of("play").textContent = words.pause;
    if (Number(slider.value) === names.length - 1) go(0);
    timer = setInterval(() => {
      step(1);
      if (Number(slider.value) === names.length - 1) stop();
    }, LAPSE_MS);
  });
  go(first);
}
