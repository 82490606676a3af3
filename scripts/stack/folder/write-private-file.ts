/** Writes a file that only its owner may read, all at once: a reader sees the old or the new text. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  await Deno.remove(unfinished).catch(() => {});
  await Deno.writeTextFile(unfinished, text, { mode: 0o600, createNew: true });
  await Deno.rename(unfinished, path);
}
