import { describe, expect, it } from 'vitest';
import { cleanStack } from '../../src/run/errors-record.ts';

const OWN = new URL('../../src/run/', import.meta.url).pathname;

function stack(...frames: string[]): string {
  return ['Error: no', ...frames.map((frame) => `    at ${frame}`)].join('\n');
}

describe('a stack that is shown', () => {
  it('has the frames of the user, and what they called of the language', () => {
    const mine = 'experiment (/home/ada/walk.ts:3:9)';
    expect(cleanStack(stack('Array.map (<anonymous>)', mine, `evaluate (${OWN}session.ts:1:2)`))).toBe(
      stack('Array.map (<anonymous>)', mine),
    );
  });

  it('leaves out what comex called of the language', () => {
    const inner = 'step (/home/ada/walk.ts:3:9)';
    const frames = [inner, 'Array.reduce (<anonymous>)', 'new Promise (<anonymous>)', `run (${OWN}run.ts:1:2)`];
    expect(cleanStack(stack(...frames))).toBe(stack(inner));
    expect(cleanStack(stack('Array.flatMap (<anonymous>)', `evaluate (${OWN}session.ts:1:2)`), true)).toBe('Error: no');
    expect(cleanStack(stack(inner, 'Array.map (<anonymous>)', 'node:internal/process/task_queues:95:5'))).toBe(
      stack(inner),
    );
  });

  it('is whole where there is no frame of the user to show', () => {
    const frames = ['Array.map (<anonymous>)', `evaluate (${OWN}session.ts:1:2)`];
    expect(cleanStack(stack(...frames))).toBe(stack(...frames));
  });
});
