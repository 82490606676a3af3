import type { Mutant } from "./mutant.ts";
import type { TestFile } from "./suite.ts";

/** What is known of the files that noticed mutants before. */
export interface Experience {
  /** The file that noticed this very mutant last time. */
  lastKiller: string | undefined;
  /** How many mutants of the same kind each file noticed. */
  killsOfKind: ReadonlyMap<string, number>;
}

/** A file that takes longer is tried late, however many mutants it notices. */
const quick = 1000;

/** So many of the files that notice the most are tried before those that only name the table. */
const usualKillers = 5;

/**
 * The files in the order in which they are likely to notice a mutant soonest: the one that noticed it
 * last time, those that name it, those that notice its kind, those that name its table, the others;
 * quick ones first.
 */
export function orderFiles(
  files: readonly TestFile[],
  mutant: Mutant,
  { lastKiller, killsOfKind }: Experience,
): TestFile[] {
  const usual = files
    .filter(({ path, milliseconds }) => killsOfKind.has(path) && milliseconds < quick)
    .sort((a, b) => (killsOfKind.get(b.path) ?? 0) - (killsOfKind.get(a.path) ?? 0))
    .slice(0, usualKillers);
  const rank = (file: TestFile): number => {
    if (file.path === lastKiller) return 0;
    if (file.text.includes(mutant.object)) return 1;
    if (usual.includes(file)) return 2;
    return names(file.text, mutant.relation) ? 3 : 4;
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
