/// <reference lib="dom" />
import type { Thought } from "./executions.ts";

/** Distances in the picture, in pixels. */
const size = { column: 230, row: 44, width: 200, height: 34 };

/** Characters of a thought that its node shows; the rest is in its title. */
const shown = 26;

function make<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
  ...children: (Node | string)[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** Draws the nodes as a tree that grows to the right, a row each, in the order in which they come. */
export function drawTree(svg: SVGSVGElement, nodes: readonly Thought[]): void {
  const placed = new Map(
    nodes.map((node, row) => [node.node_id, {
      node,
      x: (node.level - 1) * size.column + 1,
      y: row * size.row + 1,
    }]),
  );
  const edges: SVGElement[] = [];
  const boxes: SVGElement[] = [];
  for (const { node, x, y } of placed.values()) {
    const parent = placed.get(node.parent_node_id ?? "");
    if (parent !== undefined) {
      const [startX, startY] = [parent.x + size.width / 2, parent.y + size.height];
      const middle = y + size.height / 2;
      edges.push(make("path", { class: "edge", d: `M${startX},${startY}V${middle}H${x}` }));
    }
    boxes.push(drawNode(node, x, y));
  }
  const columns = Math.max(0, ...nodes.map(({ level }) => level));
  svg.setAttribute("width", String(columns * size.column));
  svg.setAttribute("height", String(nodes.length * size.row));
  svg.replaceChildren(...edges, ...boxes);
}

/** What a turn of chat was answered by, and what it cost; empty for other nodes. */
function describeTurn({ turn }: Thought): string {
  if (!turn) return "";
  const cost = turn.total_cost === null ? "" : `, $${Number(turn.total_cost).toPrecision(2)}`;
  return `${turn.model_name}, ${turn.input_tokens + turn.output_tokens} tokens${cost}`;
}

function drawNode(node: Thought, x: number, y: number): SVGElement {
  const turn = describeTurn(node);
  const text = turn || node.content.replaceAll(/\s+/g, " ");
  const label = text.length > shown ? `${text.slice(0, shown - 1)}…` : text;
  return make(
    "g",
    {
      class: `node ${node.node_type}${node.is_orphan ? " orphan" : ""}`,
      "data-node": node.node_id,
      transform: `translate(${x},${y})`,
    },
    make("title", {}, `${node.node_id} (${node.node_type})\n${node.content}\n${turn}`.trim()),
    make("rect", { width: size.width, height: size.height, rx: 6 }),
    make("text", { x: 10, y: 22 }, label),
  );
}
