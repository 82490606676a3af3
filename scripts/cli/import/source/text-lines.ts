import { CommandError } from "../../../common/command-error.ts";
import { linesOf } from "../../../common/lines-of.ts";

/**
 * The lines of a file that is to be UTF-8.
 *
 * @throws {CommandError} on bytes that are not: they would become other characters unnoticed.
 */
export async function* textLines(
  path: string,
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let number = 0;
  try {
    for await (const line of linesOf(stream, strictDecoder())) {
      number++;
      yield line;
    }
  } catch (error) {
    throw notText(path, `line ${number}`, error);
  }
}

/** Decodes UTF-8, and fails on anything else. */
export function strictDecoder(): TextDecoderStream {
  return new TextDecoderStream("utf-8", { fatal: true });
}

/** What to say of a file that cannot be decoded; another error stays as it is. */
export function notText(path: string, place: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new CommandError(
    `Cannot read "${path}": after ${place} it is damaged, or is not UTF-8. Convert it with "iconv -f <its encoding> -t UTF-8", or make it again. Nothing was changed.`,
  );
}
