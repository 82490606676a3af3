/** The value of a text in JSON; undefined where the text is not JSON, since no JSON says that. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
