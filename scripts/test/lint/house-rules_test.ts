import { deepEqual } from "node:assert/strict";
import houseRules from "./house-rules.ts";

function findings(source: string, file = "main.ts"): [string, string][] {
  return Deno.lint.runPlugin(houseRules, file, source)
    .map(({ id, message }) => [id.replace("house/", ""), message.split(".")[0] ?? ""]);
}

const body = (lines: number) => "{\n" + "  work();\n".repeat(lines - 2) + "}";

Deno.test("function-length reports functions of more than 60 lines, of every kind, but in tests", () => {
  const fine = `function a() ${body(60)}\nconst b = () => ${body(60)};\n`;
  deepEqual(findings(fine), []);
  const long = [
    `function a() ${body(61)}`,
    `const b = async () => ${body(61)};`,
    `const c = { d() ${body(62)} };`,
  ].join("\n");
  deepEqual(findings(long), [
    ["function-length", '"a" has 61 lines'],
    ["function-length", "A function has 61 lines"],
    ["function-length", "A function has 62 lines"],
  ]);
  deepEqual(findings(long, "main_test.ts"), []);
});

Deno.test("function-length counts a factory as its parts, up to 100 lines", () => {
  const factory = (first: number, second: number, between = "") =>
    `function create() {\n  let state = 0;\n  const a = () => ${body(first)};\n${between}` +
    `  return { a, b() ${body(second)} };\n}`;
  deepEqual(findings(factory(60, 37)), []);
  deepEqual(findings(factory(60, 38)), [["function-length", '"create" has 101 lines']]);
  deepEqual(findings(factory(61, 2)), [["function-length", "A function has 61 lines"]]);
  const call = "  work();\n";
  deepEqual(findings(factory(50, 20, call)), [["function-length", '"create" has 74 lines']]);
  const text = `function say() {\n  const a = () => ${body(30)};\n  const b = ${"(\n".repeat(30)}1${
    ")".repeat(30)
  };\n  return a() + b;\n}`;
  deepEqual(findings(text), [["function-length", '"say" has 64 lines']], "returns no function");
  const states = "  let one = 0;\n".repeat(58);
  deepEqual(findings(factory(20, 2, states)), [
    ["function-length", '"create" has 61 lines besides its functions'],
  ]);
});

Deno.test("argued-cast reports casts without a reason, and takes those with one", () => {
  const fine = [
    "const a = [1] as const;",
    "// SAFETY: it was parsed above.",
    "const b = value as string;",
    "// It is known: SAFETY: whole statements count.",
    "const c = call(",
    "  one,",
    "  value as string,",
    ");",
  ].join("\n");
  deepEqual(findings(fine), []);
  const bad = [
    "// a comment",
    "const a = value as string;",
    "",
    "const b = value as unknown as X;",
  ];
  deepEqual(findings(bad.join("\n")).map(([id]) => id), [
    "argued-cast",
    "argued-cast",
    "argued-cast",
  ]);
});

Deno.test("argued-cast reports a non-null assertion in what is shipped", () => {
  const source = "const a = found!;\n\n// SAFETY: it was set above.\nconst b = found!;";
  deepEqual(findings(source, "/functions/chat/a.ts").map(([id]) => id), ["argued-cast"]);
  deepEqual(findings(source, "/scripts/cli/a.ts"), []);
});

Deno.test("argued-ignore reports an exception of the linter that gives no reason", () => {
  const source = [
    "// deno-lint-ignore no-control-regex -- what a name may not hold",
    "const a = /x/;",
    "// deno-lint-ignore no-explicit-any",
    "const b: any = 1;",
  ];
  deepEqual(findings(source.join("\n")).map(([id]) => id), ["argued-ignore"]);
});
