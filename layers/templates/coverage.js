// The coverage map: one level filled at a time, the level-one borders always on top.

/** Give the share in percent, cut to a tenth as on the server: 99.96 % is not yet 100 %. */
const percent = (visited, registered) =>
  registered > 0 ? `${(Math.floor((1000 * visited) / registered) / 10).toFixed(1)}%` : "–";

function cardOf(level, i) {
  const of = (name) => level.figures[name][i];
  const place = [level.rows.town?.[i], level.level === 2 ? level.rows.community?.[i] : null];
  const head = [
    el("span", { class: "card-name" }, level.rows.name[i]),
    el("span", { class: "card-place" },
      [...place.filter(Boolean), level.rows.code[i]].join(" · ")),
  ];
  if (of("registered") === null) return el("div", { class: "card" }, ...head, words.no_figures);
  if (of("registered") === 0) return el("div", { class: "card" }, ...head, words.no_households);
  const share = percent(of("visited_paired"), of("registered"));
  return el("div", { class: "card" }, ...head,
    el("div", { class: "card-rate" }, swatch(level.classes[i]), el("b", {}, share),
      el("span", {}, `${number.format(of("visited_paired"))} / ${number.format(of("registered"))}`)),
    facts(["registered", "paired", "visited_paired", "visited_any", "never"]
      .map((name) => [words[name], number.format(of(name))])));
}

function gridPolygon(level, i, highlight) {
  const polygon = L.polygon(level.polygons[i], {
    pane: "fills",
    className: "grid",
    fillColor: colourOf(level.classes[i]),
    fillOpacity: 1,
  });
  const share = level.figures.registered[i]
    ? percent(level.figures.visited_paired[i], level.figures.registered[i]) : words.no_data;
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
  const heads = [words.name, words.rate, words.registered, words.visited_paired];
  const table = document.querySelector(".twin table");
  const rows = level.rows.name.map((name, i) => {
    const [visited, all] = [level.figures.visited_paired[i], level.figures.registered[i]];
    const cells = [percent(visited, all), all ?? "–", visited ?? "–"];
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
