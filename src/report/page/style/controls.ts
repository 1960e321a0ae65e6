/** What a reader uses: links to sections, the table of contents, buttons. */
export const CONTROLS = `
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:8px;top:-60px;z-index:3;background:var(--card);color:var(--ink);padding:8px 12px;
border:1px solid var(--firm);border-radius:8px}
.skip:focus{top:8px}
.anchor{margin-left:.4em;color:var(--soft);text-decoration:none;font-weight:400;opacity:0}
.anchor:hover,.anchor:focus-visible,h2:hover>.anchor,h3:hover>.anchor{opacity:1}
.contents details{margin:0 0 12px;background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:8px 14px}
.contents ul{list-style:none;margin:6px 0 0;padding:0;columns:2 150px;font-size:.92rem}
.contents li{break-inside:avoid}
.contents a{display:block;padding:4px 8px;border-left:3px solid transparent;text-decoration:none;color:var(--soft);
overflow-wrap:anywhere}
.contents a:hover{color:var(--ink);text-decoration:underline}
.contents a[aria-current]{color:var(--ink);border-left-color:var(--link);font-weight:600}
.contents .part{break-inside:auto;margin-top:8px}
.contents .part>a{font-weight:600}
.contents .part ul{columns:auto;margin:0 0 8px 11px;font-size:.95em;border-left:1px solid var(--line)}
.contents.live .part:not(:has([aria-current]))>ul{display:none}
@media (min-width:1100px){.page{grid-template-columns:210px minmax(0,1fr)}
.page:not(:has(>.contents)){grid-template-columns:minmax(0,1fr);max-width:1200px}
.contents details{position:sticky;top:20px;max-height:calc(100vh - 40px);overflow-y:auto;background:none;border:0;
padding:0}.contents ul{columns:auto}}
button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
th button{font-weight:600;text-align:inherit;border-radius:4px}
th button:hover{color:var(--ink);text-decoration:underline}
th[aria-sort] button{color:var(--ink)}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
.tools{display:flex;flex-wrap:wrap;gap:6px;margin-top:10px}
.tools button,.arms button{border:1px solid var(--line);border-radius:7px;padding:3px 10px;font-size:.85rem;
color:var(--soft);background:var(--card);white-space:nowrap}
.tools button:hover,.arms button:hover{border-color:var(--firm);color:var(--ink)}
.arms{position:sticky;top:0;z-index:2;display:flex;gap:6px;overflow-x:auto;margin:0 -4px;padding:10px 4px;
background:var(--ground)}
.arms button{padding:5px 14px;font-size:.92rem;max-width:280px;overflow:hidden;text-overflow:ellipsis;flex:none}
.arms button[aria-pressed=true]{background:var(--ink);color:var(--card);border-color:var(--ink)}
tr.chosen td{background:var(--chosen)}
canvas{cursor:crosshair}
`;
