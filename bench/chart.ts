/**
 * Results as a picture: for each trial and file system, each driver's time, with find as 1.
 *
 * Invariant: drawn from scores alone, so it shows what the table shows; a driver that did something
 * wrong has no bar.
 */
import * as echarts from 'echarts';
import { type Cell, groupCells, type Results } from './results.js';
import { type Score, scoresOf } from './scores.js';

const width = 1000;
const panelHeight = 300;
const panelGap = 100;
const top = 90;
/** Whatever takes longer goes to the edge, with its figure written on it. */
const mostShown = 3;

interface Panel {
  readonly title: string;
  /** One group of bars for each. */
  readonly fileSystems: readonly string[];
  /** By file system, in the same order. */
  readonly scores: readonly (readonly Score[])[];
}

/** @returns SVG; undefined where nothing was compared with find */
export function drawChart(results: Results): string | undefined {
  const panels = panelsOf(results.cells);
  const names = [...new Set(panels.flatMap(({ scores }) => scores.flat().map(nameOf)))];
  if (names.length === 0) return undefined;
  const height = top + panels.length * (panelHeight + panelGap);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  const panelTop = (at: number): number => top + 45 + at * (panelHeight + panelGap);
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    color: [
      '#9aa0a6',
      '#c2410c',
      '#1d4ed8',
      '#60a5fa',
      '#7e22ce',
      '#0f766e',
      '#65a30d',
      '#ca8a04',
      '#db2777',
      '#f472b6',
      '#78350f',
      '#334155',
    ],
    title: panels.map(({ title }, at) => ({
      text: `${title}: time, where find takes 1`,
      left: 60,
      top: panelTop(at) - 55,
      textStyle: { fontSize: 14 },
    })),
    legend: { data: names, top: 10, left: 'center', width: width - 200, itemGap: 24 },
    grid: panels.map((_, at) => ({ left: 60, right: 20, top: panelTop(at), height: panelHeight })),
    xAxis: panels.map(({ fileSystems }, at) => ({
      gridIndex: at,
      type: 'category' as const,
      data: [...fileSystems],
    })),
    yAxis: panels.map((_, at) => ({
      gridIndex: at,
      max: mostShown,
    })),
    series: panels.flatMap((panel, at) =>
      names.map((name) => ({
        name,
        type: 'bar' as const,
        xAxisIndex: at,
        yAxisIndex: at,
        data: panel.scores.map((scores) => {
          const ratio = scores.find((score) => nameOf(score) === name)?.toFind;
          return ratio === undefined
            ? '-'
            : { value: Math.min(ratio, mostShown), label: { formatter: ratio.toFixed(2) } };
        }),
        label: {
          show: true,
          position: 'top' as const,
          fontSize: 9,
          rotate: 90,
          align: 'left' as const,
          verticalAlign: 'middle' as const,
        },
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function panelsOf(cells: readonly Cell[]): Panel[] {
  const panels = new Map<string, { fileSystems: string[]; scores: Score[][] }>();
  for (const group of groupCells(cells)) {
    const [first] = group;
    const scores = scoresOf(group).filter(({ toFind }) => toFind !== undefined);
    if (first === undefined || scores.length === 0) continue;
    const title = `${first.trial}, ${first.size.toLocaleString('en-US')} files, ${first.cache}`;
    const panel = panels.get(title) ?? { fileSystems: [], scores: [] };
    panels.set(title, panel);
    panel.fileSystems.push(first.fileSystem);
    panel.scores.push(scores);
  }
  return [...panels].map(([title, panel]) => ({ title, ...panel }));
}

/** The faster one of the floors is the floor. */
function nameOf({ driver }: Score): string {
  return driver.startsWith('floor ') ? 'floor' : driver;
}
