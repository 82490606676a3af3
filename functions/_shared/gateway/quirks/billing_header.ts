/*
 * Claude Code begins its instructions with a block of text "x-anthropic-billing-header: …", which differs
 * from request to request: with it no vendor finds the beginning of the prompt in its cache, and no
 * conversation is recognised. Seen with Claude Code 2.1.197, 22 November 2026.
 */

const BEGINNING = "x-anthropic-billing-header:";

/** Instructions without the block that is not meant for the model. */
export function withoutBillingHeader<Block extends object>(blocks: readonly Block[]): Block[] {
  return blocks.filter((block) => {
    const text: unknown = Reflect.get(block, "text");
    return typeof text !== "string" || !text.startsWith(BEGINNING);
  });
}
