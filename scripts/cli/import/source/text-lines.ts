import { CommandError } from "../../../common/command-error.ts";
import { linesOf } from "../../../common/lines-of.ts";

/**
 * The lines of a UTF-8 file.
 *
 * @throws {CommandError} on invalid UTF-8, which would otherwise be replaced silently.
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

/** Turns a decoding error into a message for the user; returns any other error unchanged. */
export function notText(path: string, place: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new CommandError(
    `Cannot read "${path}": after ${place} it is damaged, or is not UTF-8. Convert it with "iconv -f <its encoding> -t UTF-8", or make it again. Nothing was changed.`,
  );
}
