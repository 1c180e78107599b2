// What happens elsewhere, drawn here: just what it names is asked again, and said only if it shows.

import { ask } from "./api.js";
import { tell } from "./dom.js";
import { explain } from "./panels/message.js";
import { figures, known, month, series, store, words } from "./page.js";
import { forgetPictures } from "./map/painting.js";

const AGAIN_MS = 1000;
const TIMES = 60;

export class News {
  /**
   * @param {object} page
   * @param {() => Promise<void>} page.read What the page is made of.
   * @param {(changed: Set<string>) => Promise<any>} page.draw
   * @param {() => void} page.drawCard
   * @param {() => void} page.beside Fetch the months beside the one that is shown.
   * @param {(tiles: string) => void} page.onTiles
   */
  constructor({ read, draw, drawCard, beside, onTiles }) {
    this.page = { read, draw, drawCard, beside, onTiles };
  }

  /**
   * @param {import("./live.js").Change[]} changes
   */
  async renew(changes) {
    const kinds = new Set(changes.map((change) => change.kind));
    try {
      if (kinds.has("edition")) return await this.redrawn();
      const told = changes.filter((change) => change.kind === "figures").map((change) => change.body.month);
      const incidents = kinds.has("incident");
      if (!told.length && !incidents && !kinds.has("household")) return undefined;
      // An event of figures names its month; the others may touch the one that is shown.
      const different = await this.look(told.length && !incidents ? told : [...told, month()]);
      if (incidents && !different) this.page.drawCard();
      return different || incidents ? tell(incidents ? words().new_incident : words().new_figures) : undefined;
    } catch (error) {
      return explain(error);
    }
  }

  /** Another edition counts by other grids, and lies in another archive. */
  async redrawn() {
    await this.page.read();
    // Where the service still reads the new territory, its tiles are those of the one before.
    for (let times = 0; known.tiles.edition < known.editions[0]?.id && times < TIMES; times += 1) {
      await new Promise((done) => { setTimeout(done, AGAIN_MS); });
      await this.page.read();
    }
    figures.forget();
    series.forget();
    forgetPictures();
    this.page.onTiles(known.tiles.url);
    await this.page.draw(new Set(Object.keys(store.state)));
    tell(words().new_edition(known.editions[0].title));
  }

  /**
   * Ask months again, and draw what is different now.
   * @param {string[]} [told] Months that may have changed; the one that is shown where none is named.
   * @returns {Promise<boolean>} Whether what is shown is different.
   */
  async look(told = [month()]) {
    const shown = month();
    const others = told.filter((one) => one !== shown);
    if (told.some((one) => !figures.months.includes(one))) figures.months = (await ask("/v1/months")).months;
    for (const one of others) figures.drop(one);
    const levels = told.includes(shown) ? [...new Set([1, store.state.level])] : [];
    const different = await figures.again(shown, levels);
    if (different || month() !== shown) {
      forgetPictures();
      series.forget();
      await this.page.draw(new Set(["month"]));
      return true;
    }
    if (others.length) {
      // The curve of the card, and what the strip says of the month before.
      series.forget();
      await this.page.draw(new Set(["place"]));
      this.page.beside();
    }
    return false;
  }
}
