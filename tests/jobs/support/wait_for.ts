/** Asks again and again until the answer is true; fails with a sentence after a time. */
export async function waitFor(
  what: string,
  isThere: () => Promise<boolean>,
  milliseconds: number,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!await isThere()) {
    if (Date.now() > deadline) throw new Error(`Waited ${milliseconds} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
