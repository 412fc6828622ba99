import { isPlainObject } from '../../archive/data-tree.ts';
import type { RunSummary } from '../../archive/summary.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from '../../experiment/special.ts';
import { type ExportedRun, type ExportField, eachLeaf, exportField } from './fields.ts';

/** What is known of every run; a master table begins with them. */
export const FACTS = [
  'id',
  'name',
  'description',
  'tags',
  'status',
  'startedAt',
  'endedAt',
  'duration',
  'git.commit',
  'git.dirty',
  'jobs',
] as const;

/** Columns of data; a run may keep a value for each of a million things. */
const MOST_DATA = 1000;

const SECTIONS = ['parameter', 'result', 'data'] as const;
type Section = (typeof SECTIONS)[number];

/**
 * The columns of a master table when none were named: what is known of every run, its parameters, what it returned, and
 * its data, as far as they are single values. They are found while the runs are read.
 */
export class DefaultColumns {
  readonly #found: Record<Section, Map<string, ExportField>> = {
    parameter: new Map(),
    result: new Map(),
    data: new Map(),
  };
  readonly #facts: readonly ExportField[];
  /** Paths of data beyond the most that are shown. */
  readonly #more = new Set<string>();
  readonly #secrets = new Set<string>();

  constructor(all: readonly RunSummary[]) {
    this.#facts = FACTS.map((name) => exportField({ name, head: name }, all));
  }

  /** Takes what a run has, and gives it by head. */
  add(run: ExportedRun): ReadonlyMap<string, unknown> {
    const cells = new Map<string, unknown>(this.#facts.map((field) => [field.head, field.get(run)]));
    const { summary } = run;
    for (const name of summary.secrets) this.#secrets.add(name);
    for (const name of summary.parameterNames) {
      const value = summary.parameter(name);
      if (value === undefined || isUntouched(name, value)) continue;
      this.#spread(cells, 'parameter', name, value, () => true);
    }
    this.#spread(cells, 'result', 'result', summary.result, isScalar);
    eachLeaf(run.data, (path, value) => {
      if (isScalar(value)) this.#set(cells, 'data', path, value);
    });
    return cells;
  }

  /** All columns that were found. */
  fields(): ExportField[] {
    return [...this.#facts, ...SECTIONS.flatMap((section) => [...this.#found[section].values()])];
  }

  /** Sentences about what is not among them. */
  notes(): string[] {
    const notes: string[] = [];
    if (this.#secrets.size > 0) {
      notes.push(`Secret parameters have no column: ${[...this.#secrets].sort().join(', ')}.`);
    }
    if (this.#more.size > 0) {
      notes.push(
        `${this.#more.size} paths of data beyond the first ${MOST_DATA} have no column. Name them with --columns.`,
      );
    }
    return notes;
  }

  /** A plain object is shown by its fields. */
  #spread(
    cells: Map<string, unknown>,
    section: Section,
    name: string,
    value: unknown,
    isShown: (value: unknown) => boolean,
  ): void {
    if (!isPlainObject(value) || Object.keys(value).length === 0 || '$function' in value) {
      if (isShown(value)) this.#set(cells, section, name, value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      if (isShown(inner)) this.#set(cells, section, `${name}.${key}`, inner);
    }
  }

  #set(cells: Map<string, unknown>, section: Section, name: string, value: unknown): void {
    if (value === undefined) return;
    const found = this.#found[section];
    let field = found.get(name);
    if (field === undefined) {
      if (section === 'data' && found.size >= MOST_DATA) {
        this.#more.add(name);
        return;
      }
      const kind = section === 'parameter' ? 'parameter' : 'measure';
      field = { name, head: this.#freeHead(section, name), kind, isoMoments: false, get: () => undefined };
      found.set(name, field);
    }
    cells.set(field.head, value);
  }

  /** A name that another section has, too, gets in front where it comes from. */
  #freeHead(section: Section, name: string): string {
    const isTaken = (head: string): boolean =>
      this.#facts.some((fact) => fact.head === head) ||
      SECTIONS.some((other) => [...this.#found[other].values()].some((field) => field.head === head));
    let head = name;
    while (isTaken(head)) head = `${section === 'parameter' ? 'parameters' : section}.${head}`;
    return head;
  }
}

function isUntouched(name: string, value: unknown): boolean {
  if (!isSpecialName(name)) return false;
  return Object.hasOwn(SPECIAL_PARAMETERS, name) && Object.is(SPECIAL_PARAMETERS[name]!.default, value);
}

function isScalar(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null || value instanceof Date);
}
