/** The page's style sheet: light and dark, one column on narrow screens; refers to no file. */
export const STYLE = `
:root{--ground:#f3f4f6;--card:#ffffff;--ink:#20242c;--soft:#5c6370;--line:#e1e4e9;--faster:#167a3f;--slower:#b3261e;
--equal:#1f5fbf;--open:#8a5a00;--warn:#fff4dc}
@media (prefers-color-scheme:dark){:root{--ground:#12151a;--card:#1b1f27;--ink:#e8eaee;--soft:#a4abb8;
--line:#323844;--faster:#5bd08b;--slower:#ff8a80;--equal:#8ab4f8;--open:#f2c063;--warn:#3a2f14}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Carlito,
sans-serif}
main{max-width:1240px;margin:0 auto;padding:20px 16px 40px}
h1{font-size:1.7rem;margin:.2em 0 .5em}
h1.run{margin-top:1.6em;border-top:3px solid var(--line);padding-top:.8em}
h2{font-size:1.15rem;margin:0 0 .6em}
section,details{margin:16px 0}
a{color:inherit}
code{display:inline-block;max-width:100%;font-size:.92em;overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:16px;align-items:start}
.pair>.card{min-width:0;padding:10px}
.verdict{background:var(--card);border:1px solid var(--line);border-left:8px solid var(--tone);border-radius:10px;
padding:14px 18px;margin:0 0 12px}
.verdict p{margin:0}
.claim{font-size:1.6rem;font-weight:700;line-height:1.25}
.figures{font-size:1.15rem;font-variant-numeric:tabular-nums;margin-top:6px}
.verdict .figures{margin-top:8px}
.because,.identity,.note,.notes,footer{color:var(--soft)}
.because{margin-top:6px!important}
.remark{margin:6px 0 0}
.faster{--tone:var(--faster)}.slower,.invalid{--tone:var(--slower)}.equivalent{--tone:var(--equal)}.inconclusive,
.described{--tone:var(--open)}.functional{--tone:var(--soft)}
.badge{display:inline-block;border:2px solid var(--tone);color:var(--tone);border-radius:6px;padding:0 .45em;
font-size:.7em;font-weight:700;letter-spacing:.04em;text-transform:uppercase;vertical-align:.12em;white-space:nowrap}
.verdicts{list-style:none;margin:0;padding:0;display:grid;gap:8px}
.verdicts li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}
.verdicts .badge{font-size:.8em}
.verdicts .figures{font-size:1rem;display:block;color:var(--soft);margin-top:2px}
.warning{background:var(--warn);border-radius:8px;padding:8px 14px;margin:8px 0}
figure{margin:0;min-width:0}
figure img,figure canvas{display:block;width:100%;height:auto;border-radius:6px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{padding:6px 8px;border-bottom:1px solid var(--line);vertical-align:top;text-align:left}
th{color:var(--soft);font-weight:600;vertical-align:bottom}
td.right,th.right{text-align:right}
td.right{white-space:nowrap;font-variant-numeric:tabular-nums}
td.left{min-width:5em;overflow-wrap:break-word}
td:first-child{min-width:5.5em;font-weight:600}
.note{margin:.7em 0 0;font-size:.9rem}
.notes{margin:.7em 0 0;padding-left:1.2em;font-size:.9rem}
summary{cursor:pointer;font-weight:600}
details[open] summary{margin-bottom:.7em}
footer{font-size:.85rem;margin-top:24px}
@media (max-width:560px){main{padding:12px 8px 32px}.card{padding:12px 10px}.claim{font-size:1.25rem}
.figures{font-size:1rem}}
@media print{.card,.verdict{break-inside:avoid}}
`;
