import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessIdentity, probeProcess, processIdentity } from '../../archive/process.ts';
import { storageError } from '../../codec/storage.ts';
import { onProcess } from '../../run/process-events.ts';
import { removeFolder } from '../folder-tree.ts';

/** A folder for one reproduction, readable by its owner alone. */
export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => void;
}

const PREFIX = 'comex-reproduce-';
/** Says whose the folder is. */
const OWNER = 'owner.json';

/** Makes a folder that is removed at the latest when the process exits; those of dead processes go, too. @throws ComexError `E_STORAGE` */
export function makeTemporary(): TemporaryFolder {
  removeLeftovers();
  let path: string;
  try {
    path = realpathSync(mkdtempSync(join(tmpdir(), PREFIX)));
    writeFileSync(join(path, OWNER), JSON.stringify(processIdentity()));
  } catch (error) {
    throw storageError(error, 'create', tmpdir());
  }
  const remove = (): void => {
    forget();
    removeFolder(path);
  };
  const forget = onProcess('exit', remove);
  return { path, remove };
}

function removeLeftovers(): void {
  const self = processIdentity();
  let names: string[] = [];
  try {
    names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  } catch {
    // What is wrong with it is said when a folder is made in it.
  }
  for (const path of names.map((name) => join(tmpdir(), name))) {
    try {
      const stat = lstatSync(path);
      if (!stat.isDirectory() || stat.uid !== process.getuid?.()) continue;
      const owner = JSON.parse(readFileSync(join(path, OWNER), 'utf8')) as ProcessIdentity;
      if (isDead(owner, self)) removeFolder(path);
    } catch {
      // Without an owner that can be read, it may be anybody's.
    }
  }
}

/** Whether a process is known to be over: one on another machine, or in another container, may go on. */
function isDead(owner: ProcessIdentity, self: ProcessIdentity): boolean {
  if (owner.host !== self.host || !Number.isInteger(owner.pid) || owner.pid <= 0) return false;
  if (owner.bootId !== null && self.bootId !== null && owner.bootId !== self.bootId) return true;
  if (owner.pidNamespace !== self.pidNamespace) return false;
  const facts = probeProcess(owner.pid);
  return (
    !facts.alive || (owner.processStart !== null && facts.start !== undefined && facts.start !== owner.processStart)
  );
}
