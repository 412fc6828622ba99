import { describe, expect, it } from 'vitest';
import type { SeriesSummary } from '../../src/archive/layout.ts';
import { type EndPanel, endPanel, type StartPanel, startPanel } from '../../src/cli/panels.ts';

const wide = { columns: 80, color: false, unicode: true };
const narrow = { columns: 40, color: false, unicode: false };
const hostile = `\x1b[2J<script>\n${'x'.repeat(10_000)}\u202e`;

const start: StartPanel = {
  id: 'k3v9x2ab',
  path: '/p/results/vision/digits/2026-01-31__12-00-00__k3v9x2ab',
  namespace: 'vision/digits',
  description:
    'Reads handwritten digits: softmax regression, or a network with one hidden\nlayer, learns from three quarters of 1797 images and is tested on the rest. More.',
  module: '/p/experiments/vision/digits.ts',
  parameters: [
    ['MODEL', "'mlp'", 'given', '"mlp"'],
    ['HIDDEN', '64', 'default', '64'],
    ['OPTIMIZER', "'sgd'", 'given', "'adam'"],
    ['LEARNING_RATE', '0.1', 'derived', "OPTIMIZER === 'adam' ? 0.003 : 0.1"],
    ['EPOCHS', '2', 'testing', '40'],
    ['DATASET', "'small'", 'given'],
  ],
  seed: { value: 2_871_309, drawn: true },
  git: { commit: '1a2b3c4d5e6f', branch: 'main', dirty: true },
  tags: ['demo', 'night'],
  debug: false,
  testing: true,
  cwd: '/p',
};

const loss: SeriesSummary = { count: 1680, kind: 'number', last: 0.012345, min: 0.0101, max: 2.4123 };
const end: EndPanel = {
  id: 'k3v9x2ab',
  path: '/p/results/vision/digits/2026-01-31__12-00-00__k3v9x2ab',
  status: 'done',
  durationMs: 185_000,
  series: { 'loss/train': loss, note: { count: 1, kind: 'text', last: null } },
  results: {
    results: { accuracy: 0.982182628, confusion: [[1], [2]], best: 'adam', rates: [0.1, 0.2] },
    weights: new Float64Array(9),
  },
  artifacts: 3,
  plots: 1,
  cwd: '/p',
};

describe('startPanel', () => {
  it('tells what a run is, with the values that differ from the default marked', () => {
    expect(startPanel(start, wide)).toBe(`\
vision/digits  k3v9x2ab  testing
  Reads handwritten digits: softmax regression, or a network with one hidden
  layer, learns from three quarters of 1797 images and is tested on the rest. …
  module     experiments/vision/digits.ts
  folder     results/vision/digits/2026-01-31__12-00-00__k3v9x2ab
  git        1a2b3c4 on main, with changes
  seed       2871309 (drawn)
  tags       demo, night
  params       MODEL          'mlp'
               HIDDEN         64
             • OPTIMIZER      'sgd'    (default 'adam')
               LEARNING_RATE  0.1      (derived)
             • EPOCHS         2        (testing, default 40)
             • DATASET        'small'  (no default)
`);
  });

  it('fits a narrow screen of ASCII; paths stay whole', () => {
    expect(startPanel({ ...start, parameters: start.parameters.slice(1, 3) }, narrow)).toBe(`\
vision/digits  k3v9x2ab  testing
  Reads handwritten digits: softmax
  regression, or a network with one ...
  module     experiments/vision/digits.ts
  folder     results/vision/digits/2026-01-31__12-00-00__k3v9x2ab
  git        1a2b3c4 on main, with ch...
  seed       2871309 (drawn)
  tags       demo, night
  params       HIDDEN     64
             * OPTIMIZER  'sgd'
`);
  });

  it('has no lines for what there is not', () => {
    const { id, path, namespace, module, cwd } = start;
    const panel = startPanel(
      { id, path, namespace, module, cwd: cwd!, parameters: [], tags: [], debug: true, testing: false },
      wide,
    );
    expect(panel).toBe(`\
vision/digits  k3v9x2ab  debug
  module     experiments/vision/digits.ts
  folder     results/vision/digits/2026-01-31__12-00-00__k3v9x2ab
`);
  });

  it('puts many parameters on few lines, those that differ first', () => {
    const parameters = Array.from(
      { length: 20 },
      (_, i) => [`PARAM_${i}`, String(i), i === 3 ? 'given' : 'default', '4'] as const,
    );
    const panel = startPanel({ ...start, parameters }, wide);
    expect(panel).toContain('  params     • PARAM_3  3  (default 4)\n             PARAM_0=0 ');
    expect(panel.split('\n').length).toBeLessThan(16);
    const hundred = Array.from({ length: 100 }, (_, i) => [`PARAM_${i}`, 'x'.repeat(50), 'default'] as const);
    expect(startPanel({ ...start, parameters: hundred }, wide)).toMatch(/ and 88 more\n$/);
  });

  it('makes whatever it is given harmless', () => {
    const panel = startPanel(
      {
        ...start,
        id: hostile,
        path: `/p/${hostile}`,
        namespace: hostile,
        description: hostile,
        module: hostile,
        parameters: [[hostile, hostile, 'given', hostile]],
        tags: [hostile],
        git: { commit: hostile, branch: hostile, dirty: true, patch: { bytes: 1, skipped: hostile } },
        seed: { value: hostile, drawn: true },
      },
      wide,
    );
    expect(panel).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(panel.split('\n').length).toBeLessThan(16);
  });
});

