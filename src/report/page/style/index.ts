import { PALETTES } from '../../charts/palette.js';
import { CONTROLS } from './controls.js';
import { PRINT } from './print.js';

/** A verdict has one colour in words and charts: `--faster:#167a3f;--slower:#b3261e`. */
const tonesOf = (theme: keyof typeof PALETTES): string =>
  Object.entries(PALETTES[theme].tones)
    .map(([tone, colour]) => `--${tone}:${colour}`)
    .join(';');

/** The look of text, cards and tables: light and dark, one column on narrow screens; refers to no file. */
const GROUND = `
:root{--ground:#f3f4f6;--card:#ffffff;--ink:#20242c;--soft:#565d6a;--line:#e1e4e9;--firm:#8a919e;
${tonesOf('light')};--warn:#fff4dc;--chosen:#e8f0fd;--link:#1f5fbf;
--shadow:rgba(32,36,44,.22)}
@media screen and (prefers-color-scheme:dark){:root{--ground:#12151a;--card:#1b1f27;--ink:#e8eaee;--soft:#a9b0bd;
--line:#323844;--firm:#7d8695;${tonesOf('dark')};--warn:#3a2f14;--chosen:#22324d;--link:#8ab4f8;
--shadow:rgba(0,0,0,.6)}}
*{box-sizing:border-box}
html{scroll-padding-top:64px}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Carlito,
sans-serif;-webkit-text-size-adjust:100%}
.page{max-width:1440px;margin:0 auto;padding:20px 20px 40px;display:grid;grid-template-columns:minmax(0,1fr);gap:0 28px}
main{min-width:0;outline:none}
h1{font-size:1.7rem;margin:.2em 0 .5em}
h2.run{font-size:1.5rem;margin:1.6em 0 .6em;border-top:3px solid var(--line);padding-top:.8em}
.card h2,.card h3{font-size:1.15rem;margin:0 0 .6em}
summary h2,summary h3{display:inline}
section,details{margin:16px 0}
a{color:inherit}
code{display:inline-block;max-width:100%;font-size:.92em;overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:4px 20px;align-items:start}
.pair>figure{display:grid;grid-template-rows:subgrid;grid-row:span 3;margin-bottom:16px}
.pair>figure>*{min-width:0}.pair>figure>figcaption{align-self:end}
.pair>figure:first-child:nth-last-child(odd){grid-column:1/-1}
.verdict{background:var(--card);border:1px solid var(--line);border-left:8px solid var(--tone);border-radius:10px;
padding:14px 18px;margin:0 0 12px}
.verdict p,.verdict .claim{margin:0}
.claim,h1.claim{text-wrap:pretty;font-size:1.45rem;font-weight:700;line-height:1.25;overflow-wrap:anywhere}
.figures{font-size:1.15rem;font-variant-numeric:tabular-nums}
.verdict .figures{margin-top:8px}
.because,.identity,.note,.notes,footer{color:var(--soft)}
.verdict .because,.verdict .next{margin-top:6px}.next{font-weight:600}
.shared{margin:0 0 6px 26px}
.identity,.remark,.warning{overflow-wrap:anywhere}
.remark{margin:6px 0 0}
.faster{--tone:var(--faster)}.slower{--tone:var(--slower)}.invalid{--tone:var(--invalid)}
.equivalent{--tone:var(--equal)}.inconclusive,
.described{--tone:var(--open)}.functional{--tone:var(--soft)}
.badge{display:inline-block;border:2px solid var(--tone);color:var(--tone);border-radius:6px;padding:0 .45em;
font-size:.7em;font-weight:700;letter-spacing:.04em;text-transform:uppercase;vertical-align:.12em;white-space:nowrap}
.verdicts{list-style:none;margin:0;padding:0;display:grid;gap:8px}
.verdicts li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px;
overflow-wrap:anywhere;min-width:0}
.verdicts .badge{font-size:.8em}
.verdicts .figures{font-size:1rem;display:block;color:var(--soft);margin-top:2px}
.warning{background:var(--warn);border-radius:8px;padding:8px 14px;margin:8px 0}
figure{margin:0;min-width:0}
figcaption{margin:0 0 8px;font-size:1.02rem;overflow-wrap:anywhere}
.chart img,.chart canvas{display:block;max-width:100%;border-radius:6px}
.chart img{width:100%;height:auto;max-width:824px}
.numbers{margin:8px 0 0;font-size:.95rem}
.numbers .scroll{margin-top:6px}
.scroll{overflow-x:auto;background:linear-gradient(90deg,var(--card) 30%,transparent) 0/40px 100%,
linear-gradient(270deg,var(--card) 30%,transparent) 100%/40px 100%,
linear-gradient(90deg,var(--shadow),transparent) 0/12px 100%,
linear-gradient(270deg,var(--shadow),transparent) 100%/12px 100%;
background-repeat:no-repeat;background-attachment:local,local,scroll,scroll}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{padding:6px 8px;border-bottom:1px solid var(--line);vertical-align:top;text-align:left}
th{color:var(--soft);font-weight:600;vertical-align:bottom}
td.right,th.right{text-align:right}
td.right{white-space:nowrap;font-variant-numeric:tabular-nums}
td.left{min-width:5em;overflow-wrap:break-word}
td.left:last-child{min-width:8.5em}
td:first-child{min-width:8em;font-weight:600}
tbody tr:last-child td{border-bottom:0}
.note{margin:.7em 0 0;font-size:.9rem}
.notes{margin:.7em 0 0;padding-left:1.2em;font-size:.9rem}
summary{cursor:pointer;font-weight:600}
.numbers>summary{font-weight:400;color:var(--soft);width:fit-content}
details.card[open]>summary{margin-bottom:.7em}
footer{font-size:.85rem;margin-top:24px}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:560px){td:first-child{overflow-wrap:anywhere}
.scroll th:first-child,.scroll tr:not(.chosen) td:first-child{background:var(--card)}
.scroll th:first-child,.scroll td:first-child{position:sticky;left:0}
.page{padding:12px 8px 32px}.card,.verdict{padding:12px 10px}.claim,h1.claim{font-size:1.25rem}
.figures{font-size:1rem}}
`;

/** The page's style sheet. */
export const STYLE = `${GROUND}${CONTROLS}${PRINT}`;
