/** Bounds on regular expressions in queries: a query must end, whatever it asks. */

const MAX_LENGTH = 200;

/**
 * Why a regular expression of a query is refused; undefined when it is safe. It must be a literal, so that it is known
 * beforehand, and like RE2 it has no references back and no looking around. What may be repeated without end holds no
 * repetition and no alternatives itself: so no text takes exponential time.
 */
export function refusalOfPattern(pattern: string | undefined): string | undefined {
  if (pattern === undefined) return 'Expected matches() with a text in quotes.';
  if (pattern.length > MAX_LENGTH) return `Expected a pattern of at most ${MAX_LENGTH} characters in matches().`;
  try {
    new RegExp(pattern);
  } catch (error) {
    return `Expected a regular expression in matches(), but ${(error as Error).message}.`;
  }
  const bare = pattern.replace(/\[(?:\\.|[^\]\\])*\]/g, 'c');
  if (/\(\?(?!:)/.test(bare) || /\\[1-9k]/.test(bare)) {
    return 'Expected a pattern without look-around, named groups and references back in matches().';
  }
  return isNested(bare.replace(/\\./g, 'c'))
    ? 'Expected a pattern that repeats no group that holds a repetition or alternatives, for that may never end.'
    : undefined;
}

function isNested(pattern: string): boolean {
  const groups: { risky: boolean }[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const letter = pattern[i]!;
    if (letter === '(') groups.push({ risky: false });
    else if (letter === ')') {
      const closed = groups.pop();
      const repeated = /^(?:[*+]|\{\d+(?:,\d*)?\})/.test(pattern.slice(i + 1));
      if (repeated && closed?.risky === true) return true;
      const outer = groups.at(-1);
      if (outer !== undefined && (closed?.risky === true || repeated)) outer.risky = true;
    } else if (/[*+|{]/.test(letter) || (letter === '?' && pattern[i - 1] !== '(')) {
      const outer = groups.at(-1);
      if (outer !== undefined) outer.risky = true;
    }
  }
  return false;
}
