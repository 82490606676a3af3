import { deepEqual } from "node:assert/strict";
import { lastBlock } from "./growing.ts";

Deno.test("an answer that grows is settled up to its last block", () => {
  const settled: [text: string, before: string][] = [
    ["", ""],
    ["one", ""],
    ["one\n", ""],
    ["one\n\n", "one\n\n"],
    ["one\n\ntwo\nthree", "one\n\n"],
    ["- a\n- b\n\n| a |\n| - |\n", "- a\n- b\n\n"],
    ["one\r\n\r\ntwo", "one\r\n\r\n"],
    ["```\na\n\nb", ""],
    ["one\n\n```js\na\n\nb\n", "one\n\n"],
    ["one\n\n```js\na\n\n```\ntwo", "one\n\n"],
    ["one\n\n```js\na\n\n```\n\ntwo", "one\n\n```js\na\n\n```\n\n"],
    ["~~~\n```\n\n~~~\n\nend", "~~~\n```\n\n~~~\n\n"],
    ["````\n```\n\n````\n\nend", "````\n```\n\n````\n\n"],
    ["    ```\n\nend", "    ```\n\n"],
  ];
  for (const [text, before] of settled) {
    deepEqual(text.slice(0, lastBlock(text)), before, text);
    // The result does not depend on the prefix at which the search continues.
    for (let end = 0; end <= text.length; end++) {
      const from = lastBlock(text.slice(0, end));
      deepEqual(text.slice(0, lastBlock(text, from)), before, `${text} after ${end}`);
    }
  }
});
