// The visit map: squares with counts, the grids' borders as a thin frame of reference.

startMap(map_main);
{
  const highlight = startHighlight(map_main);
  const { rows, classes } = data.cells;
  unpack(data.cells.shapes).forEach((shape, i) => {
    const cell = L.polygon(shape, {
      pane: "fills",
      className: "cell",
      fillColor: colourOf(classes[i]),
      fillOpacity: 1,
    }).addTo(map_main);
    cell.on("mouseover", () => highlight(shape)).on("mouseout", () => highlight([]));
    cell.bindTooltip(() => el("div", { class: "card" },
      el("div", { class: "card-rate" }, swatch(classes[i]),
        el("b", {}, words.visits_unit.replace("{count}", number.format(rows.visits[i])))),
      facts([[words.households, number.format(rows.households[i])]])),
    { className: "card", sticky: true });
  });
  if (!rows.visits.length) {
    document.querySelector("main").append(el("p", { class: "empty" }, words.empty));
  }
  bindCheckbox(map_main, "borders", L.layerGroup([...data.levels].reverse().map(borders)));
  startNames(map_main, () => [1, 2]);
}
