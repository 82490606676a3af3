declare global {
  interface ImportMeta {
    /** Vite fills this in. */
    env: Record<string, string | undefined>;
  }
}

/** Where the backend is; `npm start` prints these values. The model is optional. */
export const {
  VITE_API_URL = "",
  VITE_FUNCTIONS_URL = "",
  VITE_PUBLISHABLE_KEY = "",
  VITE_MODEL = "gpt-6-luna",
} = import.meta.env;
