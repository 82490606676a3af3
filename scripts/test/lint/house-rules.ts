/**
 * House rules of the TypeScript code as a plugin of `deno lint`, which deno.json names.
 *
 * They hold for what is shipped and for the scripts; in tests a case may be as long as it is.
 */
const MOST_LINES = 60;

/** Of a factory, the functions in it included. */
const MOST_FACTORY_LINES = 100;

const isTest = (file: string) => /_test\.ts$|\/tests\//.test(file);

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

/**
 * Reports a function of more lines than fit on a screen, those of functions within it included.
 *
 * A factory is read function by function, like a class: each of them, and the rest, must fit on a
 * screen. One with too many lines altogether has more than one purpose.
 */
function functionLength(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (isTest(context.filename)) return {};
  const linesOf = (node: FunctionNode) =>
    context.sourceCode.text.slice(...node.range).split("\n").length;
  function check(node: FunctionNode): void {
    const parts = partsOf(node);
    const lines = linesOf(node);
    const own = parts.reduce((left, part) => left - linesOf(part), lines);
    const most = parts.length > 0 ? MOST_FACTORY_LINES : MOST_LINES;
    if (lines <= most && own <= MOST_LINES) return;
    const name = "id" in node && node.id ? `"${node.id.name}"` : "A function";
    const message = lines > most
      ? `${name} has ${lines} lines. Split it at ${most}.`
      : `${name} has ${own} lines besides its functions. Split it at ${MOST_LINES}.`;
    context.report({ node: "id" in node && node.id ? node.id : node, message });
  }
  return {
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
  };
}

/**
 * The functions of a factory, which does nothing but declare a state and functions, and return a function
 * or an object that has some; none for any other function.
 */
function partsOf({ body }: FunctionNode): FunctionNode[] {
  if (body?.type !== "BlockStatement") return [];
  const last = body.body.at(-1);
  if (last?.type !== "ReturnStatement") return [];
  const returned = last.argument;
  const values: unknown[] = [];
  if (isFunction(returned)) values.push(returned);
  else if (returned?.type !== "ObjectExpression") return [];
  else values.push(...returned.properties.map((one) => one.type === "Property" ? one.value : null));
  for (const statement of body.body.slice(0, -1)) {
    if (statement.type === "FunctionDeclaration") values.push(statement);
    else if (statement.type !== "VariableDeclaration") return [];
    else values.push(...statement.declarations.map(({ init }) => init));
  }
  return values.filter(isFunction);
}

function isFunction(value: unknown): value is FunctionNode {
  const { type } = Object(value);
  return type === "FunctionDeclaration" || type === "FunctionExpression" ||
    type === "ArrowFunctionExpression";
}

/**
 * Reports `as`, and in what is shipped also `!`, without a comment above it that begins with "SAFETY:";
 * `as const` needs none.
 */
function arguedCast(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (isTest(context.filename)) return {};
  const text = context.sourceCode.text;
  const lines = text.split("\n");
  function check(node: Deno.lint.TSAsExpression | Deno.lint.TSNonNullExpression): void {
    if (/\bas\s+const$/.test(text.slice(...node.range))) return;
    // The comment stands above the statement, which may begin some lines earlier.
    let line = text.slice(0, node.range[0]).split("\n").length - 1;
    while (line > 0 && !/^\s*\/\//.test(lines[line] ?? "") && lines[line]?.trim() !== "") line--;
    let comment = "";
    for (; /^\s*\/\//.test(lines[line] ?? ""); line--) comment = lines[line] + comment;
    if (comment.includes("SAFETY:")) return;
    context.report({
      node,
      message: "A cast says why it holds. Parse the value, or write a comment // SAFETY: … above.",
    });
  }
  const isShipped = /\/functions\//.test(context.filename);
  return { TSAsExpression: check, ...isShipped && { TSNonNullExpression: check } };
}

/** Reports a comment that switches a rule of the linter off and gives no reason after " -- ". */
function arguedIgnore(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  return {
    Program(node) {
      for (const comment of context.sourceCode.getAllComments()) {
        if (!/^\s*deno-lint-ignore\b/.test(comment.value)) continue;
        if (/ -- \S/.test(comment.value)) continue;
        context.report({
          node,
          range: comment.range,
          message: "An exception says why it is one: // deno-lint-ignore <rule> -- <reason>",
        });
      }
    },
  };
}

export default {
  name: "house",
  rules: {
    "function-length": { create: functionLength },
    "argued-cast": { create: arguedCast },
    "argued-ignore": { create: arguedIgnore },
  },
} satisfies Deno.lint.Plugin;
