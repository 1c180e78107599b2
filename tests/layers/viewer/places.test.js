import assert from "node:assert/strict";
import { test } from "node:test";

import { Places } from "../../../layers/viewer/places.js";

const place = (code, name, box, name_en = null) => ({ code, name, name_en, box });
const SEAT = place("150625100", "锡尼镇", [108.7, 39.8, 108.8, 39.9], "Xini");
const FAR = place("150625101", "巴拉贡镇", [107.0, 40.3, 107.1, 40.4], "Balagong");
const NEAR = place("150625102", "独贵塔拉镇", [108.8, 39.8, 108.9, 39.9]);
const COMMUNITY = place("150625100001", "建安社区", [108.72, 39.82, 108.74, 39.84]);
const BANNER = place("150625", "杭锦旗", [107, 39, 110, 41]);

test("the first view is the seat where towns lie far apart, else all of them", () => {
  assert.deepEqual(new Places([BANNER, SEAT, FAR]).first(), SEAT.box);
  assert.deepEqual(new Places([BANNER, SEAT, NEAR]).first(), [108.7, 39.8, 108.9, 39.9]);
  assert.equal(new Places([]).first().length, 4, "somewhere in China where nothing is known");
});

test("the banner is found by its code, or by what its towns begin with", () => {
  assert.equal(new Places([SEAT, BANNER]).banner, "150625");
  assert.equal(new Places([SEAT]).banner, "150625");
  assert.equal(new Places([]).banner, "");
});

test("words follow what the county is, and stay as they are where nobody said", () => {
  const words = { banner: "全境", kinds: { banner: "区县", grid: "网格" }, levels: { 6: "区县", 9: "乡镇" } };
  const own = { zh: { whole: "全县", here: "本县", kind: "县" } };
  const places = new Places([{ ...BANNER, words: own }, SEAT]);
  assert.deepEqual(places.speak(words, "zh"),
    { banner: "全县", kinds: { banner: "县", grid: "网格" }, levels: { 6: "县", 9: "乡镇" } });
  assert.equal(places.speak(words, "zh"), places.speak(words, "zh"), "made once");
  assert.equal(new Places([BANNER, SEAT]).speak(words, "zh"), words);
});

test("one level down are the places that begin with a code", () => {
  const places = new Places([BANNER, SEAT, FAR, COMMUNITY]);
  assert.deepEqual(places.below("150625"), [SEAT, FAR]);
  assert.deepEqual(places.below(SEAT.code), [COMMUNITY]);
  assert.deepEqual(places.below(FAR.code), []);
  assert.deepEqual(places.below(COMMUNITY.code), []);
});

test("places have names in both languages, compounds those of their figures, a code is no name", () => {
  const places = new Places([place("150625", "150625", BANNER.box), SEAT]);
  const compounds = new Map([["150625100001001", { name: "金鼎小区", name_en: "Jinding" }]]);
  assert.equal(places.name(SEAT.code, "zh"), "锡尼镇");
  assert.equal(places.name(SEAT.code, "en"), "Xini");
  assert.equal(places.name("150625100001001", "en", compounds), "Jinding");
  assert.equal(places.name("150625", "zh"), "");
  assert.equal(places.name("150625999", "zh", compounds), "");
});

test("towns and the banner are found by a part of their name in either language", () => {
  const places = new Places([BANNER, SEAT, FAR, COMMUNITY]);
  assert.deepEqual(places.called("锡尼", "zh"), [{ code: SEAT.code, name: "锡尼镇" }]);
  assert.deepEqual(places.called("XINI", "en"), [{ code: SEAT.code, name: "Xini" }]);
  assert.deepEqual(places.called("杭锦", "zh"), [{ code: "150625", name: "杭锦旗" }]);
  assert.deepEqual(places.called("建安", "zh"), [], "the service finds communities");
});
