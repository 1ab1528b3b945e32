/**
 * The style of the status page.
 *
 * Invariant: loads nothing. Meaning is never told by colour alone: states have a sign and a word,
 * lines a pattern and a legend.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --text: #1b1f24; --faint: #59636e; --rule: #d8dee4;
  --accent: #0969da; --second: #8250df; --good: #1a7f37; --caution: #8a5a00; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --card: #161b22; --text: #e6edf3; --faint: #9da7b3; --rule: #30363d;
    --accent: #58a6ff; --second: #bc8cff; --good: #56d364; --caution: #e3b341; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { margin: 0; font-size: 1.5rem; }
h1 small { color: var(--faint); font-size: .9rem; font-weight: normal; }
h2 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
header p, .note { margin: .3rem 0; color: var(--faint); }
a { color: var(--accent); }
section {
  margin: 1rem 0; padding: 1rem 1.2rem; background: var(--card); border: 1px solid var(--rule);
  border-radius: .6rem;
}
.store { display: grid; gap: .6rem 2rem; align-items: start; }
[hidden] { display: none !important; }
.scripted .store { grid-template-columns: minmax(17rem, 21rem) minmax(0, 1fr); }
.store h2 { grid-column: 1 / -1; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .4rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { color: var(--faint); font-weight: 500; }
td { overflow-wrap: anywhere; }
tr:last-child > * { border-bottom: 0; }
.store th { width: 7.5rem; padding-left: 0; white-space: nowrap; }
.overview { padding: .5rem .6rem; }
.overview th, .overview td { padding: .15rem .4rem; vertical-align: middle; }
.overview [scope="row"] { color: var(--text); overflow-wrap: anywhere; }
.overview thead button { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: inherit; cursor: pointer; }
.overview [aria-sort="ascending"] button::after { content: " ↑"; }
.overview [aria-sort="descending"] button::after { content: " ↓"; }
.row a { color: inherit; text-decoration: none; }
.row a:hover, .row a:focus-visible, thead button:hover { text-decoration: underline; }
.scripted .row a::before { content: "▸ "; color: var(--faint); }
.scripted .row a[aria-expanded="true"]::before { content: "▾ "; }
.why { display: block; color: var(--bad); font-weight: normal; }
.detail > td { padding: 0 0 .6rem; }
.detail section { margin: 0; }
.detail h2 { display: none; }
.trend { width: 7rem; }
.spark { width: 6.5rem; height: 1.3rem; }
.spark .line { stroke-width: 1.5; }
.tools:empty, .charts:empty { display: none; }
.tools { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center; padding: .3rem .4rem; color: var(--faint); }
.tools input[type="search"] { flex: 0 1 16rem; min-width: 8rem; padding: .2rem .5rem; border: 1px solid var(--rule); border-radius: .4rem; background: var(--back); color: var(--text); font: inherit; }
ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.numbers { text-align: right; white-space: nowrap; }
.state { font-size: .9rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); }
.caution { color: var(--caution); }
.bad { color: var(--bad); }
.notice { margin: .6rem 0; padding: .5rem .8rem; border: 1px solid var(--bad); border-radius: .4rem; }
.notice:empty { display: none; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .9rem 1.4rem; min-width: 0; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 500; }
figcaption span { display: block; color: var(--faint); font-weight: normal; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--faint); font-size: 11px; }
.axis { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dot { fill: var(--accent); }
.bar { fill: var(--accent); }
.mark { stroke: var(--second); stroke-width: 1.5; }
.mark.p99 { stroke-dasharray: 5 3; }
.mark.max { stroke-dasharray: 1.5 3; }
@media (max-width: 900px) { .scripted .store { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 600px) {
  body { padding: .7rem; }
  section { padding: .8rem; }
  .charts { grid-template-columns: 1fr; }
  .overview thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .scripted .overview thead { position: static; width: auto; height: auto; clip-path: none; display: block; }
  .overview thead tr { display: flex; flex-wrap: wrap; gap: 0 .3rem; border-bottom: 1px solid var(--rule); }
  .overview thead th { border: 0; width: auto; }
  .overview tbody { display: block; }
  .row { display: grid; grid-template-columns: minmax(0, 1fr) auto 5rem; padding: .3rem 0; border-bottom: 1px solid var(--rule); }
  .row > * { border: 0; }
  .row > th { grid-column: 1 / -1; font-weight: 500; }
  .row .wide { display: none; }
  .row .trend { width: auto; text-align: right; }
  .spark { width: 5rem; margin-left: auto; }
  .detail, .detail > td { display: block; }
}
`;
