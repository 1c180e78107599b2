// The heat map: painted rasters, one set a month and form, the grids' borders as a frame.

startMap(map_main);
{
  const painted = L.layerGroup().addTo(map_main);
  let month = data.months.length - 1;
  let form = data.forms[0];
  const show = () => {
    painted.clearLayers();
    const { images, total, cells } = data.months[month];
    for (const [address, box] of images[form.name]) {
      L.imageOverlay(address, box, { pane: "fills", interactive: false, className: "density", alt: form.title })
        .addTo(painted);
    }
    document.querySelector("h1").firstChild.textContent = form.title;
    document.querySelector(".subtitle").textContent = form.subtitle;
    document.querySelector(".headline b").textContent = number.format(total);
    document.querySelector(".headline .remark").textContent =
      words.cells_note.replace("{cells}", number.format(cells));
    document.querySelector(".empty").hidden = cells > 0;
  };
  const legend = () => {
    document.querySelector(".legend h2").textContent = `${form.title} (${form.unit})`;
    const none = document.querySelector(".legend li.none");
    const entries = [...form.legend].reverse().map(({ colour, label }) => el("li", {},
      el("svg", { "aria-hidden": "true" }, el("rect", { width: "100%", height: "100%", fill: colour })), label));
    document.querySelector(".legend ul").replaceChildren(...entries, none);
  };
  document.querySelector("main").append(el("p", { class: "empty" }, words.empty));
  for (const radio of document.querySelectorAll('input[name="form"]')) {
    radio.addEventListener("change", () => {
      form = data.forms.find((one) => one.name === radio.value);
      legend();
      show();
    });
  }
  legend();
  startMonths(data.months.map((one) => one.name), month, (at) => { month = at; show(); });
  bindCheckbox(map_main, "borders", L.layerGroup([...data.levels].reverse().map(borders)));
  startNames(map_main, () => [1, 2]);
}
