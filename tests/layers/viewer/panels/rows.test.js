import assert from "node:assert/strict";
import { test } from "node:test";

import { cellsOf, COUNTS, csv, rowsOf, tsv } from "../../../../layers/viewer/panels/rows.js";
import { WORDS } from "../../../../layers/viewer/words/words.js";
import { COVERAGE, figure } from "../measure.js";

const FIGURES = [
  figure({ code: "3", name: "鑫园", coverage: 0.6, registered: 9 }),
  figure({ code: "1", name: "金鼎", coverage: 0.93, registered: 20 }),
  figure({ code: "4", name: "阳光", coverage: null, known: 0, unknown: 7, registered: null }),
  figure({ code: "2", name: "锦绣", coverage: 0.93, registered: 100 }),
];
const TWIN = {
  words: WORDS.zh, language: /** @type {const} */ ("zh"), measure: COVERAGE, breaks: COVERAGE.breaks[2026],
  hidden: new Set(), figures: FIGURES, chosen: "", caption: "", name: "coverage", synthetic: false,
};
const codes = (order, twin = {}) =>
  rowsOf({ ...TWIN, ...twin }, { by: "code", down: false, text: "", ...order }).map(({ code }) => code).join("");

test("rows stand by code until another order is chosen; ties go by code", () => {
  assert.equal(codes({}), "1234");
  assert.equal(codes({ by: "value", down: true }), "1234");
  assert.equal(codes({ by: "value" }), "3124");
});

test("counts are sorted as numbers, names as the language has them", () => {
  assert.equal(codes({ by: "registered", down: true }), "2134");
  assert.equal(codes({ by: "name" }), "1234", "金 锦 鑫 阳 by pinyin");
  assert.equal(codes({ by: "name" }, { language: "en" }).length, 4);
});

test("what nobody knows stays below, whichever way the order goes", () => {
  for (const by of ["value", "registered"]) {
    for (const down of [false, true]) assert.equal(codes({ by, down }).at(-1), "4");
  }
});

test("rows are filtered by a part of a name in either language, or of a code", () => {
  assert.equal(codes({ text: "鑫" }), "3");
  assert.equal(codes({ text: "jinding" }), "1234");
  assert.equal(codes({ text: "2" }), "2");
  assert.equal(codes({ text: "nowhere" }), "");
});

test("a class that the legend hides is hidden here, and what has no class stays", () => {
  assert.equal(codes({}, { hidden: new Set([4]) }), "34");
});

test("cells say why there is no value, and name every column", () => {
  const rows = cellsOf(TWIN, rowsOf(TWIN, { by: "code", down: false, text: "" }));
  const [head, first, , , late] = rows;
  assert.deepEqual(head.slice(0, 6), ["编码", "网格", "走访覆盖率", "区间下限", "区间上限", "说明"]);
  assert.equal(head.length, 6 + COUNTS.length);
  assert.ok(rows.every((row) => row.length === head.length));
  assert.deepEqual(first.slice(0, 6), ["1", "金鼎", "0.93", "0.9", "0.96", ""]);
  assert.deepEqual(late.slice(2, 6), ["", "0.9", "0.96", "未报送"]);
  assert.equal(first[head.indexOf("登记住户")], 20);
});

test("what is not published says so in every count; what is made up says so in every row", () => {
  const secret = figure({ hidden: true, coverage: null, known: null, unknown: null, by_paired: null });
  const [head, row] = cellsOf({ ...TWIN, synthetic: true }, [secret]);
  assert.deepEqual([head.at(-1), row.at(-1)], ["数据", "合成数据"]);
  assert.deepEqual(new Set(row.slice(5, -1)), new Set(["不公布"]));
});

test("CSV begins with the mark of UTF-8, quotes everything and disarms formulas; -5.2 stays a number", () => {
  assert.equal(csv([["=1", "-5.2", " @x", "＝1", "-a", 7]]), '\ufeff"\'=1","-5.2","\' @x","\'＝1","\'-a","7"\r\n');
  assert.equal(csv([['a "b"', ""]]), '\ufeff"a ""b""",""\r\n');
  for (const text of ["+86 1", "@x", "\tx", "\u200b=1", "＋1x", "－a"]) assert.ok(csv([[text]]).includes("\"'"), text);
  for (const text of ["+86", "-1,234.5", "12%", "-.5e-3", "a=b", "网格"]) assert.ok(!csv([[text]]).includes("'"), text);
});

test("what is pasted keeps to its cell", () => {
  assert.equal(tsv([["a\tb", "c\nd"], [1, "=x"]]), "a b\tc d\n1\t'=x");
});
