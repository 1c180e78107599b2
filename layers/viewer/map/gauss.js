// Lengths and areas as the service measures them in China: on the plane of CGCS2000's 3-degree
// Gauss-Kruger zone in which a drawing begins (around 108 E that is EPSG:4545). Web Mercator, in which the map is drawn, overstates areas here by 72 %.
//
// C. Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011),
// equations 7-12 and 35: Kruger's series to the fourth order, far below a millimetre here.

const ZONE_DEG = 3;
const EQUATOR_M = 6_378_137;
const FLATTENING = 1 / 298.257222101;
const EAST_M = 500_000;

const N = FLATTENING / (2 - FLATTENING);
const E = Math.sqrt(FLATTENING * (2 - FLATTENING));
const RADIUS_M = (EQUATOR_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440,
  (61 * N ** 3) / 240 - (103 * N ** 4) / 140,
  (49561 * N ** 4) / 161280,
];
/** @param {number[]} point */
const meridianOf = ([longitude]) => Math.round(longitude / ZONE_DEG) * ZONE_DEG;
const radians = (degrees) => (degrees * Math.PI) / 180;

/** @typedef {[number, number]} Point Longitude and latitude in degrees, or metres east and north. */

/**
 * Give a point in metres east and north.
 * @param {Point} point Longitude and latitude, CGCS2000.
 * @param {number} meridian The zone's, in degrees.
 * @returns {Point}
 */
export function plane([longitude, latitude], meridian = meridianOf([longitude, latitude])) {
  const sine = Math.sin(radians(latitude));
  const t = Math.sinh(Math.atanh(sine) - E * Math.atanh(E * sine));
  const across = radians(longitude - meridian);
  const xi = Math.atan2(t, Math.cos(across));
  const eta = Math.asinh(Math.sin(across) / Math.hypot(t, Math.cos(across)));
  let [east, north] = [eta, xi];
  ALPHA.forEach((factor, index) => {
    const times = 2 * (index + 1);
    east += factor * Math.cos(times * xi) * Math.sinh(times * eta);
    north += factor * Math.sin(times * xi) * Math.cosh(times * eta);
  });
  return [EAST_M + RADIUS_M * east, RADIUS_M * north];
}

/** All of a drawing is measured in the zone of its first point. @param {Point[]} line @returns {Point[]} */
function flattened(line) {
  return line.map((point) => plane(point, meridianOf(line[0])));
}

/** Length of a line in metres. @param {Point[]} line */
export function lengthOf(line) {
  const flat = flattened(line);
  return flat.slice(1).reduce((sum, [x, y], index) => sum + Math.hypot(x - flat[index][0], y - flat[index][1]), 0);
}

/** Area of a closed ring in square metres, positive where it runs against the clock. @param {Point[]} ring */
export function areaOf(ring) {
  return doubled(flattened(ring)) / 2;
}

/** Where a closed ring balances, in degrees. @param {Point[]} ring @returns {Point} */
export function middleOf(ring) {
  const [[x0, y0]] = ring;
  // From its first corner: squares of degrees lose digits.
  const near = ring.map(([x, y]) => /** @type {Point} */ ([x - x0, y - y0]));
  const six = 3 * doubled(near);
  const sum = [0, 0];
  near.slice(1).forEach(([x, y], index) => {
    const [a, b] = near[index];
    const cross = a * y - x * b;
    sum[0] += (a + x) * cross;
    sum[1] += (b + y) * cross;
  });
  return six ? [x0 + sum[0] / six, y0 + sum[1] / six] : [x0, y0];
}

const doubled = (ring) => ring.slice(1).reduce((sum, [x, y], index) =>
  sum + (ring[index][0] * y - x * ring[index][1]), 0);

/**
 * Tell whether a point lies in a closed ring.
 * @param {Point} point
 * @param {Point[]} ring
 */
export function inside([x, y], ring) {
  let within = false;
  for (let index = 1; index < ring.length; index += 1) {
    const [[x1, y1], [x2, y2]] = [ring[index - 1], ring[index]];
    if ((y1 > y) !== (y2 > y) && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) within = !within;
  }
  return within;
}

const SQUARE_M_PER_HECTARE = 10_000;

/** Write a length. @param {number} length_m */
export const metres = (length_m) =>
  (length_m < 1000 ? `${length_m.toFixed(0)} m` : `${(length_m / 1000).toFixed(2)} km`);

/** Write an area. @param {number} area_m2 */
export function hectares(area_m2) {
  const area_ha = area_m2 / SQUARE_M_PER_HECTARE;
  if (area_ha < 1) return `${area_m2.toFixed(0)} m²`;
  return area_ha < 100 ? `${area_ha.toFixed(2)} ha` : `${(area_ha / 100).toFixed(2)} km²`;
}
