import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { Figures } from "../../../layers/viewer/figures.js";

const GRID = "150625100001001";
const answer = (figures, more = {}) => ({
  month: "2026-10", figures, totals: [{ code: "150625", known: 40 }], as_of: "2026-10-31", running: false,
  deliveries: { expected: 2, arrived: 1 }, ...more,
});

test("columns that arrive later stand beside those that are here, and names are kept from the first", () => {
  const figures = new Figures();
  figures.need[2] = ["known", "coverage"];
  figures.keep(answer([{ code: GRID, name: "金鼎小区", name_en: "Jinding", known: 20 }]), 2, ["known"]);
  assert.equal(figures.held("2026-10", 2), undefined, "a column that is needed is not here yet");
  figures.keep(answer([{ code: GRID, coverage: 0.9 }], { totals: [{ code: "150625", coverage: 0.8 }] }), 2, ["coverage"]);
  assert.deepEqual(figures.held("2026-10", 2)?.get(GRID),
    { code: GRID, name: "金鼎小区", name_en: "Jinding", known: 20, coverage: 0.9 });
  assert.deepEqual(figures.of("2026-10", "150625"), { code: "150625", known: 40, coverage: 0.8 });
});

test("a newer answer replaces the columns that it brings, and no other", () => {
  const figures = new Figures();
  figures.keep(answer([{ code: GRID, name: "A", known: 20, unknown: 1 }]), 2, ["known", "unknown"]);
  figures.keep(answer([{ code: GRID, known: 21 }]), 2, ["known"]);
  assert.deepEqual(figures.of("2026-10", GRID), { code: GRID, name: "A", name_en: null, known: 21, unknown: 1 });
});

test("a place that has no name is called by its code", () => {
  const figures = new Figures();
  figures.keep(answer([{ code: GRID, name: "A" }]), 2, []);
  figures.keep(answer([{ code: GRID }, { code: "150625100001002" }]), 2, []);
  assert.equal(figures.of("2026-10", "150625100001002")?.name, "150625100001002");
});

test("a figure is found by month and by the level that its code is of", () => {
  const figures = new Figures();
  figures.keep(answer([{ code: GRID, name: "A" }]), 2, []);
  figures.keep(answer([{ code: GRID.slice(0, 12), name: "B" }]), 1, []);
  assert.equal(figures.of("2026-10", GRID)?.name, "A");
  assert.equal(figures.of("2026-10", GRID.slice(0, 12))?.name, "B");
  assert.equal(figures.of("2026-09", GRID), undefined);
  assert.equal(figures.of("2026-10", "150625999"), undefined);
});

test("what a month rests on is kept with it, and goes with it", () => {
  const figures = new Figures();
  figures.need = { 1: [], 2: [] };
  figures.keep(answer([{ code: GRID, name: "A" }]), 2, []);
  assert.deepEqual(figures.facts.get("2026-10"),
    { as_of: "2026-10-31", running: false, deliveries: { expected: 2, arrived: 1 } });
  figures.drop("2026-10");
  assert.equal(figures.held("2026-10", 2), undefined);
  assert.equal(figures.facts.size + figures.sums.size, 0);
});

test("another edition counts by other grids: everything goes, names too", () => {
  const figures = new Figures();
  figures.months = ["2026-10"];
  figures.keep(answer([{ code: GRID, name: "A" }]), 2, []);
  figures.forget();
  figures.keep(answer([{ code: GRID, name: "B" }]), 2, []);
  assert.equal(figures.of("2026-10", GRID)?.name, "B");
});

/** A service that answers each question as things were when it came, and no sooner than it is let. */
async function slowService(figures) {
  const questions = [];
  const server = createServer((request, response) => {
    const body = JSON.stringify(figures());
    questions.push({ url: request.url, answer: () => response.end(body) });
  });
  await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
  const { fetch } = globalThis;
  const { port } = server.address();
  // A page asks by paths of its own service.
  globalThis.fetch = (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options);
  const close = () => {
    globalThis.fetch = fetch;
    server.closeAllConnections();
    server.close();
  };
  const came = async (count) => {
    while (questions.length < count) await new Promise((done) => { setTimeout(done, 5); });
  };
  return { questions, came, close };
}

test("the same question is asked once at a time", async () => {
  const service = await slowService(() => answer([{ code: GRID, name: "A", known: 20 }]));
  const figures = new Figures();
  figures.need[2] = ["known"];
  const both = Promise.all([figures.get("2026-10", 2), figures.get("2026-10", 2)]);
  await service.came(1);
  service.questions[0].answer();
  assert.deepEqual((await both).map((rows) => rows.get(GRID)?.known), [20, 20]);
  assert.equal(service.questions.length, 1);
  service.close();
});

test("after a change a month is asked anew, though it is being asked, and the older answer is not kept", async () => {
  let known = 20;
  const service = await slowService(() => answer([{ code: GRID, name: "A", known }]));
  const figures = new Figures();
  figures.need[2] = ["known"];
  figures.keep(answer([{ code: GRID, name: "A", known: 19 }]), 2, ["known"]);
  const first = figures.again("2026-10", [2]);
  await service.came(1);
  known = 21;
  const second = figures.again("2026-10", [2]);
  await service.came(2);
  service.questions[1].answer();
  assert.equal(await second, true);
  service.questions[0].answer();
  await first;
  assert.equal(figures.of("2026-10", GRID)?.known, 21);
  const third = figures.again("2026-10", [2]);
  await service.came(3);
  service.questions[2].answer();
  assert.equal(await third, false, "nothing is different now");
  assert.equal(await figures.again("2026-10", []), false);
  service.close();
});
