import type { Mutant } from "./mutant.ts";
import type { TestFile } from "./suite.ts";

/**
 * The files in the order in which they are likely to notice a mutant soonest: the one that noticed it
 * last time, those that name it, those that name its table, the others; quick ones first.
 */
export function orderFiles(
  files: readonly TestFile[],
  mutant: Mutant,
  lastKiller: string | undefined,
): TestFile[] {
  const rank = ({ path, text }: TestFile): number => {
    if (path === lastKiller) return 0;
    if (text.includes(mutant.object)) return 1;
    return names(text, mutant.relation) ? 2 : 3;
  };
  return files
    .map((file) => ({ file, rank: rank(file) }))
    .sort((a, b) => a.rank - b.rank || a.file.milliseconds - b.file.milliseconds)
    .map(({ file }) => file);
}

/** Whether a text has the name as a word of its own. */
function names(text: string, name: string): boolean {
  return new RegExp(`\\b${RegExp.escape(name)}\\b`).test(text);
}
