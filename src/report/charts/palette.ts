import type { Placed, Role, Tone } from './spec.js';

export type Theme = 'light' | 'dark';

/**
 * Colours of charts. On their ground shapes have a contrast of 3:1 at least, and all that words are written in 4.5:1
 * (WCAG 2.2, 1.4.11 and 1.4.3).
 */
export interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  /** Behind the words of a row. */
  readonly strip: string;
  readonly band: string;
  /** Behind what is not measured: the warm-up. */
  readonly shade: string;
  readonly published: string;
  readonly roles: Readonly<Record<Role, string>>;
  /** By verdict. */
  readonly tones: Readonly<Record<Tone, string>>;
  /** Compared arms, or parts of a whole, in their order. */
  readonly series: readonly string[];
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    ground: '#ffffff',
    ink: '#20242c',
    soft: '#5c6370',
    grid: '#e6e8ec',
    strip: '#f4f5f7',
    band: 'rgba(60, 140, 90, 0.16)',
    shade: 'rgba(32, 36, 44, 0.07)',
    published: '#b84f08',
    roles: { baseline: '#4b5563', compared: '#2563c9', control: '#7d838e' },
    tones: { faster: '#167a3f', slower: '#b3261e', equal: '#1f5fbf', open: '#8a5a00', invalid: '#7b3fa8' },
    series: ['#2563c9', '#0f766e', '#9333c0', '#b45309', '#be185d', '#4d7c0f'],
  },
  dark: {
    ground: '#1b1f27',
    ink: '#e8eaee',
    soft: '#a4abb8',
    grid: '#323844',
    strip: '#242a34',
    band: 'rgba(110, 200, 145, 0.20)',
    shade: 'rgba(232, 234, 238, 0.08)',
    published: '#f0944d',
    roles: { baseline: '#c3c9d4', compared: '#6ea3f7', control: '#8b93a1' },
    tones: { faster: '#5bd08b', slower: '#ff8a80', equal: '#8ab4f8', open: '#f2c063', invalid: '#cfa6f5' },
    series: ['#6ea3f7', '#3fc7b8', '#c58bf2', '#f0944d', '#f57eb0', '#a3d14f'],
  },
};

/** The colour of an arm: grey for baseline and control, one of its own for every compared one. */
export function armColour({ role, place }: { readonly role: Role; readonly place: number }, palette: Palette): string {
  return role === 'compared'
    ? (palette.series[place % palette.series.length] ?? palette.roles.compared)
    : palette.roles[role];
}

/** Tells compared arms apart without colour too. */
const POINTS = ['rect', 'triangle', 'rectRot', 'star', 'cross', 'crossRot'] as const;

/** The shape of an arm's points in every chart: a circle for baseline and control, one of its own for the others. */
export const armPoint = ({ role, place }: Placed) =>
  role === 'compared' ? (POINTS[place % POINTS.length] ?? 'rect') : ('circle' as const);

/** The colour of a row: its verdict's, or its role's. */
export const rowColour = (row: { readonly role: Role; readonly tone?: Tone }, palette: Palette): string =>
  row.tone === undefined ? palette.roles[row.role] : palette.tones[row.tone];
