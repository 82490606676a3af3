/** Length of a block of a tar archive, in bytes. */
const block = 512;

/**
 * The text of one file in a `.tar.gz` archive.
 * Throws when the archive has no such file.
 */
export async function readArchive(path: string, name: string): Promise<string> {
  const file = await Deno.open(path);
  const unpacked = file.readable.pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  const text = (start: number, length: number) =>
    new TextDecoder().decode(bytes.subarray(start, start + length));
  for (let offset = 0; offset + block <= bytes.length;) {
    const entry = text(offset, 100).split("\0")[0];
    const size = Number.parseInt(text(offset + 124, 12), 8);
    if (entry === name) return text(offset + block, size);
    if (Number.isNaN(size)) break;
    offset += block + Math.ceil(size / block) * block;
  }
  throw new Error(`Cannot read "${name}": ${path} has no such file`);
}
