/** The script that shows a widget in a page. */
export const embedScript = "";
