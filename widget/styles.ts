/** The styles, as a constructed sheet, which a page's content security policy does not block. */
export const STYLES = `
:host{all:initial;--bg:#fff;--fg:#1b1b1f;--soft:#eef0f4;--line:#767a85;--link:#0b57d0;--bad:#b3261e;color-scheme:light}
:host([data-scheme=dark]){--bg:#1b1b1f;--fg:#f1f1f4;--soft:#2d2e35;--line:#9a9da8;--link:#a8c7fa;--bad:#ffb4ab;color-scheme:dark}
@media(prefers-color-scheme:dark){:host([data-scheme=auto]){--bg:#1b1b1f;--fg:#f1f1f4;--soft:#2d2e35;--line:#9a9da8;--link:#a8c7fa;--bad:#ffb4ab;color-scheme:dark}}
*{box-sizing:border-box}
[hidden]{display:none!important}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.box{font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--fg);text-align:start}
button{font:inherit;color:inherit;cursor:pointer;border:0;background:none;border-radius:10px;min-width:44px;min-height:44px;padding:4px 12px}
button:disabled{cursor:default;opacity:.6}
svg{width:22px;height:22px;display:block;margin:auto;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.launcher,.panel{position:fixed;bottom:max(20px,env(safe-area-inset-bottom));z-index:2147483000}
.right{inset-inline-end:20px}
.left{inset-inline-start:20px}
.launcher{width:56px;height:56px;padding:0;border-radius:50%;background:var(--accent);color:var(--on-accent);border:2px solid var(--bg);box-shadow:0 3px 14px #0005}
.launcher svg{width:26px;height:26px}
.panel{display:flex;flex-direction:column;width:min(400px,calc(100vw - 40px));height:min(640px,calc(100dvh - 40px));background:var(--bg);border:1px solid var(--line);border-radius:16px;box-shadow:0 8px 40px #0004;overflow:hidden}
header{display:flex;align-items:center;gap:4px;padding:6px 6px 6px 16px;border-bottom:1px solid var(--line)}
h2{flex:1;min-width:0;margin:0;font-size:17px;font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:14px 16px;display:flex;flex-direction:column;gap:10px}
.log>*{max-width:88%;overflow-wrap:anywhere}
.assistant,.greeting{align-self:flex-start;background:var(--soft);padding:8px 14px;border-radius:14px}
.suggestion{align-self:flex-end;text-align:start;border:1px solid var(--line)}
.user{align-self:flex-end;background:var(--accent);color:var(--on-accent);padding:8px 14px;border-radius:14px;white-space:pre-wrap}
.note{align-self:center;font-size:14px;text-align:center}
.note.bad{color:var(--bad)}
.note button{text-decoration:underline;padding:4px 8px}
p,ul,ol,pre,blockquote,.table{margin:0 0 8px}
.assistant>:last-child,.greeting>:last-child,.consent p:last-of-type{margin-bottom:0}
ul,ol{padding-inline-start:22px}
li>ul,li>ol{margin:0}
p,li,th,td,.user{unicode-bidi:plaintext;text-align:start}
pre,.table{overflow-x:auto}
.table{overflow-wrap:normal}
pre{padding:8px;border:1px solid var(--line);border-radius:8px;direction:ltr;text-align:left}
code{font:14px/1.5 ui-monospace,monospace}
blockquote{border-inline-start:3px solid var(--line);padding-inline-start:10px;margin-inline:0}
th,td{border:1px solid var(--line);padding:2px 8px;vertical-align:top}
table{border-collapse:collapse}
hr{border:0;border-top:1px solid var(--line)}
a{color:var(--link);text-decoration:underline}
.consent,.confirm{padding:10px 16px;border-top:1px solid var(--line);font-size:15px}
.consent p{white-space:pre-line;margin-bottom:8px}
.primary{background:var(--accent);color:var(--on-accent)}
form{display:flex;align-items:flex-end;gap:8px;padding:10px 12px;border-top:1px solid var(--line)}
label{flex:1;min-width:0}
textarea{display:block;width:100%;min-height:44px;max-height:140px;resize:none;field-sizing:content;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:10px;padding:9px 12px}
textarea::placeholder{color:inherit;opacity:.75}
footer{padding:0 16px 10px;font-size:13px}
@media(max-width:480px),(max-height:480px){.panel{inset:0;width:100%;height:100dvh;border:0;border-radius:0}}
@media(forced-colors:active){.launcher,.user,.assistant,.greeting,.primary{border:1px solid}}
`;

/** The text color, black or white, that is readable on a color given as #rrggbb. */
export function readableOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // The luminance with equal contrast to black and white.
  return luminance > 0.179 ? "#000" : "#fff";
}
