/** Whether a pattern of files or folders is absolute, or goes up anywhere. */
export function leavesFolder(pattern: string): boolean {
  const plain = pattern.replace(/^!/, '').replace(/\\(?=\.)/g, '');
  return /^[\\/]|^[a-z]:/i.test(plain) || plain.split(/[\\/{},()|]/).includes('..');
}
