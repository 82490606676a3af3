import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import { customInput } from "./conversation.ts";
import type { OutputItem, Unnumbered } from "./output_item.ts";
import { idOf } from "./ids.ts";
import type { ToolName, ToolNames } from "./tools.ts";

/** The item of a tool call. It is opened once the name of the tool is known. */
export interface CallItem {
  readonly callId: string;
  /**
   * Returns the events for a piece of the call.
   *
   * @param open Opens the item and returns the events that do so.
   */
  take(piece: ToolCallDelta, open: () => Unnumbered[]): Unnumbered[];
  /** Opens a call that was never named. */
  openLate(open: () => Unnumbered[]): Unnumbered[];
  /** The item at its index in the output. */
  at(index: number): OutputItem;
}

/**
 * Makes a call.
 *
 * @param number Index among the calls of the answer.
 * @param names The tools of the request.
 */
export function createCallItem(turnId: string, number: number, names: ToolNames): CallItem {
  let callId = "";
  let name = "";
  let text = "";
  let place = -1;
  let status = "in_progress";
  let isClosed = false;

  const tool = (): ToolName => names.get(name) ?? { name, namespace: null, isCustom: false };
  const id = () => idOf(tool().isCustom ? "ctc" : "fc", turnId, number);
  const kind = () => tool().isCustom ? "custom_tool_call_input" : "function_call_arguments";
  const about = () => ({ item_id: id(), output_index: place });

  function item() {
    const { name, namespace, isCustom } = tool();
    const fields = {
      id: id(),
      type: isCustom ? "custom_tool_call" : "function_call",
      status,
      call_id: callId || idOf("call", turnId, number),
      name,
      ...namespace !== null && { namespace },
    };
    if (isCustom) return { ...fields, input: isClosed ? customInput(text) : "" };
    // Without arguments, an empty object is sent, as strict clients parse the field.
    return { ...fields, arguments: isClosed ? text || "{}" : "" };
  }

  function delta(delta: string): Unnumbered[] {
    // The input of a custom tool is a JSON string within the arguments, which is complete only at
    // their end.
    if (delta === "" || tool().isCustom) return [];
    return [{ type: `response.${kind()}.delta`, ...about(), delta }];
  }

  function close(closed: string): Unnumbered[] {
    if (isClosed) return [];
    const isEmpty = text === "";
    [isClosed, status] = [true, closed];
    const done = { type: "response.output_item.done", output_index: place, item: item() };
    if (tool().isCustom) {
      const input = customInput(text);
      return [
        ...input ? [{ type: `response.${kind()}.delta`, ...about(), delta: input }] : [],
        { type: `response.${kind()}.done`, ...about(), input },
        done,
      ];
    }
    const [written, called] = [text || "{}", tool().name];
    return [
      ...isEmpty ? delta(written) : [],
      { type: `response.${kind()}.done`, ...about(), name: called, arguments: written },
      done,
    ];
  }

  return {
    get callId() {
      return callId;
    },
    take({ id, function: piece }, open) {
      callId ||= id ?? "";
      const hadName = name !== "";
      name ||= piece?.name ?? "";
      const more = piece?.arguments ?? "";
      text += more;
      if (name === "") return [];
      return hadName && place >= 0 ? delta(more) : [...open(), ...delta(text)];
    },
    openLate: (open) => place < 0 ? [...open(), ...delta(text)] : [],
    at(index) {
      place = index;
      return {
        index,
        get id() {
          return id();
        },
        close,
        item,
      };
    },
  };
}
