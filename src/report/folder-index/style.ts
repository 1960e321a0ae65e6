/** What the index page has besides the style of reports. */
export const INDEX_STYLE = `
.index{display:block;max-width:1200px}
.index table{font-size:.95rem}
.index td{padding:10px 8px}
.index .when{white-space:nowrap;font-weight:400;color:var(--soft);font-variant-numeric:tabular-nums}
.index .what{overflow-wrap:anywhere;min-width:12em;max-width:26em}
.index .what a{font-weight:600;color:var(--link)}
.index .about{display:block;color:var(--soft);font-size:.86rem;overflow-wrap:anywhere}
.index ul{list-style:none;margin:0;padding:0;display:grid;gap:8px}
.index li{display:flex;gap:12px;justify-content:space-between;align-items:start}
.index .change{font-variant-numeric:tabular-nums;font-weight:600;margin-left:.3em}
.spark{flex:none;overflow:visible}
.spark path{fill:none}
.spark .zero{stroke:var(--firm);stroke-dasharray:2 3}
.spark .bars{stroke:var(--soft);stroke-width:2;opacity:.45}
.spark .line{stroke:var(--soft);stroke-width:1.5}
.spark circle{fill:var(--tone,var(--soft))}
@media (max-width:700px){.index table,.index tbody,.index tr,.index td{display:block}.index thead{display:none}
.index td{padding:4px 0;border:0;max-width:none!important}.index tr{padding:8px 0;border-bottom:1px solid var(--line)}
.index li{flex-wrap:wrap}}
`;
