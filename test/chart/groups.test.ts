import { describe, expect, test } from 'vitest';
import { chartGroups } from '../../src/chart/groups.ts';

const many = (count: number, name: (i: number) => string) => Array.from({ length: count }, (_, i) => name(i));

describe('chartGroups', () => {
  test('gives every series its own picture while there are at most 24', () => {
    const { groups, left } = chartGroups(['loss', 'loss/train', 'Loss', 'loss']);
    expect(groups.map(({ names }) => names)).toEqual([['loss'], ['loss/train'], ['Loss']]);
    expect(groups[0]!.file).toBe('loss.png');
    expect(new Set(groups.map(({ file }) => file.toLowerCase())).size).toBe(3);
    expect(left).toEqual([]);
    expect(chartGroups(many(24, (i) => `a/${i}`)).groups).toHaveLength(24);
  });

  test('draws series with one prefix together once there are more than 24', () => {
    const { groups, left } = chartGroups([
      'loss',
      'grad/norm',
      ...many(20, (i) => `layer${i}/weight`),
      ...many(3, (i) => `loss/part${i}`),
    ]);
    expect(groups).toHaveLength(22);
    expect(groups[0]).toEqual({ file: 'loss.png', names: ['loss', 'loss/part0', 'loss/part1', 'loss/part2'] });
    expect(groups[1]!.names).toEqual(['grad/norm']);
    expect(left).toEqual([]);
  });

  test('draws at most 12 lines into a picture, and gives each its own file', () => {
    const { groups } = chartGroups(many(30, (i) => `loss/${i}`));
    expect(groups.map(({ names }) => names.length)).toEqual([12, 12, 6]);
    expect(new Set(groups.map(({ file }) => file)).size).toBe(3);
  });

  test('draws at most 24 pictures and names the rest', () => {
    const names = many(100, (i) => `series${i}`);
    const { groups, left } = chartGroups(names);
    expect(groups.flatMap((group) => group.names)).toEqual(names.slice(0, 24));
    expect(left).toEqual(names.slice(24));
  });

  test('never gives two pictures one file, also when a series is named like the second part of a group', () => {
    const { groups } = chartGroups([...many(25, (i) => `loss/${i}`), 'loss (2)', 'loss (3)']);
    expect(groups).toHaveLength(5);
    expect(new Set(groups.map(({ file }) => file)).size).toBe(5);
  });
});
