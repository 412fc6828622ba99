/**
 * Preloaded into a run, stands in for the clock of its machine: `COMEX_MOMENT` stops it at a time (in ms since the
 * epoch), and the code of the run may set it by `globalThis.setClock(ms)`, relative to the real one.
 */
const Real = Date;
const { COMEX_MOMENT } = process.env;
let shift = 0;
const now = () => (COMEX_MOMENT === undefined ? Real.now() + shift : Number(COMEX_MOMENT));

globalThis.setClock = (ms) => {
  shift = ms;
};

globalThis.Date = class extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts));
  }

  static now() {
    return now();
  }
};
