const DIGITS = String.raw`\d+(?:_\d+)*`;
const DECIMAL = new RegExp(
  `^(?:0|[1-9](?:_?\\d+(?:_\\d+)*)?)?(?:(?<=\\d)\\.(?:${DIGITS})?|(?<!\\d)\\.${DIGITS})?(?:(?<=[\\d.])[eE][+-]?${DIGITS})?$`,
);
const RADIX = /^0(?:[xX][\da-fA-F]+(?:_[\da-fA-F]+)*|[bB][01]+(?:_[01]+)*|[oO][0-7]+(?:_[0-7]+)*)$/;

/** A number in any notation of JavaScript, with an optional sign; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'NaN') return Number.NaN;
  const sign = /^[+-]/.exec(trimmed)?.[0] ?? '';
  const body = trimmed.slice(sign.length);
  if (body === 'Infinity') return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (body === '' || (!RADIX.test(body) && !DECIMAL.test(body))) return undefined;
  const value = Number(body.replaceAll('_', ''));
  return sign === '-' ? -value : value;
}

/** A bigint with or without its `n`; undefined for anything else. */
export function parseBigInt(text: string): bigint | undefined {
  const match = /^([+-]?)(\S*?)n?$/.exec(text.trim());
  const body = match?.[2] ?? '';
  if (!RADIX.test(body) && !/^(?:0|[1-9]\d*(?:_\d+)*)$/.test(body)) return undefined;
  const value = BigInt(body.replaceAll('_', ''));
  return match?.[1] === '-' ? -value : value;
}
