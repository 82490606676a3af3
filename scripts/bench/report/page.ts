import { StackError } from "../../stack/stack-error.ts";

const begin = "<!-- numbers: written by npm run bench:chat -- --write -->";
const end = "<!-- end of numbers -->";

/**
 * Puts the numbers of a run into the page, between its two marks.
 *
 * @throws {StackError} when the page has lost its marks.
 */
export function withNumbers(page: string, numbers: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new StackError(
      `Cannot write the numbers: the page has no lines "${begin}" and "${end}". Put them back.`,
    );
  }
  return `${page.slice(0, from + begin.length)}\n\n${numbers.trim()}\n\n${page.slice(to)}`;
}
