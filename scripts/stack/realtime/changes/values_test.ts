import { deepEqual, equal, throws } from "node:assert/strict";
import { FilterRefused, readFilter } from "./filters.ts";
import { jsonValue } from "./json-values.ts";

const type = (name: string, element: string | null = null) => ({
  name,
  element: element === null ? null : { name: element, element: null },
});

Deno.test("values become the JSON of to_jsonb, and a number too precise for JavaScript stays a string", () => {
  const cases = [
    ["t", type("bool"), true],
    ["9007199254740993", type("int8"), "9007199254740993"],
    ["42", type("int8"), 42],
    ["0.1200000000", type("numeric"), 0.12],
    ["100", type("numeric"), 100],
    ["123456789.1234567891", type("numeric"), "123456789.1234567891"],
    ["NaN", type("numeric"), "NaN"],
    [`{"a": [1, null]}`, type("jsonb"), { a: [1, null] }],
    ["2026-11-30 10:00:00.5+00", type("timestamptz"), "2026-11-30T10:00:00.5+00:00"],
    ["2026-11-30 10:00:00", type("timestamp"), "2026-11-30T10:00:00"],
    ["{}", type("_text", "text"), []],
    [`{a,"b c","d\\"e",NULL,"NULL",""}`, type("_text", "text"), [
      "a",
      "b c",
      'd"e',
      null,
      "NULL",
      "",
    ]],
    ["{{1,2},{3,NULL}}", type("_int4", "int4"), [[1, 2], [3, null]]],
    ["\\x00ff", type("bytea"), "\\x00ff"],
    [null, type("text"), null],
  ] as const;
  for (const [text, of, value] of cases) deepEqual(jsonValue(text, of), value, text ?? "null");
});

Deno.test("filters are parsed as conditions, and invalid ones are refused", () => {
  const read = (filter: string) =>
    readFilter(filter).map(({ column, operator, isNegated, values }) =>
      `${column} ${isNegated ? "not " : ""}${operator} ${JSON.stringify(values)}`
    );
  deepEqual(read("id=eq.1"), [`id eq ["1"]`]);
  deepEqual(read("name=eq.a.b=c"), [`name eq ["a.b=c"]`]);
  deepEqual(read(`a=in.(x,"y,)",z),b=not.lt.5`), [`a in ["x","y,)","z"]`, `b not lt ["5"]`]);
  deepEqual(read(`a=eq."x\\"y"`), [`a eq ["x\\"y"]`]);
  deepEqual(read("a=is.null,b=like.%c%"), [`a is ["null"]`, `b like ["%c%"]`]);
  for (const filter of ["a", "a=b", "a=eq", "a=is.maybe", "a=in.1,2", "a=toString.1", "=eq.1"]) {
    throws(() => readFilter(filter), FilterRefused, filter);
  }
  const list = (count: number) => `a=in.(${Array.from({ length: count }, (_, n) => n).join()})`;
  equal(readFilter(list(100))[0]?.values.length, 100);
  throws(() => readFilter(list(101)), FilterRefused);
});
