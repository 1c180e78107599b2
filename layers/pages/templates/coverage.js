// The coverage map: one level filled at a time, the level-one borders always on top.

/** Tell whether a figure of a place is not published: too few are counted in it. */
const isWithheld = (level, i, name) => level.figures.hidden[i] === true
  || (level.figures.withheld?.[i] ?? "").split(" ").includes(name);

/** Say why a place has no share, or nothing where it has one. */
function reasonOf(level, i) {
  const of = (name) => level.figures[name][i];
  if (isWithheld(level, i, "coverage")) return words.hidden_why;
  if (of("registered") === null) return words.no_figures;
  if (of("known") === 0) return of("unknown") ? words.nothing_known : words.no_households;
  return "";
}

function cardOf(level, i) {
  const of = (name) => level.figures[name][i];
  const place = [level.rows.town?.[i], level.level === 2 ? level.rows.community?.[i] : null];
  const head = [
    el("span", { class: "card-name" }, level.rows.name[i]),
    el("span", { class: "card-place" },
      [...place.filter(Boolean), level.rows.code[i]].join(" · ")),
  ];
  const reason = reasonOf(level, i);
  if (reason) return el("div", { class: "card" }, ...head, reason);
  const between = of("coverage") === null ? []
    : [`${percent(of("coverage_low"))}–${percent(of("coverage_high"))}`];
  return el("div", { class: "card" }, ...head,
    el("div", { class: "card-rate" }, swatch(level.classes[i]),
      el("b", {}, percent(of("coverage"))), el("span", {}, ...between)),
    facts([
      [words.raw, `${percent(of("coverage_raw"))} (${number.format(of("by_paired"))} / ${number.format(of("known"))})`],
      ...["by_paired", "by_other", "not_visited", "not_paired", "unknown", "registered", "paired"]
        .map((name) => [words[name],
          isWithheld(level, i, name) ? words.hidden : number.format(of(name))])]));
}

function gridPolygon(level, i, highlight) {
  const polygon = L.polygon(level.polygons[i], {
    pane: "fills",
    className: "grid",
    fillColor: colourOf(level.classes[i]),
    fillOpacity: 1,
  });
  const share = reasonOf(level, i) || percent(level.figures.coverage[i]);
  polygon.bindTooltip(() => cardOf(level, i), { className: "card", sticky: true });
  polygon.bindPopup(() => cardOf(level, i), { maxWidth: 320, autoPanPadding: [20, 20] });
  polygon.on("mouseover", () => highlight(level.polygons[i]));
  polygon.on("mouseout", () => highlight([]));
  polygon.on("popupopen", () => polygon.closeTooltip());
  polygon.on("add", () => {
    const path = polygon.getElement();
    path.setAttribute("tabindex", "0");
    path.setAttribute("role", "button");
    path.setAttribute("aria-label", `${level.rows.name[i]} ${share}`);
    path.dataset.code = level.rows.code[i];
    path.addEventListener("focus", () => highlight(level.polygons[i]));
    path.addEventListener("blur", () => highlight([]));
  });
  return polygon;
}

function fillTable(level) {
  const heads = [words.name, words.short, words.by_paired, words.known, words.unknown];
  const table = document.querySelector(".twin table");
  const rows = level.rows.name.map((name, i) => {
    const said = (count, text) => (isWithheld(level, i, count) ? words.hidden : text);
    const counts = ["by_paired", "known", "unknown"]
      .map((count) => said(count, level.figures[count][i] ?? "–"));
    const cells = [said("coverage", percent(level.figures.coverage[i])), ...counts];
    return el("tr", {}, el("th", { scope: "row" }, name),
      ...cells.map((cell) => el("td", {}, String(cell))));
  });
  table.replaceChildren(
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows));
}

startMap(map_main);
{
  const highlight = startHighlight(map_main);
  const fills = new Map(data.levels.map((level) =>
    [level.level, L.layerGroup(level.polygons.map((_, i) => gridPolygon(level, i, highlight)))]));
  borders(data.levels.find((level) => level.level === 1)).addTo(map_main);
  let shown = data.level;
  let write = () => {};
  const show = (level) => {
    shown = level;
    map_main.closePopup();
    for (const [one, layer] of fills) if (one !== level) layer.remove();
    fills.get(level).addTo(map_main);
    fillTable(data.levels.find((one) => one.level === level));
    write();
  };
  for (const radio of document.querySelectorAll('input[name="level"]')) {
    radio.addEventListener("change", () => show(Number(radio.value)));
  }
  show(shown);
  write = startNames(map_main, () => (shown === 1 ? [1] : [1, 2]));
}
