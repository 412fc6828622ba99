import { ComexError, didYouMean } from '../../errors.ts';

const KINDS = {
  text: { text: 'a text', is: (value: unknown) => typeof value === 'string' },
  texts: {
    text: 'a list of texts',
    is: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  },
  number: { text: 'a number', is: (value: unknown) => typeof value === 'number' },
  flag: { text: 'true or false', is: (value: unknown) => typeof value === 'boolean' },
} as const;

interface KindTypes {
  readonly text: string;
  readonly texts: readonly string[];
  readonly number: number;
  readonly flag: boolean;
}

/** The options of one of our own plugins, each of its kind. @throws ComexError `E_PLUGIN` */
export function checkOptions<const Kinds extends Readonly<Record<string, keyof KindTypes>>>(
  plugin: string,
  options: Readonly<Record<string, unknown>>,
  kinds: Kinds,
): { readonly [Name in keyof Kinds]?: KindTypes[Kinds[Name]] } {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      const known = Object.keys(kinds);
      const near = didYouMean(name, known);
      throw refuseOptions(
        plugin,
        `Expected no option "${name}".${near === '' ? ` It has ${known.join(', ')}.` : near}`,
      );
    }
    const kind = KINDS[kinds[name]!];
    if (!kind.is(value)) {
      throw refuseOptions(plugin, `Expected "${name}" to be ${kind.text}, got ${JSON.stringify(value)}.`);
    }
  }
  return options as { readonly [Name in keyof Kinds]?: KindTypes[Kinds[Name]] };
}

/** What is wrong with the options of a plugin. */
export function refuseOptions(plugin: string, problem: string): ComexError {
  return new ComexError('E_PLUGIN', `The plugin ${plugin} in comex.config.json: ${problem}`);
}
