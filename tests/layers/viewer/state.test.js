import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, written } from "../../../layers/viewer/state.js";

const DEFAULTS = parse("");

test("an address without a state gives the defaults, and defaults leave no trace in the address", () => {
  assert.deepEqual(DEFAULTS, {
    month: "", measure: "", level: 2, place: "", spot: "", category: "", against: "", form: "ratio",
    spots: "", ground: "", hidden: "", view: "", tab: "place", language: "zh",
  });
  assert.equal(written(DEFAULTS), "#");
});

test("every part of a state comes back from the address that it was written to", () => {
  const state = {
    month: "2026-09", measure: "incidents_per_100", level: 1, place: "150625100001", spot: "108.7312,39.8392",
    category: "city.heating", against: "e12", form: "density", spots: "coverage.incidents", ground: "own",
    hidden: "1.4", view: "14.2/39.836/108.742", tab: "table", language: "en",
  };
  const hash = written(state);
  assert.deepEqual(parse(hash), state);
  for (const name of Object.keys(DEFAULTS)) assert.match(hash, new RegExp(`[#&]${name}=`));
});

test("an address can be read in a mail: commas and slashes are not escaped", () => {
  const hash = written({ ...DEFAULTS, spot: "108.7,39.8", view: "14.2/39.836/108.742" });
  assert.equal(hash, "#spot=108.7,39.8&view=14.2/39.836/108.742");
});

const REFUSED = {
  month: ["2026", "2026-1", "October", "2026-10-01"],
  measure: ["Coverage", "a b", "<b>", "x".repeat(41)],
  level: ["0", "3", "12", "1.5"],
  place: ["1506", "15062510", "150625100001abc", "x"],
  spot: ["108.7", "108.7;39.8", "1e3,2", "108.7,39.8,1"],
  category: ["city heating", "City", "a1"],
  against: ["e", "e1x", "2026", "2026-1-1", "now"],
  form: ["share", "RATIO"],
  spots: ["incidents.coverage", "all"],
  ground: ["theirs", "1"],
  hidden: ["a", "1,2", "12", "."],
  view: ["14", "14.2/39.8", "14.2/39.8/108.7/1", "x/1/1"],
  tab: ["map", "Table"],
  language: ["de", "zh-CN"],
};

for (const [name, values] of Object.entries(REFUSED)) {
  test(`a ${name} that is not understood stays at its default, and the others are read`, () => {
    const [other, wanted] = name === "tab" ? ["level", 1] : ["tab", "table"];
    for (const value of values) {
      const read = parse(`#${new URLSearchParams({ [name]: value, [other]: String(wanted) })}`);
      assert.equal(read[name], DEFAULTS[name], value);
      assert.equal(read[other], wanted);
    }
  });
}

test("names that nobody knows are left out", () => {
  assert.deepEqual(parse("#token=secret&__proto__=x&level=1"), { ...DEFAULTS, level: 1 });
});
