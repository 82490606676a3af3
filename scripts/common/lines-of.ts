/**
 * The lines of a stream, as they come; what follows the last line break is one too.
 *
 * @param decoder @default one that replaces bytes that are not UTF-8
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  decoder: TextDecoderStream = new TextDecoderStream(),
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(decoder)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