describe('endPanel', () => {
  it('tells how a run ended and what came of it', () => {
    expect(endPanel(end, wide)).toBe(`\
done after 3 min 05 s  k3v9x2ab
  series     name        points     last     min    max
             loss/train   1,680  0.01235  0.0101  2.412
             note             1     text
  data       results/accuracy   0.9822
             results/confusion  2 items
             results/best       'adam'
             results/rates      [ 0.1, 0.2 ]
             weights            Float64Array, 9 numbers
  files      3 artifacts, 1 plot
  folder     results/vision/digits/2026-01-31__12-00-00__k3v9x2ab
`);
  });

  it('fits a narrow screen', () => {
    expect(endPanel({ ...end, results: { accuracy: 0.5 } }, narrow)).toBe(`\
done after 3 min 05 s  k3v9x2ab
  series     name        points     last
             loss/train   1,680  0.01235
             note             1     text
  data       accuracy  0.5
  files      3 artifacts, 1 plot
  folder     results/vision/digits/2026-01-31__12-00-00__k3v9x2ab
`);
  });

  it('says of an error what it is and where in the own code it arose', () => {
    const stack = [
      "TypeError: Cannot read properties of undefined (reading 'length')",
      '    at parse (node:internal/x:1:2)',
      '    at Object.read (/p/node_modules/csv/index.js:3:4)',
      '    at async experiment (file:///p/experiments/my digits (2).ts:12:9)',
    ].join('\n');
    const message = "Cannot read properties of undefined (reading 'length')\nsecond line";
    const error = { name: 'TypeError', message, stack };
    expect(endPanel({ ...end, status: 'failed', error, series: {}, results: {}, artifacts: 0, plots: 0 }, wide)).toBe(`\
failed after 3 min 05 s  k3v9x2ab
  error      TypeError: Cannot read properties of undefined (reading 'length')
             at experiments/my digits (2).ts:12
  folder     results/vision/digits/2026-01-31__12-00-00__k3v9x2ab
`);
  });

  it('says the sentence of an error of comex with its code', () => {
    const error = { name: 'ComexError', message: 'The run reached its time limit of 2 s.', code: 'E_TIMEOUT' };
    const panel = endPanel({ ...end, status: 'timeout', error }, wide);
    expect(panel).toContain('  error      The run reached its time limit of 2 s. (E_TIMEOUT)\n');
  });

  it.each([
    ['done', 32],
    ['failed', 31],
    ['killed', 31],
    ['interrupted', 33],
    ['timeout', 33],
    ['running', 36],
  ])('colours %s', (status, code) => {
    const panel = endPanel({ ...end, status }, { ...wide, color: true });
    expect(panel).toContain(`\x1b[${code}m${status}\x1b[39m`);
  });

  it('names a few of many series and data', () => {
    const series = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`s${i}`, loss]));
    const results = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`d${i}`, i]));
    const panel = endPanel({ ...end, series, results }, wide);
    expect(panel).toContain('             and 22 more\n');
    expect(panel).toContain('             and 992 more\n');
  });

  it('makes whatever it is given harmless', () => {
    const error = { name: hostile, message: hostile, stack: `x\n    at ${hostile} (/p/${hostile}.ts:1:2)` };
    const panel = endPanel(
      {
        ...end,
        status: hostile,
        error,
        series: { [hostile]: { ...loss, kind: hostile as 'text', last: hostile } },
        results: { [hostile]: hostile, x: { [hostile]: [hostile] }, y: { a: { b: { c: { d: { e: { f: 1 } } } } } } },
      },
      wide,
    );
    expect(panel).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(panel).toContain('<script>');
  });
});
