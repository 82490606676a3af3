/** The encodings of a text of server-sent events, all with the same meaning. */
export const FRAMES: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  gzip: (text) => text,
  "line breaks of Windows": (text) => text.replaceAll("\n", "\r\n"),
  "line breaks of old Macs": (text) => text.replaceAll("\n", "\r"),
  "a mark of byte order": (text) => `\uFEFF${text}`,
  comments: (text) => `: hello\n\n${text.replaceAll("\n\n", "\n\n: keep-alive\n\n")}`,
  "no blanks": (text) => text.replaceAll(/^data: /gm, "data:"),
  "ids and pauses": (text) => text.replaceAll(/^data: /gm, "id: 1\nretry: 10\ndata: "),
  "several lines of data": (text) => text.replaceAll(/^data: (\{.*)$/gm, inLines),
  "no end of line": (text) => text.trimEnd(),
};

function inLines(_line: string, json: string): string {
  return JSON.stringify(JSON.parse(json), null, 1).replaceAll(/^/gm, "data: ");
}

/** The bytes of a text that is written in one of the {@linkcode FRAMES}. */
export async function framed(text: string, frame: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(FRAMES[frame]?.(text));
  if (frame !== "gzip") return bytes;
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
