// The room that the panels on the map leave: what is looked at must not lie below one of them.

// What lies on the map, in whichever page has it.
const PANELS = "#crumbs, #choices, #legend, #sketch, .maplibregl-ctrl-top-right, .tools-of-map, .credits, #divide";
const EDGE = 16;
// So much of a side stays for the map, however large the panels are.
const LEAST = 0.35;

/** @typedef {{top: number, right: number, bottom: number, left: number}} Sides */
/** @typedef {Sides & {width: number, height: number}} Box As the document measures them, in pixels. */

/**
 * Give how far from each side the panels reach. A panel in a corner takes the side where it costs
 * less of the map; the largest panel chooses first, and often hides the others behind its line.
 * @param {HTMLElement} container Of the map.
 * @returns {Sides}
 */
export function clearance(container) {
  const panels = [...(container.parentElement?.querySelectorAll(PANELS) ?? [])];
  return sidesOf(container.getBoundingClientRect(), panels.map((panel) => panel.getBoundingClientRect()));
}

/**
 * Give how far from each side of a box others reach into it.
 * @param {Box} whole
 * @param {Box[]} panels Those without a size are not there.
 * @returns {Sides}
 */
export function sidesOf(whole, panels) {
  const sides = { top: 0, right: 0, bottom: 0, left: 0 };
  const boxes = panels.filter((box) => box.width && box.height)
    .sort((a, b) => b.width * b.height - a.width * a.height);
  for (const box of boxes) {
    const reach = {
      top: box.bottom - whole.top, left: box.right - whole.left,
      bottom: whole.bottom - box.top, right: whole.right - box.left,
    };
    const hidden = box.bottom - whole.top <= sides.top || box.right - whole.left <= sides.left
      || whole.bottom - box.top <= sides.bottom || whole.right - box.left <= sides.right;
    if (hidden) continue;
    const cost = (side) => (reach[side] - sides[side])
      / (side === "top" || side === "bottom" ? whole.height : whole.width);
    const [cheapest] = Object.keys(reach).sort((a, b) => cost(a) - cost(b));
    sides[cheapest] = reach[cheapest];
  }
  const [across, down] = [fitted(sides.left, sides.right, whole.width), fitted(sides.top, sides.bottom, whole.height)];
  return { top: down[0], bottom: down[1], left: across[0], right: across[1] };
}

/** Add an edge, and give both sides up in proportion where too little would be left between. */
function fitted(one, other, length) {
  const wanted = one + other + 2 * EDGE;
  const most = Math.max(0, length * (1 - LEAST));
  const share = wanted > most ? most / wanted : 1;
  return [Math.round((one + EDGE) * share), Math.round((other + EDGE) * share)];
}
