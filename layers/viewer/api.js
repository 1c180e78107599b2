// Questions to the service. What goes wrong is a Problem whose `status` tells the cases apart.

export class Problem extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 where the service was not reached.
   * @param {string} code
   * @param {string[]} successors Of a grid that is no more: the codes that its ground has now.
   */
  constructor(message, status, code = "", successors = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.successors = successors;
  }
}

/** What the document hears of when the service no longer knows who asks. */
export const LOCKED = "locked";

let language = "zh";

/** @param {string} chosen Language of the service's sentences. */
export function speak(chosen) {
  language = chosen;
}

/**
 * Ask the service.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [parameters] Empty ones are left out.
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
export async function ask(path, parameters = {}, options = {}) {
  return (await reached(path, parameters, { Accept: "application/json" }, options)).json();
}

/**
 * Fetch a file.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [parameters]
 * @returns {Promise<Blob>}
 */
export async function download(path, parameters = {}) {
  return (await reached(path, parameters, {}, {})).blob();
}

/** The answer where it is a good one; else a Problem. A closed door is told to the whole page. */
async function reached(path, parameters, headers, options) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const address = path + (given.length ? `${path.includes("?") ? "&" : "?"}${query}` : "");
  let answer;
  try {
    answer = await fetch(address, {
      ...options,
      headers: { ...headers, "Accept-Language": language, ...options.headers },
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem("", 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) document.dispatchEvent(new Event(LOCKED));
  const said = await answer.json().catch(() => ({}));
  throw new Problem(said.detail ?? `HTTP ${answer.status}`, answer.status, said.code, said.successors);
}

/**
 * Ask for every page of a list, up to a number of rows.
 * @param {string} path
 * @param {Record<string, string | number>} parameters
 * @param {string} rows Name of the list in each answer.
 * @param {number} most
 * @returns {Promise<{rows: any[], whole: boolean}>} `whole` is false where rows were left out.
 */
export async function pages(path, parameters, rows, most) {
  let answer = await ask(path, parameters);
  const found = [...answer[rows]];
  while (answer.next && found.length < most) {
    answer = await ask(answer.next);
    found.push(...answer[rows]);
  }
  return { rows: found.slice(0, most), whole: !answer.next && found.length <= most };
}
