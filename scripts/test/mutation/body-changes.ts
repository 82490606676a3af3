/** A body of a function that decides in another way. */
export interface BodyChange {
  /** What is changed, with its line in the body: "line 3: < is <=". */
  what: string;
  body: string;
}

/** Comparisons, and what takes their place: the other side of a boundary, or the opposite. */
const OPPOSITES: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "=": "<>",
  "<>": "=",
};

/**
 * The bodies that a body in SQL or PL/pgSQL could be by one mistake: a condition that is inverted, a
 * refusal that is left out, a comparison that is off by one or the opposite. Some are not valid: an
 * `=` that assigns cannot become `<>`.
 */
export function changesOf(body: string): BodyChange[] {
  const code = withoutTexts(body);
  return [...conditions(code), ...refusals(code), ...comparisons(code)]
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, text, what }) => ({
      what: `line ${body.slice(0, start).trimStart().split("\n").length}: ${what}`,
      body: body.slice(0, start) + text(body.slice(start, end)) + body.slice(end),
    }));
}

interface Place {
  start: number;
  end: number;
  what: string;
  text: (original: string) => string;
}

function conditions(code: string): Place[] {
  return [...code.matchAll(/(?<=\b(?:els)?if\s)[^;]*?(?=\sthen\b)/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    what: "its condition is inverted",
    text: (original) => `not coalesce((${original}), false)`,
  }));
}

function refusals(code: string): Place[] {
  return [...code.matchAll(/perform private\.refuse\w*\([^;]*;|raise exception[^;]*;/g)]
    .map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      what: "it does not refuse",
      text: () => "null;",
    }));
}

function comparisons(code: string): Place[] {
  return [...code.matchAll(/(?<=\s)(?:<>|<=|>=|<|>|=)(?=\s)/g)].map((match) => {
    const opposite = OPPOSITES[match[0]] ?? "";
    return {
      start: match.index,
      end: match.index + match[0].length,
      what: `${match[0]} is ${opposite}`,
      text: () => opposite,
    };
  });
}

/** A body with blanks for its comments and the contents of its strings. */
function withoutTexts(body: string): string {
  return body.replaceAll(/--[^\n]*|'(?:[^']|'')*'/g, (text) => " ".repeat(text.length));
}
