import { CommandError } from "../../common/command-error.ts";

const end = "<!-- end of numbers -->";

/**
 * Replaces the results on the page, between the two marks of its command.
 *
 * @param command The benchmark: "chat" for `npm run bench:chat`.
 * @throws {CommandError} when the page has lost its marks.
 */
export function withNumbers(page: string, command: string, numbers: string): string {
  const begin = `<!-- numbers: written by npm run bench:${command} -- --write -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < from) {
    throw new CommandError(
      `Cannot write the numbers: the page has no lines "${begin}" and "${end}". Put them back.`,
    );
  }
  return `${page.slice(0, from + begin.length)}\n\n${numbers.trim()}\n\n${page.slice(to)}`;
}
