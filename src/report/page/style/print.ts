/** On paper: white ground, all that is folded open, tables as wide as the page, no half-empty pages. */
export const PRINT = `
@page{margin:13mm 12mm}
@media print{:root{--ground:#fff}
body{font-size:10.5pt;background:#fff}
.page{display:block;max-width:none;padding:0}
.contents,.skip,.arms,.tools,.anchor,.numbers>summary,.numbers.repeated{display:none}
.card,.verdict,.verdicts li{border-radius:0;padding:0;border:0;border-top:1px solid var(--line);padding-top:8pt}
.verdict{border-top:0;border-left:6px solid var(--tone);padding:4pt 10pt}
.warning{border:1px solid var(--open);background:none}
section,details{margin:10pt 0}
details::details-content{content-visibility:visible;block-size:auto;opacity:1}
h2,h3,figcaption,summary,.claim{break-after:avoid}
summary{list-style:none}
summary::-webkit-details-marker{display:none}
.chart,tr,figcaption,.verdict,.warning{break-inside:avoid}
p,li{orphans:2;widows:2}
.note{break-before:avoid}
.pair{display:block}.pair>figure{display:block;margin-bottom:12pt}.shared{margin-left:0}
/* A page has room for two charts with their headings and numbers. */
.chart canvas,.chart img{width:auto!important;height:auto!important;max-width:120mm;max-height:78mm;margin:0 auto}
.scroll{overflow:visible;background:none}
table{font-size:7.8pt}
.note,.notes,figcaption{font-size:9.5pt}.numbers{font-size:9pt}
th,td{padding:2.5pt 4pt}
td,td.left,td.right,td:first-child{min-width:0;white-space:normal;overflow-wrap:break-word}
table:not(:has(th:nth-child(10))) td.right{white-space:nowrap}
thead{display:table-header-group}
.claim,h1.claim{font-size:16pt}.figures{font-size:11.5pt}
a{text-decoration:none}}
`;
