const SIGNATURES: ReadonlyArray<readonly [type: string, bytes: readonly number[], at: number]> = [
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 0],
  ['jpg', [0xff, 0xd8, 0xff], 0],
  ['gif', [0x47, 0x49, 0x46, 0x38], 0],
  ['webp', [0x57, 0x45, 0x42, 0x50], 8],
];

/** The type of a picture by its first bytes: `png`, `jpg`, `gif`, `webp`, `svg`; undefined for anything else. */
export function imageType(bytes: Uint8Array): string | undefined {
  for (const [type, signature, at] of SIGNATURES) {
    if (signature.every((byte, index) => bytes[at + index] === byte)) return type;
  }
  const head = new TextDecoder().decode(bytes.subarray(0, 1024)).trimStart();
  return /^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(head) ? 'svg' : undefined;
}
