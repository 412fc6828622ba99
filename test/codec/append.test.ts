import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppendLog } from '../../src/codec/append.ts';
import { encode } from '../../src/codec/json.ts';
import { readJsonLines, readLines } from '../../src/codec/lines.ts';
import { ComexError } from '../../src/errors.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'comex-append-'));
  path = join(folder, 'log.jsonl');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function content(): string {
  return readFileSync(path, 'utf8');
}

/** A log whose budget is used up, so that further records of the same moment are collected. */
function spentLog(): AppendLog {
  const log = new AppendLog(path, { clock: () => 0 });
  for (let i = 0; i < 1000; i++) log.write('x');
  return log;
}

describe('AppendLog', () => {
  it('has a record in the file when write returns', () => {
    const log = new AppendLog(path);
    for (let i = 0; i < 900; i++) {
      log.write(`[${i}]`);
      expect(statSync(path).size).toBe(log.bytes);
    }
    log.close();
    expect(content().split('\n')).toHaveLength(901);
  });

  it('gives back any record, whatever its length and characters', () => {
    const record = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom('a', 'é', '\u{1f600}'), fc.nat({ max: 80_000 }))
        .map(([text, times]) => text.repeat(times)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(record, fc.nat({ max: 3 }))), (entries) => {
        rmSync(path, { force: true });
        let now = 0;
        const log = new AppendLog(path, { clock: () => now });
        for (let i = 0; i < 1000; i++) log.write('');
        for (const [text, elapsed] of entries) {
          now += elapsed / 20;
          log.write(encode(text));
        }
        log.close();
        expect(statSync(path).size).toBe(log.bytes);
        const found: unknown[] = [];
        expect(readJsonLines(path, (value) => found.push(value))).toMatchObject({ damaged: 0, tornTail: false });
        expect(found).toEqual(entries.map(([text]) => text));
      }),
      { numRuns: 50 },
    );
  });

  it('writes bursts of a thousand and ten more per millisecond through, and collects the rest', () => {
    let now = 0;
    const log = new AppendLog(path, { clock: () => now });
    const written = (): number => statSync(path).size / 2;
    for (let i = 0; i < 1200; i++) log.write('x');
    expect(written()).toBe(1000);
    expect(log.bytes).toBe(2400);
    now += 1;
    log.write('x');
    expect(written()).toBe(1201);
    for (let i = 0; i < 20; i++) log.write('x');
    expect(written()).toBe(1210);
    now += 1000;
    for (let i = 0; i < 1100; i++) log.write('x', now);
    expect(written()).toBe(1221 + 1000);
    log.close();
    expect(written()).toBe(1221 + 1100);
  });

  it('writes several lines as one record: at once, and as one of the budget', () => {
    const log = new AppendLog(path, { clock: () => 0 });
    for (let i = 0; i < 999; i++) log.write('x');
    log.write('[1]\n[2]\n[3]');
    expect(content().slice(-12)).toBe('[1]\n[2]\n[3]\n');
    log.write('[4]\n[5]');
    expect(content()).not.toContain('[4]');
    log.close();
    expect(content().slice(-20)).toBe('[1]\n[2]\n[3]\n[4]\n[5]\n');
  });

  it('hands over a block that grows beyond 64 KB', () => {
    const log = spentLog();
    const record = 'y'.repeat(999);
    for (let i = 0; i < 65; i++) log.write(record);
    expect(statSync(path).size).toBe(2000);
    log.write(record);
    expect(statSync(path).size).toBe(2000 + 66_000);
    log.write('z'.repeat(3_000_000));
    expect(statSync(path).size).toBe(log.bytes);
    log.close();
  });

  it('hands over the block once the process yields', async () => {
    const log = spentLog();
    log.write('late');
    expect(content()).not.toContain('late');
    while (!content().includes('late')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    log.write('again');
    while (!content().includes('again')) await new Promise((resolve) => setImmediate(resolve));
    log.close();
  });

  it('goes on when the clock stands still or goes back', () => {
    const log = spentLog();
    log.write('x', -1e9);
    log.write('x', Number.NaN);
    log.write('x', 1);
    expect(statSync(path).size).toBe(2006);
    log.close();
  });

  it('flushes, syncs and closes, and refuses to write afterwards', () => {
    const log = spentLog();
    log.write('a');
    log.flush();
    expect(content()).toMatch(/a\n$/);
    log.write('b');
    log.sync();
    expect(content()).toMatch(/b\n$/);
    log.write('c');
    log.close();
    log.close();
    expect(content()).toMatch(/c\n$/);
    expect(() => log.write('d')).toThrow(ComexError);
    expect(() => log.sync()).toThrow(/the file is closed/);
    expect(log.dropped).toBe(0);
  });

  it('closes a tail torn at every byte, and loses only that record', () => {
    const bytes = Buffer.from('["é",1]\n["üb",2]\n');
    for (let end = 0; end <= bytes.length; end++) {
      writeFileSync(path, bytes.subarray(0, end));
      const log = new AppendLog(path);
      log.write('["new"]');
      log.close();
      const found: unknown[] = [];
      const { damaged, tornTail } = readJsonLines(path, (record) => found.push(record));
      expect(found.at(-1)).toEqual(['new']);
      expect(tornTail).toBe(false);
      expect(found.length - 1 + damaged).toBe(end === 0 ? 0 : end <= 9 ? 1 : 2);
    }
  });

  it('adds no newline to a file that ends in one or is empty', () => {
    writeFileSync(path, 'a\n');
    new AppendLog(path).close();
    expect(content()).toBe('a\n');
    rmSync(path);
    new AppendLog(path).close();
    expect(content()).toBe('');
  });

  it('appends behind what another writer of the file appends', () => {
    const log = new AppendLog(path);
    log.write('mine');
    appendFileSync(path, 'theirs\n');
    log.write('mine');
    log.close();
    expect(content()).toBe('mine\ntheirs\nmine\n');
  });

  it('says why a file cannot be opened', () => {
    expect(() => new AppendLog(folder)).toThrow(/^Cannot open .*\(EISDIR\)/);
    expect(() => new AppendLog(join(folder, 'no', 'x'))).toThrow(/\(ENOENT\)/);
  });
});

