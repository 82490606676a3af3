import { CommandError } from "../../../common/command-error.ts";

/** A statement of a dump. The rows of a `COPY … FROM stdin` follow it. */
export interface DumpStatement {
  text: string;
  /** The rows, to be read before the next statement; null for other statements. */
  rows: AsyncGenerator<string> | null;
}

/** The lexical state at the end of a line. */
interface Place {
  /** The end of the open string, name or comment; null outside of any. */
  until: string | null;
  /** How many parentheses are open. */
  depth: number;
}

/** How much of a line belongs to the statement, and what ended it. */
interface Scan {
  at: number;
  why: "line" | "statement" | "command";
}

/**
 * Reads the statements of a plain dump, but no commands of psql, since some of those run programs.
 * The commands that pg_dump itself writes, `\restrict` and `\unrestrict`, are skipped.
 *
 * @throws {CommandError} on any other command of psql, and on an encoding other than UTF-8.
 */
export async function* readStatements(
  path: string,
  lines: AsyncGenerator<string>,
): AsyncGenerator<DumpStatement> {
  const place: Place = { until: null, depth: 0 };
  let number = 0;
  let text = "";
  for await (const line of counted(lines, (count) => number += count)) {
    if (/^\\(un)?restrict [A-Za-z0-9]+\r?$/.test(line) && text.trim() === "") continue;
    for (let rest = line;;) {
      const { at, why } = scan(rest, text, place);
      if (why === "command") throw psqlCommand(path, number);
      text += rest.slice(0, at);
      if (why === "line") {
        text += "\n";
        break;
      }
      const statement = text.trim();
      text = "";
      rest = rest.slice(at + 1);
      refuseEncoding(path, statement);
      if (statement === "") continue;
      if (!/^copy\s[^;]*\sfrom\s+stdin\b/i.test(statement)) {
        yield { text: statement, rows: null };
        continue;
      }
      const rows = rowsOf(counted(lines, (count) => number += count));
      yield { text: statement, rows };
      // Rows that the caller did not read must not be parsed as SQL.
      while ((await rows.next()).done !== true);
      break;
    }
  }
  if (text.trim() !== "") yield { text: text.trim(), rows: null };
}

/** Passes the lines on, so that ending this iterator early does not end the underlying one. */
async function* counted(
  lines: AsyncGenerator<string>,
  count: (lines: number) => void,
): AsyncGenerator<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) return;
    count(1);
    yield value;
  }
}

async function* rowsOf(lines: AsyncGenerator<string>): AsyncGenerator<string> {
  for await (const line of lines) {
    if (/^\\\.\r?$/.test(line)) return;
    yield line;
  }
}

/**
 * Tokens that open a string, name or comment in plain SQL, or end a statement. A `$` within a name
 * opens nothing.
 */
const marks =
  /(?<![\w$\u0080-\uffff])(?:[eE]'|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|--|\/\*|['"();\\]/g;

/** Scans a line of the statement that begins with `before`, and updates `place`. */
function scan(line: string, before: string, place: Place): Scan {
  let at = 0;
  while (at < line.length) {
    if (place.until !== null) {
      at = endOfOpen(line, at, place);
      continue;
    }
    marks.lastIndex = at;
    const mark = marks.exec(line);
    if (mark === null) break;
    const [found] = mark;
    at = mark.index + found.length;
    if (found === "--") return { at: mark.index, why: "line" };
    if (found === "\\") return { at: mark.index, why: "command" };
    if (found === "(") place.depth++;
    else if (found === ")") place.depth = Math.max(0, place.depth - 1);
    else if (found !== ";") {
      place.until = found === "/*" ? "*/" : found.toLowerCase();
    } else if (place.depth === 0 && !isInBody(before + line.slice(0, mark.index))) {
      return { at: mark.index, why: "statement" };
    }
  }
  return { at: line.length, why: "line" };
}

/**
 * The position after the end of the open string, name or comment, which closes it; the end of the
 * line if it is not closed there.
 */
function endOfOpen(line: string, from: number, place: Place): number {
  const rest = line.slice(from);
  const until = place.until ?? "";
  let length: number | undefined;
  if (until === "e'") length = /^(?:\\[\s\S]|''|[^'\\])*?'(?!')/.exec(rest)?.[0].length;
  else if (until === "*/") length = endOfComment(rest);
  else if (rest.includes(until)) length = rest.indexOf(until) + until.length;
  if (length === undefined) return line.length;
  place.until = null;
  return from + length;
}

/** Comments nest within a line; a comment of several lines ends at the first end mark. */
function endOfComment(rest: string): number | undefined {
  let depth = 1;
  for (const mark of rest.matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.index + 2;
  }
  return undefined;
}

/** Whether a semicolon lies within the body of a function in standard SQL. */
function isInBody(text: string): boolean {
  return /^\s*create\s+(or\s+replace\s+)?(function|procedure)\b[\s\S]*\bbegin\s+atomic\b/i
    .test(text) && !/\n\s*end\s*$/i.test(text);
}

function refuseEncoding(path: string, statement: string): void {
  const encoding = /^set\s+client_encoding\s*(?:=|to)\s*'?([\w-]+)/i.exec(statement)?.[1];
  if (encoding === undefined || /^utf-?8$/i.test(encoding)) return;
  throw new CommandError(
    `Cannot read "${path}": it is encoded in ${encoding}. Make it with "pg_dump --encoding=UTF8". Nothing was changed.`,
  );
}

function psqlCommand(path: string, line: number): CommandError {
  return new CommandError(
    `Cannot read "${path}": line ${line} has a command of psql, which begins with a backslash. Such commands can run programs and read files, so they are never run: remove the line, or make the dump with pg_dump. Nothing was changed.`,
  );
}
