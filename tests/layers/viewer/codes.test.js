import assert from "node:assert/strict";
import { test } from "node:test";

import { PLACE, communityOf, isGrid, kindOf, lineage } from "../../../layers/viewer/codes.js";

const GRID = "150625100001001";

test("the digits of a code tell what it is of, and what that is part of", () => {
  assert.deepEqual(lineage(GRID), ["150625", "150625100", "150625100001", GRID]);
  assert.deepEqual(lineage(GRID).map(kindOf), ["banner", "town", "community", "grid"]);
  assert.deepEqual(lineage(GRID).map(isGrid), [false, false, false, true]);
  assert.equal(communityOf(GRID), "150625100001");
  assert.equal(communityOf("150625100"), "150625100");
  assert.equal(isGrid(undefined), false);
});

test("whole codes are places, and nothing else is", () => {
  for (const code of [...lineage(GRID), "1506251000010A1"]) assert.match(code, PLACE);
  for (const wrong of ["", "1506251", `${GRID}1`, "1506251000010a1", "15062A"]) assert.doesNotMatch(wrong, PLACE);
});
