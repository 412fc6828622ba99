/** What stands in metadata where a secret was. */
export const REDACTED = '[redacted]';

/** Words that name a secret wherever they stand in a name. */
const SECRET_WORDS = new Set([
  'PASSWORD',
  'PASSWD',
  'PASSPHRASE',
  'SECRET',
  'CREDENTIAL',
  'CREDENTIALS',
  'APIKEY',
  'AUTHORIZATION',
]);
/** How deep secrets are looked for: a value may contain itself. */
const DEPTH = 100;
/** What makes a KEY a secret one. */
const SECRET_KEYS = new Set([
  'API',
  'ACCESS',
  'PRIVATE',
  'AUTH',
  'ENCRYPTION',
  'SIGNING',
  'SSH',
  'LICENSE',
  'ACCOUNT',
  'MASTER',
]);
/** What makes a TOKEN a word of a text model. */
const TEXT_TOKENS = new Set(
  'BOS CLASS CLS DECODER DELIMITER END EOS FIRST IMAGE LAST MASK MAX MIN NEXT NUM PAD PER SEP SEPARATOR SPECIAL START STOP TARGET UNK UNKNOWN'.split(
    ' ',
  ),
);

/** Whether a name says that its value is a secret: `API_KEY`, `authToken`; not `MAX_TOKENS`, `SORT_KEY`, `EOS_TOKEN`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  return words.some((word, index) => {
    const before = words[index - 1];
    if (SECRET_WORDS.has(word)) return true;
    if (word === 'KEY') return before !== undefined && SECRET_KEYS.has(before);
    return word === 'TOKEN' && index === words.length - 1 && (before === undefined || !TEXT_TOKENS.has(before));
  });
}

/** A copy of a value in which the texts under secret names are blotted out, with their paths and the texts. */
export function redactValue(
  value: unknown,
  path: string,
  found: { paths: string[]; texts: Set<string> },
  isSecret = false,
  depth = 0,
): unknown {
  if (typeof value === 'string') {
    if (!isSecret || value === '') return withoutPassword(value, path, found);
    found.paths.push(path);
    found.texts.add(value);
    return REDACTED;
  }
  if (typeof value !== 'object' || value === null || depth > DEPTH) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => redactValue(item, `${path}.${index}`, found, isSecret, depth + 1));
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const fields = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    redactValue(inner, `${path}.${key}`, found, isSecret || isSecretName(key), depth + 1),
  ]);
  return Object.fromEntries(fields);
}

/** The password of a URL, which may be the value of any parameter. */
const PASSWORD = /(\w+:\/\/[^/\s:@]*):([^/\s@]+)@/g;

function withoutPassword(text: string, path: string, found: { paths: string[]; texts: Set<string> }): string {
  if (!text.includes('://')) return text;
  return text.replace(PASSWORD, (_, before: string, password: string) => {
    found.paths.push(path);
    found.texts.add(password);
    return `${before}:${REDACTED}@`;
  });
}

/** The command line without its secrets: `--API_KEY x`, `--API_KEY=x`, and passwords in URLs. */
export function redactArgv(
  argv: readonly string[],
  isSecret: (name: string) => boolean,
): { argv: string[]; paths: string[] } {
  const paths: string[] = [];
  let hideNext = false;
  const clean = argv.map((word, index) => {
    if (hideNext) {
      hideNext = false;
      paths.push(`argv.${index}`);
      return REDACTED;
    }
    const option = /^--?([\w.-]+)(=)?/.exec(word);
    if (option !== null && option[1]!.split('.').some(isSecret)) {
      if (option[2] === undefined) {
        hideNext = !(argv[index + 1]?.startsWith('--') ?? true);
        return word;
      }
      paths.push(`argv.${index}`);
      return `${option[0]}${REDACTED}`;
    }
    const url = word.replace(PASSWORD, `$1:${REDACTED}@`);
    if (url !== word) paths.push(`argv.${index}`);
    return url;
  });
  return { argv: clean, paths };
}

/** A text (a patch) in which quoted or bare values that are assigned to secret names are blotted out. */
export function redactText(text: string): { text: string; count: number } {
  let count = 0;
  const clean = text.replace(
    /(?<![\w-])([A-Za-z_][\w-]{0,63})(?![\w-])(['"]?\s{0,20}(?::[\w\s|<>[\].]{1,60}?=|[:=])\s{0,20})(?:(['"`])((?:(?!\3)[^\\\n]|\\.)+)\3|([^\s'"`,;]{6,}))/g,
    (
      whole,
      name: string,
      between: string,
      quote: string | undefined,
      _quoted: string | undefined,
      bare: string | undefined,
    ) => {
      if (!isSecretName(name) || (bare !== undefined && /^(process|import|env|\$|\()/.test(bare))) return whole;
      count++;
      return `${name}${between}${quote ?? ''}${REDACTED}${quote ?? ''}`;
    },
  );
  return { text: clean, count };
}

/** Whether a file must not be copied into a run folder: keys, certificates, environment files. */
export function isSecretFile(path: string): boolean {
  const name = path.split(/[\\/]/).at(-1) ?? '';
  return /^\.env(\..+)?$|\.(pem|key|p12|pfx|keystore)$|^id_(rsa|dsa|ecdsa|ed25519)|^\.(npmrc|netrc|pgpass)$|^credentials(\.json)?$/i.test(
    name,
  );
}
