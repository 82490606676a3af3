import { CommandError } from "../../../common/command-error.ts";
import { notText, strictDecoder, textLines } from "./text-lines.ts";

/**
 * Reads the rows of an export, a JSON list or one JSON object per line, each as the text of the
 * object on one line. At most one row is held in memory.
 *
 * @throws {CommandError} on a row that is not JSON, or not an object.
 */
export async function* readRows(path: string): AsyncGenerator<string> {
  const isList = await firstCharacter(path) === "[";
  const stream = (await Deno.open(path)).readable;
  const rows = isList
    ? elementsOf(path, stream.pipeThrough(strictDecoder()))
    : textLines(path, stream);
  let number = 0;
  for await (const row of rows) {
    number++;
    const text = row.replaceAll(/[\r\n]+/g, " ").trim();
    if (text === "") continue;
    const place = isList ? `element ${number} of its list` : `line ${number}`;
    refuseOther(path, place, text);
    yield text;
  }
}

async function firstCharacter(path: string): Promise<string> {
  const file = await Deno.open(path).catch((error) => {
    throw new CommandError(`Cannot read "${path}": ${error.message}.`);
  });
  using opened = file;
  const bytes = new Uint8Array(64);
  await opened.read(bytes);
  return new TextDecoder().decode(bytes).trimStart().slice(0, 1);
}

function refuseOther(path: string, place: string, text: string): void {
  let reason = "is not an object";
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return;
  } catch {
    reason = "is not JSON";
  }
  throw new CommandError(`Cannot import "${path}": ${place} ${reason}. Nothing was changed.`);
}

/** The elements of a JSON list, as text. */
async function* elementsOf(
  path: string,
  chunks: ReadableStream<string>,
): AsyncGenerator<string> {
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let element = "";
  let number = 0;
  for await (const chunk of decoded(chunks, path, () => number)) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk[at];
      if (isEscaped) isEscaped = false;
      else if (isText && character === "\\") isEscaped = true;
      else if (character === '"') isText = !isText;
      else if (isText) continue;
      else if (character === "[" || character === "{") {
        if (++depth === 1) from = at + 1;
      } else if (character === "]" || character === "}") depth--;
      if (depth > 1 || isText || (depth === 1 && character !== ",")) continue;
      if (depth === 0 && character !== "]") continue;
      number++;
      yield element + chunk.slice(from, at);
      element = "";
      from = at + 1;
    }
    element += chunk.slice(from);
  }
  if (depth !== 0) {
    throw new CommandError(`Cannot import "${path}": its list is not closed. Nothing was changed.`);
  }
}

/** Yields the chunks; a decoding error names the last complete element. */
async function* decoded(
  chunks: ReadableStream<string>,
  path: string,
  number: () => number,
): AsyncGenerator<string> {
  try {
    yield* chunks;
  } catch (error) {
    throw notText(path, `element ${number()} of its list`, error);
  }
}
