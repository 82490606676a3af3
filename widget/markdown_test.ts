import { deepEqual, equal } from "node:assert/strict";
import { lastBlock } from "./growing.ts";
import { renderMarkdown } from "./markdown.ts";

/** The part of a document that rendering requires, which can be serialized as text. */
class Part {
  readonly children: (Part | string)[] = [];
  constructor(readonly tag: string) {}
  append(...children: (Part | string)[]): void {
    this.children.push(...children);
  }
  setAttribute(): void {}
  toString(): string {
    const inside = this.children.join("");
    return this.tag === "" ? inside : `<${this.tag}>${inside}</${this.tag}>`;
  }
}

function withDocument<Result>(work: () => Result): Result {
  Reflect.set(globalThis, "document", {
    createElement: (tag: string) => new Part(tag),
    createDocumentFragment: () => new Part(""),
    createTextNode: String,
  });
  try {
    return work();
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
}

const html = (text: string) => String(renderMarkdown(text));

Deno.test("code in a list belongs to its item, also where it has empty lines", () => {
  const rendered: Record<string, string> = {
    "- one\n  ```js\n  a\n\n    b\n  ```\n- two\n\nend":
      "<ul><li>one<pre><code>a\n\n  b</code></pre></li><li>two</li></ul><p>end</p>",
    "1. ```\n   a\n\n   - b\n   ```\n2. two":
      "<ol><li><pre><code>a\n\n- b</code></pre></li><li>two</li></ol>",
    "- one\n  ```\n  a\n\n  b": "<ul><li>one<pre><code>a\n\nb</code></pre></li></ul>",
    "- one\n  - two\n  text": "<ul><li>one<ul><li>two text</li></ul></li></ul>",
    "- one\n  text": "<ul><li>one text</li></ul>",
  };
  withDocument(() => {
    for (const [text, expected] of Object.entries(rendered)) equal(html(text), expected, text);
  });
});

Deno.test("an answer looks the same while it grows and after it is loaded again", () => {
  const texts = [
    "one\n\ntwo\nthree\n\n- a\n- b\n\n1. x\n\n2. y\n\nend",
    "- one\n  ```js\n  a\n\n  b\n  ```\n- two\n\nend\n\n```\nc\n\nd\n```\n\nend",
    "- ```\n  a\n\n  b\n  ```\n\nend",
    "- one\n    ```\n    a\n\n    b\n    ```\n\nend",
    "> quote\n> ```\n> a\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n~~~\n```\n\n~~~\n\nend",
    "- open\n  ```\n  a\n\n  b\n\nnever closed",
  ];
  withDocument(() => {
    for (const text of texts) {
      let settled = 0;
      const blocks: string[] = [];
      for (let end = 1; end <= text.length; end++) {
        const start = lastBlock(text.slice(0, end), settled);
        blocks.push(html(text.slice(settled, start)));
        settled = start;
        const shown = blocks.join("") + html(text.slice(settled, end));
        deepEqual([end, shown], [end, html(text.slice(0, end))]);
      }
    }
  });
});
