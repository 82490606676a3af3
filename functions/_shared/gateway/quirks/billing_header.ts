/*
 * Claude Code begins its instructions with a block of text "x-anthropic-billing-header: …", which
 * differs with every request. It would prevent prompt caching at the vendor and the recognition of
 * continued conversations. Seen with Claude Code 2.1.197, 22 November 2026.
 */

const BEGINNING = "x-anthropic-billing-header:";

/** Removes the block, which is not meant for the model, from the instructions. */
export function withoutBillingHeader<Block extends object>(blocks: readonly Block[]): Block[] {
  return blocks.filter((block) => {
    const text: unknown = Reflect.get(block, "text");
    return typeof text !== "string" || !text.startsWith(BEGINNING);
  });
}
