/** Whether a name, of a series or a table, fits one of the patterns, in which `*` is any text. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const sources = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*'),
  );
  const pattern = new RegExp(`^(?:${sources.join('|')})$`, 's');
  return (name) => pattern.test(name);
}
