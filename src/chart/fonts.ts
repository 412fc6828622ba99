import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The name under which the packaged font is known. No system font has it, so every machine draws with the same
 * letters, also one without any font.
 */
export const FONT_FAMILY = 'Comex Inter';

/** Inter 4.1 (SIL Open Font License): Latin, Greek, Cyrillic, arrows and mathematical signs. */
const FONT_FILES = ['Inter-Regular.woff2', 'Inter-SemiBold.woff2'] as const;

/** Where `assets/fonts/` can be, seen from this module: bundled in `dist/`, in a folder below it, or as source. */
const FONT_FOLDERS = ['./assets/fonts/', '../assets/fonts/', '../../assets/fonts/'] as const;

/** The paths of the packaged font's files: regular and semi-bold. Throws when the package is not whole. */
export function fontFiles(): readonly string[] {
  for (const folder of FONT_FOLDERS) {
    const files = FONT_FILES.map((file) => fileURLToPath(new URL(folder + file, import.meta.url)));
    if (files.every((file) => existsSync(file))) return files;
  }
  throw new Error(`The font files ${FONT_FILES.join(' and ')} are missing from the installed package.`);
}
