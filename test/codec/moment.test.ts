import { describe, expect, it } from 'vitest';
import { momentMs } from '../../src/codec/moment.ts';

describe('a moment', () => {
  it('is local time unless it names its zone, and midnight unless it names the time', () => {
    expect(momentMs('2026-01-31')).toBe(new Date(2026, 0, 31).getTime());
    expect(momentMs('2026-01')).toBe(new Date(2026, 0, 1).getTime());
    expect(momentMs('2026-01-31 12:30')).toBe(new Date(2026, 0, 31, 12, 30).getTime());
    expect(momentMs('2024-02-29T00:00:05.250Z')).toBe(Date.UTC(2024, 1, 29, 0, 0, 5, 250));
    for (const zone of ['+01:30', '+0130']) {
      expect(momentMs(`2026-01-31T12:00${zone}`)).toBe(Date.UTC(2026, 0, 31, 10, 30));
    }
  });

  it.each(['2026-13-45', '2026-02-29', '2026-04-31', '2026-01-31T25:00', '2026', '', '31.1.2026', 'Jan 31 2026', '2d'])(
    'is not %j',
    (text) => {
      expect(momentMs(text)).toBeUndefined();
    },
  );
});
