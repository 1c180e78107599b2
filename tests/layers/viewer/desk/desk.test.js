import assert from "node:assert/strict";
import { test } from "node:test";

import { options, sure } from "../../../../layers/viewer/desk/case.js";
import { deedOf } from "../../../../layers/viewer/desk/keys.js";
import { DESK_WORDS } from "../../../../layers/viewer/words/desk.js";

const BEST = { name: "A", grid: "1", probability: 0.9, why: "", target: null, at: null };
const OTHERS = ["2", "3"].map((id) => ({ ...BEST, name: id, target: { kind: "compound", id } }));

test("A accepts the best answer, a number picks another, and no number means the best", () => {
  const choices = [BEST, ...OTHERS];
  assert.deepEqual(deedOf("a", choices), { action: "accept" });
  assert.deepEqual(deedOf("A", choices), { action: "accept" });
  assert.deepEqual(deedOf("1", choices), { action: "pick", target: OTHERS[0].target });
  assert.deepEqual(deedOf("2", choices), { action: "pick", target: OTHERS[1].target });
  for (const key of ["3", "0", "9"]) assert.equal(deedOf(key, choices), null);
});

test("without a best answer A does nothing and numbers are as they were", () => {
  assert.equal(deedOf("a", OTHERS), null);
  assert.deepEqual(deedOf("1", OTHERS), { action: "pick", target: OTHERS[0].target });
  assert.equal(deedOf("a", []), null);
});

test("U and N refuse, J and K step, Z takes back, and other keys are the browser's", () => {
  assert.deepEqual(deedOf("u", []), { action: "unknown" });
  assert.deepEqual(deedOf("N", []), { action: "not_in_banner" });
  assert.deepEqual([deedOf("j", []), deedOf("K", [])], [{ step: 1 }, { step: -1 }]);
  assert.deepEqual(deedOf("z", []), { undo: true });
  for (const key of ["Enter", "Tab", "Escape", "b", " ", "ArrowDown"]) assert.equal(deedOf(key, [BEST]), null, key);
});

test("every key that decides is named in the line of keys, in both languages", () => {
  for (const { keys } of Object.values(DESK_WORDS)) for (const key of ["A", "1–9", "U", "N", "Z", "J", "K"]) assert.ok(keys.includes(key), key);
});

test("a text may mean the best answer first, then the candidates with their reasons", () => {
  const review = {
    level: "compound", probability: 0.8, best: { grid_code: "1", longitude: 108.7, latitude: 39.8 },
    candidates: [{ place: "乙", grid_code: "2", probability: 0.1, household_id: "H1" },
      { place: "丙", grid_code: "3", probability: null, compound_code: "K3" }],
  };
  const read = { compound: "甲", building: "1号楼", unit: null, room: null, sentence: "因为",
    explanation: { candidates: [{ why: [{ sentence: "一" }, { sentence: "" }, { sentence: "二" }] }] } };
  const [best, household, compound] = options(review, read);
  assert.deepEqual(best, { name: "甲 1号楼", grid: "1", probability: 0.8, why: "因为", target: null, at: [108.7, 39.8] });
  assert.deepEqual([household.target, household.why], [{ kind: "household", id: "H1" }, "一 二"]);
  assert.deepEqual([compound.target, compound.why], [{ kind: "compound", id: "K3" }, ""]);
  assert.deepEqual(options({ ...review, level: "none" }, read).map((one) => one.name), ["乙", "丙"]);
});

test("what rounds to nothing is called little, not nothing", () => {
  const words = DESK_WORDS.zh;
  assert.equal(sure(0.004, words), "把握不足 1.0%");
  assert.equal(sure(0.01, words), "把握 1.0%");
  assert.equal(sure(null, words), "");
});
