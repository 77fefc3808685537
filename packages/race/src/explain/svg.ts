import type { Execution } from '@irqchip/litmus';
import type { Registry } from '../scene/registry.ts';
import { rowsOf } from './rows.ts';

const COLUMN = 330;
const ROW = 44;
const BOX = 300;

interface Point { readonly x: number; readonly y: number }

/** The execution as a picture that stands alone: a column a CPU, time downwards, who reads from whom, and the order of writes. */
export function executionSvg(execution: Execution, registry: Registry, title: string): string {
  const { combination: { thread, traces, accesses }, rf, co } = execution;
  const rows = rowsOf(execution, registry);
  const next = traces.map(() => 0);
  const places = rows.map((_, id): Point => ({ x: 20 + thread[id]! * COLUMN, y: 70 + next[thread[id]!]!++ * ROW }));
  const height = 90 + Math.max(...traces.map((trace) => trace.accesses.length)) * ROW;
  const boxes = rows.map(({ by, does, where }, id) => box(places[id]!, `${by}  ${where}`, does, accesses[id]!.depth));
  const arrows = [
    ...rows.flatMap((_, id) => (accesses[id]!.read !== undefined && rf[id]! >= 0 ? [arrow(places[rf[id]!]!, places[id]!, 'rf')] : [])),
    ...co.flatMap((order) => order.slice(1).map((write, index) => arrow(places[order[index]!]!, places[write]!, 'co'))),
  ];
  const heads = traces.map((_, cpu) => `<text x="${20 + cpu * COLUMN}" y="56" class="head">CPU${cpu}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${traces.length * COLUMN + 20} ${height}" font-family="monospace" font-size="12">`,
    '<style>.head{font-weight:bold}.rf{stroke:#b00020}.co{stroke:#1456b8;stroke-dasharray:5 3}path{fill:none;stroke-width:1.5}rect{fill:#fff;stroke:#444}.irq{fill:#fff4d6}.small{fill:#666;font-size:10px}</style>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#444;stroke:none"/></marker></defs>',
    `<text x="20" y="24" class="head">${escape(title)}</text><text x="20" y="40" class="small">red: reads from; blue, dashed: order of writes</text>`,
    ...heads, ...boxes, ...arrows, '</svg>', '',
  ].join('\n');
}

function box({ x, y }: Point, small: string, text: string, depth: number): string {
  return `<rect x="${x}" y="${y}" width="${BOX}" height="32" rx="4"${depth > 0 ? ' class="irq"' : ''}/><text x="${x + 8}" y="${y + 12}" class="small">${escape(small)}</text><text x="${x + 8}" y="${y + 26}">${escape(text)}</text>`;
}

function arrow(from: Point, to: Point, kind: 'rf' | 'co'): string {
  const [a, b] = [{ x: from.x + (to.x > from.x ? BOX : to.x < from.x ? 0 : BOX), y: from.y + 16 }, { x: to.x + (to.x > from.x ? 0 : BOX), y: to.y + 16 }];
  const bend = to.x === from.x ? 24 : 0;
  return `<path class="${kind}" marker-end="url(#tip)" d="M${a.x} ${a.y}C${a.x + bend + 20 * Math.sign(to.x - from.x)} ${a.y} ${b.x + bend - 20 * Math.sign(to.x - from.x)} ${b.y} ${b.x} ${b.y}"/>`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