describe.skipIf(process.platform !== 'linux')('AppendLog on a disk that refuses', () => {
  /** Runs code in a process that may write files of so many KB only (a signal says so, which Node ignores). */
  function limited(kilobytes: number, code: string): string {
    const source = pathToFileURL(join(import.meta.dirname, '../../src/codec/append.ts')).href;
    const script = join(folder, 'script.mts');
    writeFileSync(
      script,
      `import { AppendLog } from ${JSON.stringify(source)};
       import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
       process.on('SIGXFSZ', () => {});
       const path = ${JSON.stringify(path)};
       const attempt = (action: () => void): string => { try { action(); return 'ok'; } catch (error) { return (error as { code: string }).code; } };
       ${code}`,
    );
    const run = `ulimit -S -f ${kilobytes}; exec "$0" --import tsx "$1"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', run, process.execPath, script], { encoding: 'utf8' });
    expect(stderr.replace(/.*Warning.*/g, '').trim()).toBe('');
    return stdout.trim();
  }

  it('keeps every record of keep, and writes it again whole when it was written in part', () => {
    const out = limited(
      4,
      `const log = new AppendLog(path);
       const outcomes = new Set<string>();
       for (let i = 0; i < 900; i++) outcomes.add(attempt(() => log.keep(JSON.stringify([i, 'p'.repeat(i % 90)]))));
       let flushed = '';
       let moved = '';
       while (flushed !== 'ok') {
         moved += readFileSync(path, 'utf8');
         truncateSync(path, 0);
         flushed = attempt(() => log.flush());
       }
       log.close();
       console.log(JSON.stringify([[...outcomes], log.dropped, moved + readFileSync(path, 'utf8')]));`,
    );
    const [outcomes, dropped, text] = JSON.parse(out) as [string[], number, string];
    expect([outcomes, dropped]).toEqual([['ok'], 0]);
    writeFileSync(path, text);
    const found: unknown[] = [];
    const { damaged } = readJsonLines(path, (record) => found.push((record as [number])[0]));
    expect(found).toEqual(Array.from({ length: 900 }, (_, i) => i));
    expect(damaged).toBeGreaterThan(1);
    expect(damaged).toBeLessThan(20);
  });

  it('records nothing of a call of write that it refuses, and goes on when there is room', () => {
    const out = limited(
      4,
      `const troubles: unknown[] = [];
       const log = new AppendLog(path, { onTrouble: ({ error, missing }) => troubles.push([error?.code, missing]) });
       const outcomes: string[] = [];
       const write = (i: number) => outcomes.push(attempt(() => log.write(JSON.stringify([i, 'p'.repeat(90)]))));
       for (let i = 0; i < 100; i++) write(i);
       const first = readFileSync(path, 'utf8');
       truncateSync(path, 0);
       for (let i = 100; i < 110; i++) write(i);
       log.close();
       console.log(JSON.stringify([outcomes, troubles, first + readFileSync(path, 'utf8')]));`,
    );
    const [outcomes, troubles, text] = JSON.parse(out) as [string[], unknown, string];
    writeFileSync(path, text);
    const found: unknown[] = [];
    const { damaged } = readJsonLines(path, (record) => found.push((record as [number])[0]));
    expect(found).toEqual(outcomes.flatMap((outcome, i) => (outcome === 'ok' ? [i] : [])));
    const refused = outcomes.filter((outcome) => outcome === 'E_STORAGE').length;
    expect(refused).toBeGreaterThan(50);
    expect(damaged).toBe(1);
    expect(troubles).toEqual([
      ['E_STORAGE', 0],
      [null, refused],
    ]);
  });

  it('records all lines of a record that it takes, and none of one that it refuses', () => {
    const out = limited(
      4,
      `let now = 0;
       const log = new AppendLog(path, { clock: () => now });
       const outcomes: string[] = [];
       const moved: string[] = [];
       for (let i = 0; i < 2000; i++) {
         // Some wait in a block with others.
         if (i % 7 === 0) now += 0.3;
         const lines = Array.from({ length: i % 9 + 1 }, (_, n) => JSON.stringify([i, n, 'p'.repeat((i * n) % 300)]));
         outcomes.push(attempt(() => log.write(lines.join('\\n'))));
         if (outcomes.slice(-3).join() !== 'E_STORAGE,E_STORAGE,E_STORAGE') continue;
         moved.push(readFileSync(path, 'utf8'));
         truncateSync(path, 0);
       }
       while (attempt(() => log.flush()) !== 'ok') {
         moved.push(readFileSync(path, 'utf8'));
         truncateSync(path, 0);
       }
       log.close();
       console.log(JSON.stringify([outcomes, moved.join('') + readFileSync(path, 'utf8'), log.bytes]));`,
    );
    const [outcomes, text, bytes] = JSON.parse(out) as [string[], string, number];
    writeFileSync(path, text);
    const found: string[] = [];
    readJsonLines(path, (record) => found.push((record as number[]).slice(0, 2).join()));
    const taken = outcomes.flatMap((outcome, i) =>
      outcome === 'ok' ? Array.from({ length: (i % 9) + 1 }, (_, n) => `${i},${n}`) : [],
    );
    expect(found).toEqual(taken);
    expect(bytes).toBe(Buffer.byteLength(text));
    expect(outcomes.filter((outcome) => outcome === 'E_STORAGE').length).toBeGreaterThan(100);
    expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeGreaterThan(500);
  });

  it('takes nothing on trust while it fails, and keeps what a block held before', () => {
    const out = limited(
      4,
      `let now = 0;
       const log = new AppendLog(path, { clock: () => now });
       for (let i = 0; i < 1000; i++) log.write('x');
       const pad = 'p'.repeat(99);
       const outcomes: string[] = [];
       for (let i = 0; i < 40; i++) outcomes.push(attempt(() => log.write(String(i).padStart(3, '0') + pad)));
       outcomes.push(attempt(() => log.flush()));
       for (let i = 40; i < 50; i++) outcomes.push(attempt(() => log.write(String(i).padStart(3, '0') + pad)));
       const first = readFileSync(path, 'utf8');
       truncateSync(path, 0);
       outcomes.push(attempt(() => log.close()));
       console.log(JSON.stringify([outcomes, first + readFileSync(path, 'utf8')]));`,
    );
    const [outcomes, text] = JSON.parse(out) as [string[], string];
    const times = (count: number, outcome: string): string[] => Array.from({ length: count }, () => outcome);
    expect(outcomes).toEqual([...times(40, 'ok'), ...times(11, 'E_STORAGE'), 'ok']);
    const whole = text.split('\n').filter((line) => /^\d{3}p{99}$/.test(line));
    expect(whole.map((line) => Number.parseInt(line, 10))).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('keeps at most 8 MiB with keep, then drops the oldest whole records and counts them', () => {
    const out = limited(
      4,
      `const log = new AppendLog(path, { clock: () => 0 });
       const pad = 'p'.repeat(9990);
       const outcomes = new Set<string>();
       for (let i = 0; i < 1000; i++) outcomes.add(attempt(() => log.keep(String(i).padStart(5, '0') + pad)));
       const kept = log.bytes - statSync(path).size;
       console.log([...outcomes].join(), kept <= 8 * 1024 * 1024, kept > 8_200_000, kept % 9996, log.dropped === 1000 - kept / 9996);
       console.log(attempt(() => log.close()));`,
    );
    expect(out).toBe('ok true true 0 true\nE_STORAGE');
    const found: string[] = [];
    expect(readLines(path, (line) => found.push(line)).tornTail).toBe(true);
    expect(found).toEqual([]);
  });
});

describe('AppendLog and the end of the process', () => {
  it('does not keep the process alive', () => {
    const source = pathToFileURL(join(import.meta.dirname, '../../src/codec/append.ts')).href;
    const code = `import(${JSON.stringify(source)}).then(({ AppendLog }) => {
      const log = new AppendLog(${JSON.stringify(path)}, { clock: () => 0 });
      for (let i = 0; i < 1500; i++) log.write('x');
      process.on('exit', () => log.flush());
    });`;
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', '-e', code], { timeout: 20_000 });
    expect(status).toBe(0);
    expect(content()).toHaveLength(3000);
  });

  it('loses nothing within the budget when the process is killed', () => {
    const source = pathToFileURL(join(import.meta.dirname, '../../src/codec/append.ts')).href;
    const code = `import(${JSON.stringify(source)}).then(({ AppendLog }) => {
      const log = new AppendLog(${JSON.stringify(path)});
      for (let i = 0; i < 1000; i++) log.write('[' + i + ']');
      process.kill(process.pid, 'SIGKILL');
    });`;
    const { signal } = spawnSync(process.execPath, ['--import', 'tsx', '-e', code], { timeout: 20_000 });
    expect(signal).toBe('SIGKILL');
    const found: unknown[] = [];
    readJsonLines(path, (record) => found.push(record));
    expect(found).toEqual(Array.from({ length: 1000 }, (_, i) => [i]));
  });
});
