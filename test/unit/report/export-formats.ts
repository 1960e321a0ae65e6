/**
 * Small readers of the formats that are exported, written from their published descriptions and knowing nothing of what
 * writes them.
 */

interface GoResult {
  readonly base: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly procs: number | null;
  readonly iterations: number;
  readonly values: Readonly<Record<string, number>>;
  readonly config: Readonly<Record<string, string>>;
}

/**
 * golang.org/design/14313-benchmark-format: configuration lines, result lines; all else is ignored. Refuses a result
 * line that is none.
 */
export function readGo(text: string): {
  readonly results: readonly GoResult[];
  readonly units: Readonly<Record<string, string>>;
} {
  const results: GoResult[] = [];
  const units: Record<string, string> = {};
  let config: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const fields = line.split(/\s+/u).filter((field) => field !== '');
    const setting = /^(\p{Ll}[^\s\p{Lu}:]*):(?:[ \t]+(.*))?$/u.exec(line);
    if (line.startsWith('Benchmark')) results.push(goResult(fields, config));
    else if (fields[0] === 'Unit') units[fields[1] ?? ''] = fields.slice(2).join(' ');
    else if (setting !== null) config = { ...config, [setting[1] ?? '']: setting[2] ?? '' };
  }
  return { results, units };
}

function goResult(fields: readonly string[], config: Readonly<Record<string, string>>): GoResult {
  if (fields.length < 4 || fields.length % 2 !== 0)
    throw new Error(`expected an even number of at least 4 fields, got ${fields.join(' ')}`);
  const [full = '', iterations = ''] = fields;
  const suffix = /-(\d+)$/.exec(full);
  const [base = '', ...parts] = (suffix === null ? full : full.slice(0, suffix.index))
    .slice('Benchmark'.length)
    .split('/');
  const values: Record<string, number> = {};
  for (let i = 2; i < fields.length; i += 2) values[fields[i + 1] ?? ''] = finite(Number(fields[i]));
  return {
    base,
    keys: Object.fromEntries(
      parts.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
    ),
    procs: suffix === null ? null : Number(suffix[1]),
    iterations: Number(iterations),
    values,
    config,
  };
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`expected a number, got ${value}`);
  return value;
}

/**
 * RFC 4180: records end with CRLF, quoted fields may hold commas, line breaks and doubled quotes; every record as long
 * as the header.
 */
export function readCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const records: string[][] = [];
  let record: string[] = [];
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null)
      throw new Error(`expected a field at character ${at}, got ${JSON.stringify(text.slice(at, at + 40))}`);
    record.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === ',') continue;
    records.push(record);
    record = [];
  }
  const [header = [], ...rows] = records;
  return rows.map((row) => {
    if (row.length !== header.length) throw new Error(`expected ${header.length} fields, got ${row.length}`);
    return Object.fromEntries(header.map((name, index) => [name, row[index] ?? '']));
  });
}

interface HyperfineResult {
  readonly command: string;
  readonly mean: number;
  readonly stddev: number | null;
  readonly median: number;
  readonly user: number;
  readonly system: number;
  readonly min: number;
  readonly max: number;
  readonly times: readonly number[];
  readonly memory_usage_byte: readonly number[];
  readonly exit_codes: readonly (number | null)[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** BenchmarkResult of hyperfine: its fields, each of its type, and no others. */
export function readHyperfine(text: string): readonly HyperfineResult[] {
  const { results } = JSON.parse(text) as { results: Record<string, unknown>[] };
  for (const result of results) {
    const types = Object.fromEntries(
      Object.entries(result).map(([key, value]) => [
        key,
        key === 'stddev' && value === null ? 'number' : Array.isArray(value) ? 'array' : typeof value,
      ]),
    );
    const number = 'number';
    const wanted = {
      command: 'string',
      mean: number,
      stddev: number,
      median: number,
      user: number,
      system: number,
      min: number,
      max: number,
      times: 'array',
      memory_usage_byte: 'array',
      exit_codes: 'array',
      parameters: 'object',
    };
    if (JSON.stringify(types) !== JSON.stringify(wanted))
      throw new Error(`expected the fields of a hyperfine result, got ${JSON.stringify(types)}`);
  }
  return results as unknown as HyperfineResult[];
}

interface GithubEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range?: string;
  readonly extra?: string;
}

/**
 * github-action-benchmark's custom format: name, unit and value required, range and extra optional text; a name is a
 * chart, so it is there once.
 */
export function readGithub(text: string): readonly GithubEntry[] {
  const entries = JSON.parse(text) as GithubEntry[];
  for (const { name, unit, value, range = '', extra = '', ...rest } of entries) {
    const fine =
      [name, unit, range, extra].every((part) => typeof part === 'string') &&
      Number.isFinite(value) &&
      value > 0 &&
      Object.keys(rest).length === 0;
    if (!fine) throw new Error(`expected an entry of a custom benchmark, got ${name}`);
  }
  if (new Set(entries.map(({ name }) => name)).size !== entries.length) throw new Error('expected every name once');
  return entries;
}

interface BencherMetric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

/** Bencher Metric Format: benchmark, measure, metric; names of at most 1024 and measures of at most 64 characters. */
export function readBencher(text: string): Readonly<Record<string, Readonly<Record<string, BencherMetric>>>> {
  const benchmarks = JSON.parse(text) as Record<string, Record<string, BencherMetric>>;
  for (const [name, measures] of Object.entries(benchmarks)) {
    for (const [measure, { value, lower_value = value, upper_value = value, ...rest }] of Object.entries(measures)) {
      const fine =
        name.length <= 1024 &&
        /^[a-z-]{1,64}$/.test(measure) &&
        lower_value <= value &&
        value <= upper_value &&
        Object.keys(rest).length === 0;
      if (!fine) throw new Error(`expected a metric with its bounds around it, got ${name} ${measure}`);
    }
  }
  return benchmarks;
}
