import type { ListFormat } from "../price-list.ts";
import { genaiPrices } from "./genai-prices.ts";
import { litellm } from "./litellm.ts";
import { modelsDev } from "./models-dev.ts";
import { openrouter } from "./openrouter.ts";

/** The public lists that can be read. */
export const formats: readonly ListFormat[] = [genaiPrices, litellm, modelsDev, openrouter];
