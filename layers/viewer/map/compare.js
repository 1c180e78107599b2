// Two months or two territories side by side: a second map under the same view, cut off at a divider.

import { find } from "../dom.js";
import { GridMap } from "./map.js";
import { GONE } from "./stage.js";

const PARTS = ["#other", "#divide", "#seam"];

export class Compare {
  /** @param {GridMap} first */
  constructor(first) {
    this.first = first;
    /** @type {GridMap | null} */
    this.second = null;
    /** @type {(map: GridMap) => void} */
    this.painted = () => {};
    this.gone = () => {};
    this.follow = () => this.second?.map.jumpTo({
      center: first.map.getCenter(), zoom: first.map.getZoom(),
    });
    find("#divide").addEventListener("input", () => this.cut());
  }

  /** Whether a second map is shown. */
  get on() {
    return this.second !== null;
  }

  /**
   * Show the second map, made where it is not there; it paints when it can.
   * @param {{locale: Record<string, string>, look: Partial<GridMap["look"]>,
   *   painted: (map: GridMap) => void, onGone: () => void}} what `look`: in what it looks otherwise
   *   than the first; `onGone`: its archive is not kept any longer.
   */
  show({ locale, look, painted, onGone }) {
    this.painted = painted;
    this.gone = onGone;
    if (!this.second) {
      const other = find("#other");
      for (const part of PARTS) find(part).hidden = false;
      this.second = new GridMap(other, {
        ...this.first.look, ...look, box: [0, 0, 1, 1], view: this.first.view(), locale,
        onStyle: () => this.second && this.painted(this.second), bare: true,
      });
      this.second.map.on("error", ({ error }) =>
        (GONE.test(error.message) ? this.gone() : console.info(error.message)));
      this.follow();
      this.first.map.on("move", this.follow);
      this.cut();
    }
    this.second.restyle({ ...this.first.look, ...look });
    painted(this.second);
  }

  /** Take the second map away. */
  hide() {
    if (!this.second) return;
    this.first.map.off("move", this.follow);
    this.second.map.remove();
    this.second = null;
    for (const part of PARTS) find(part).hidden = true;
  }

  cut() {
    find(".stage").style.setProperty("--cut", `${find("#divide").value}%`);
  }
}
