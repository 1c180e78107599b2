import assert from "node:assert/strict";
import { test } from "node:test";

import { areaOf, hectares, inside, lengthOf, metres, middleOf, plane } from "../../../../layers/viewer/map/gauss.js";

// As PROJ gives them: EPSG:4490 to EPSG:4545.
const KNOWN = [
  [[108.738, 39.839], [563168.7415, 4411913.3356]],
  [[107.05, 40.3], [419231.3546, 4463273.3957]],
  [[109.9, 39.1], [664364.4669, 4331324.7376]],
  [[108, 40], [500000.0000, 4429529.0302]],
];
const RING = [[108.738, 39.839], [108.738, 39.833], [108.746, 39.833], [108.746, 39.839], [108.738, 39.839]];

const near = (value, wanted, within) => assert.ok(Math.abs(value - wanted) <= within, `${value} is not near ${wanted}`);

test("points lie where PROJ puts them, within a millimetre", () => {
  for (const [point, [east, north]] of KNOWN) {
    const [x, y] = plane(point, 108);
    near(x, east, 0.001);
    near(y, north, 0.001);
  }
});

test("a ring has the area and length that shapely finds on that plane", () => {
  near(areaOf(RING), 456239.700, 0.01);
  near(lengthOf(RING), 2702.0766, 0.001);
  near(areaOf(RING.toReversed()), -456239.700, 0.01);
});

test("a ring balances in its middle", () => {
  const [x, y] = middleOf(RING);
  near(x, 108.742, 1e-9);
  near(y, 39.836, 1e-9);
  // Of an L the middle is drawn toward its foot.
  const [east] = middleOf([[0, 0], [2, 0], [2, 1], [1, 1], [1, 3], [0, 3], [0, 0]]);
  near(east, 0.75, 1e-9);
});

test("a point is inside a ring or not, in a bay too", () => {
  const bay = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4], [0, 0]];
  assert.equal(inside([1, 1], bay), true);
  assert.equal(inside([2, 3], bay), false);
  assert.equal(inside([5, 1], bay), false);
  assert.equal(inside([2, 0.5], bay.toReversed()), true);
});

test("lengths and areas are written in the unit that reads best", () => {
  assert.deepEqual([0, 999.4, 1000, 12345].map(metres), ["0 m", "999 m", "1.00 km", "12.35 km"]);
  assert.deepEqual([9_999, 10_000, 999_900, 1_000_000].map(hectares), ["9999 m²", "1.00 ha", "99.99 ha", "1.00 km²"]);
});

test("a drawing elsewhere is measured in its own zone", () => {
  const there = RING.map(([x, y]) => [x + 12, y]); // as far from 120 E as the first is from 108 E
  near(areaOf(there), areaOf(RING), 0.01);
  near(lengthOf(there), lengthOf(RING), 0.001);
});
