/** Markup that is put into a page unescaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template may contain: text, which is escaped, and markup. */
type Part = string | number | Html | readonly Html[];

/**
 * Template tag: markup as it is written, everything put into it escaped, so that a name can never
 * become markup.
 */
export function html(markup: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(
    markup.reduce((text, piece, index) => text + written(parts[index - 1] ?? "") + piece),
  );
}

function written(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return escapeHtml(String(part));
}

/**
 * Text as the content of an element or of a quoted attribute. Direction marks and control
 * characters are removed.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[\p{Cs}\u202a-\u202e\u2066-\u2069]|(?![\t\n])\p{Cc}/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
