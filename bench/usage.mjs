/** Preloaded into a measured process: its CPU time and peak memory go to file descriptor 3 when it ends. */
import { writeSync } from 'node:fs';

function report() {
  const { user, system } = process.cpuUsage();
  writeSync(
    3,
    `${JSON.stringify({ cpuMs: (user + system) / 1000, maxRssBytes: process.resourceUsage().maxRSS * 1024 })}\n`,
  );
}

// The end of a process that comes to its end by itself; after process.exit, listeners that come later still work.
process.on('exit', report);
const { reallyExit } = process;
process.reallyExit = (code) => {
  report();
  reallyExit.call(process, code);
};
